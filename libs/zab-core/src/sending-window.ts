import { ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';

/** What was sent to one reader of the history and is not confirmed by it: bounded in bytes by whoever sends. */
export class SendingWindow {
  /** The last entry that was sent, and the last that was confirmed. */
  sent: Zxid = ZXID_ZERO;
  confirmed: Zxid = ZXID_ZERO;
  bytes = 0;

  /** Batches that make up the window, in order; what is before #head has been confirmed. */
  #lastZxids: Zxid[] = [];
  #sizes: number[] = [];
  #head = 0;

  startAt(zxid: Zxid): void {
    this.sent = zxid;
    this.confirmed = zxid;
    this.bytes = 0;
    this.#lastZxids = [];
    this.#sizes = [];
    this.#head = 0;
  }

  markSent(last: Zxid, bytes: number): void {
    this.sent = last;
    this.bytes += bytes;
    this.#lastZxids.push(last);
    this.#sizes.push(bytes);
  }

  markConfirmed(zxid: Zxid): void {
    if (zxid > this.confirmed) this.confirmed = zxid;
    while (this.#head < this.#sizes.length) {
      const last = this.#lastZxids[this.#head];
      if (last === undefined || last > zxid) break;
      this.bytes -= this.#sizes[this.#head] ?? 0;
      this.#head++;
    }
    if (this.#head < 64 || this.#head * 2 < this.#sizes.length) return;
    this.#lastZxids = this.#lastZxids.slice(this.#head);
    this.#sizes = this.#sizes.slice(this.#head);
    this.#head = 0;
  }
}
