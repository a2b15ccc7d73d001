import type { VirtualTime } from './virtual-time.ts';

const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;

/** One line of what happened. */
export interface TraceLine {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  /** A message, a step of a disk: what only those read who look at one moment. */
  readonly isDetail: boolean;
}

/** What happened in one run, line by line, for whoever looks; and folded into a hash. */
export class Trace {
  readonly #time: VirtualTime;
  readonly #read: ((line: TraceLine) => void) | null;
  #low = BASIS;
  #high = 0x5bd1e995;

  constructor(time: VirtualTime, read: ((line: TraceLine) => void) | null) {
    this.#time = time;
    this.#read = read;
  }

  /** Two runs that did the same have the same, as far as somebody has read both. */
  get hash(): string {
    return [this.#high, this.#low].map((it) => it.toString(16).padStart(8, '0')).join('');
  }

  /** False: nobody looks, so what is costly to say need not be said. */
  get isRead(): boolean {
    return this.#read !== null;
  }

  tell(who: string, what: string): void {
    this.#line(who, what, false);
  }

  detail(who: string, what: string): void {
    this.#line(who, what, true);
  }

  #line(who: string, what: string, isDetail: boolean): void {
    if (this.#read === null) return;
    const atMs = this.#time.nowMs;
    this.#fold(`${atMs} ${who} ${what}`);
    this.#read({ atMs, who, what, isDetail });
  }

  #fold(line: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < line.length; i++) {
      const unit = line.charCodeAt(i);
      low = Math.imul(low ^ unit, PRIME);
      high = Math.imul(high ^ unit ^ (low >>> 13), PRIME);
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }
}
