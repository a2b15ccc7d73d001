import type { ClientSession } from './client-session.ts';

const FIRST_CAPACITY = 1024;

/**
 * Who asked for the reads that are on their way, by their number on the database's stream (from 1 on, without gaps).
 * Sessions are answered in different order, so the oldest number leaves when it and all before it are answered.
 */
export class InFlightReads {
  #first = 1;
  #next = 1;
  #owners: (ClientSession | null)[] = [];
  /** Of a session, the position of its read; of no session, the unary call. */
  #places: number[] = [];
  #open: boolean[] = [];
  #mask = -1;

  /** Forgets all: a new stream counts from 1 again. */
  reset(): void {
    this.#first = 1;
    this.#next = 1;
    this.#owners = [];
    this.#places = [];
    this.#open = [];
    this.#mask = -1;
  }

  /** The number of a read that is being sent. */
  add(owner: ClientSession | null, place: number): number {
    if (this.#next - this.#first > this.#mask) this.#grow();
    const number = this.#next++;
    const index = number & this.#mask;
    this.#owners[index] = owner;
    this.#places[index] = place;
    this.#open[index] = true;
    return number;
  }

  /** True while the read of this number waits for its answer. */
  isOpen(number: number): boolean {
    return number >= this.#first && number < this.#next && this.#open[number & this.#mask] === true;
  }

  owner(number: number): ClientSession | null {
    return this.#owners[number & this.#mask] ?? null;
  }

  place(number: number): number {
    return this.#places[number & this.#mask] ?? -1;
  }

  close(number: number): void {
    const index = number & this.#mask;
    this.#open[index] = false;
    this.#owners[index] = null;
    while (this.#first < this.#next && this.#open[this.#first & this.#mask] === false) {
      this.#first++;
    }
  }

  #grow(): void {
    const capacity = this.#mask < 0 ? FIRST_CAPACITY : (this.#mask + 1) * 2;
    const mask = capacity - 1;
    const owners = new Array<ClientSession | null>(capacity).fill(null);
    const places = new Array<number>(capacity).fill(-1);
    const open = new Array<boolean>(capacity).fill(false);
    for (let number = this.#first; number < this.#next; number++) {
      const from = number & this.#mask;
      const to = number & mask;
      owners[to] = this.#owners[from] ?? null;
      places[to] = this.#places[from] ?? -1;
      open[to] = this.#open[from] ?? false;
    }
    this.#owners = owners;
    this.#places = places;
    this.#open = open;
    this.#mask = mask;
  }
}
