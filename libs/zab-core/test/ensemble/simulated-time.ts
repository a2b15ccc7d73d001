/** A seeded generator (mulberry32): the same seed gives the same run. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  real(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.real() * bound);
  }

  pick<T>(values: readonly T[]): T | undefined {
    return values[this.below(values.length)];
  }

  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, at: this.real() }))
      .sort((a, b) => a.at - b.at)
      .map((it) => it.value);
  }
}

interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** The one queue of everything that will happen: a binary heap, the soonest first. */
export class SimulatedTime {
  nowMs = 0;
  #order = 0;
  readonly #heap: Task[] = [];

  after(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    const task = { atMs: this.nowMs + delayMs, order: this.#order++, run };
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent];
      if (other === undefined || isSooner(other, task)) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = task;
  }

  /** Runs until then, or until `isDone`, which is asked once a millisecond; true if it was done. */
  run(untilMs: number, isDone: () => boolean = () => false): boolean {
    let askedMs = -Infinity;
    for (;;) {
      if (this.nowMs >= askedMs + 1) {
        askedMs = this.nowMs;
        if (isDone()) return true;
      }
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#removeFirst();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
    return isDone();
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let sooner = heap[child];
      const right = heap[child + 1];
      if (sooner === undefined) break;
      if (right !== undefined && isSooner(right, sooner)) {
        sooner = right;
        child++;
      }
      if (isSooner(moved, sooner)) break;
      heap[at] = sooner;
      at = child;
    }
    heap[at] = moved;
  }
}

function isSooner(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
