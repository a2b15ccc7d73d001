import type { WatchEvent } from './operation.ts';
import { makeZxid, maxZxid, trustedZxid } from './zxid.ts';
import type { Zxid } from './zxid.ts';

/** Below every entry, since epochs count from 1; and not ZXID_ZERO, which asks for what happens from now on. */
const BEFORE_ALL = makeZxid(0, 1);

/** Where a watch begins that has begun at `zxid`. */
export function watchStart(zxid: Zxid): Zxid {
  return maxZxid(zxid, BEFORE_ALL);
}

/**
 * How far a watch without a session was told. Events come in the order of their zxids, several with one zxid where a
 * transaction makes them, and the stream may break between those: the next one tells all of that zxid again.
 */
export class StreamProgress {
  /** Every event up to here was told. */
  #through: Zxid;
  /** Those told behind it have this zxid. */
  #last: Zxid;
  #told = new Map<string, number>();
  /** Told before the stream broke, and not yet again. */
  #again = new Map<string, number>();

  constructor(from: Zxid) {
    this.#through = from;
    this.#last = from;
  }

  /** What another stream is to be asked for: events behind this. */
  get from(): Zxid {
    return this.#through;
  }

  covered(through: Zxid): void {
    if (through > this.#through) this.#through = through;
  }

  streamEnded(): void {
    this.#again = new Map(this.#told);
  }

  /** False for one that was told before. */
  tells({ kind, path, zxid }: WatchEvent): boolean {
    if (zxid <= this.#through || zxid < this.#last) return false;
    if (zxid > this.#last) {
      this.#last = zxid;
      this.#told = new Map();
      this.#again = new Map();
      // More may come of the same transaction.
      this.covered(trustedZxid(zxid - 1));
    }
    const key = `${kind} ${path}`;
    const again = this.#again.get(key) ?? 0;
    if (again > 0) {
      this.#again.set(key, again - 1);
      return false;
    }
    this.#told.set(key, (this.#told.get(key) ?? 0) + 1);
    return true;
  }
}
