import type { Zxid } from '@paddock/model';
import type { FrontendStream } from './frontend-stream.ts';
import type { ParkedRead } from './parked-read.ts';
import type { PendingAttach } from './pending-attach.ts';

export type FloorWaiter = ParkedRead | PendingAttach;

/** Who waits for a zxid to be applied: a heap by floor, then by arrival. */
export class FloorQueue {
  #heap: FloorWaiter[] = [];
  #arrived = 0;

  get count(): number {
    return this.#heap.length;
  }

  /** The lowest floor waited for; Infinity when nobody waits. */
  get lowest(): number {
    return this.#heap[0]?.floor ?? Infinity;
  }

  push(waiter: FloorWaiter): void {
    waiter.isWaiting = true;
    waiter.arrival = this.#arrived++;
    this.#heap.push(waiter);
    this.#rise(this.#heap.length - 1);
  }

  /** Takes one whose floor is reached, those that were cancelled left out. */
  takeReached(applied: Zxid): FloorWaiter | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.floor > applied) return undefined;
      this.#removeFirst();
      if (!first.isCancelled) return first;
    }
  }

  /** Cancels the unary reads of a stream that has ended. */
  cancelUnary(stream: FrontendStream): void {
    for (const waiter of this.#heap) {
      if (waiter.kind !== 'read' || waiter.session !== null || waiter.stream !== stream) continue;
      waiter.isCancelled = true;
    }
  }

  /** Takes those whose deadline has passed, in the order in which they came, and forgets the cancelled. */
  takeOverdue(nowMs: number): FloorWaiter[] {
    if (!this.#heap.some((it) => it.isCancelled || it.deadlineMs <= nowMs)) return [];
    const overdue: FloorWaiter[] = [];
    const kept: FloorWaiter[] = [];
    for (const waiter of this.#heap) {
      if (!waiter.isCancelled && waiter.deadlineMs > nowMs) {
        kept.push(waiter);
        continue;
      }
      waiter.isWaiting = false;
      if (!waiter.isCancelled) overdue.push(waiter);
    }
    overdue.sort((a, b) => a.arrival - b.arrival);
    this.#heap = kept;
    for (let i = (kept.length >>> 1) - 1; i >= 0; i--) this.#sink(i);
    return overdue;
  }

  #removeFirst(): void {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return;
    first.isWaiting = false;
    if (first === last) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #isBefore(a: FloorWaiter, b: FloorWaiter): boolean {
    return a.floor === b.floor ? a.arrival < b.arrival : a.floor < b.floor;
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      if (!this.#swapIfBefore(at, above)) return;
      at = above;
    }
  }

  #sink(start: number): void {
    let at = start;
    for (;;) {
      const left = at * 2 + 1;
      const a = this.#heap[left];
      const b = this.#heap[left + 1];
      if (a === undefined) return;
      const below = b !== undefined && this.#isBefore(b, a) ? left + 1 : left;
      if (!this.#swapIfBefore(below, at)) return;
      at = below;
    }
  }

  /** Swaps the two if the first belongs before the second. */
  #swapIfBefore(first: number, second: number): boolean {
    const a = this.#heap[first];
    const b = this.#heap[second];
    if (a === undefined || b === undefined || !this.#isBefore(a, b)) return false;
    this.#heap[first] = b;
    this.#heap[second] = a;
    return true;
  }
}
