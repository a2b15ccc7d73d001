import type { Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';

/** Bytes of one read of the log: long enough to stream, short enough not to hold up the loop. */
const READ_BYTES = 1024 * 1024;

/** Numbers the reads of the log, whoever asks: a number is one reader's. */
export class LogReads {
  #last = 0;

  /**
   * Asks for entries behind `after` where the window has room for a read that is worth it; the number of the read, 0
   * for none.
   */
  ask(after: Zxid, windowBytes: number, windowMax: number, out: BroadcasterEffects): number {
    const room = windowMax - windowBytes;
    // Few large reads instead of many small ones.
    if (room * 2 < windowMax) return 0;
    this.#last++;
    out.readLog.push({ read: this.#last, after, maxBytes: Math.min(READ_BYTES, room) });
    return this.#last;
  }
}
