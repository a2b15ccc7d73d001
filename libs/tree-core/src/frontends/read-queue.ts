import type { ParkedRead } from './parked-read.ts';

/** The parked reads of one session, first in first out, linked through themselves. */
export class ReadQueue {
  #first: ParkedRead | null = null;
  #last: ParkedRead | null = null;

  get first(): ParkedRead | null {
    return this.#first;
  }

  push(read: ParkedRead): void {
    if (this.#last === null) this.#first = read;
    else this.#last.next = read;
    this.#last = read;
  }

  removeFirst(): void {
    const first = this.#first;
    if (first === null) return;
    this.#first = first.next;
    first.next = null;
    if (this.#first === null) this.#last = null;
  }
}
