import type { VirtualTime } from './virtual-time.ts';

const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;

/** What happened in one run, line by line, for whoever looks; and folded into a hash. */
export class Trace {
  readonly #time: VirtualTime;
  readonly #print: ((line: string) => void) | null;
  #low = BASIS;
  #high = 0x5bd1e995;

  constructor(time: VirtualTime, print: ((line: string) => void) | null) {
    this.#time = time;
    this.#print = print;
  }

  /** Two runs that did the same have the same. */
  get hash(): string {
    return [this.#high, this.#low].map((it) => it.toString(16).padStart(8, '0')).join('');
  }

  /** False: nobody looks, so what is costly to say need not be said. */
  get isRead(): boolean {
    return this.#print !== null;
  }

  tell(who: string, what: string): void {
    if (this.#print === null) return;
    const line = `${this.#time.nowMs.toFixed(3).padStart(11)}  ${who.padEnd(22)} ${what}`;
    this.#fold(line);
    this.#print(line);
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
