import { ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';

/** connected → asking (has said where it stands) → delivering, or needsSnapshot for good. */
export type DatabaseLinkState = 'connected' | 'asking' | 'delivering' | 'needsSnapshot';

/** Where one database stands. */
export class DatabaseLink {
  readonly link: number;
  state: DatabaseLinkState = 'connected';
  snapshot: Zxid = ZXID_ZERO;
  applied: Zxid = ZXID_ZERO;
  delivered: Zxid = ZXID_ZERO;
  /** Number of the read of the log that is under way; 0: none. */
  read = 0;
  purgeBelow: Zxid = ZXID_ZERO;
  /** Bytes delivered and not applied yet. */
  windowBytes = 0;

  /** Batches that make up the window, in order; what is before #head has been applied. */
  #lastZxids: Zxid[] = [];
  #sizes: number[] = [];
  #head = 0;

  constructor(link: number) {
    this.link = link;
  }

  ask(applied: Zxid, snapshot: Zxid): void {
    this.state = 'asking';
    this.applied = applied;
    this.delivered = applied;
    this.snapshot = snapshot;
  }

  markDelivered(last: Zxid, bytes: number): void {
    this.delivered = last;
    this.windowBytes += bytes;
    this.#lastZxids.push(last);
    this.#sizes.push(bytes);
  }

  markApplied(zxid: Zxid): void {
    if (zxid > this.applied) this.applied = zxid;
    while (this.#head < this.#sizes.length) {
      const last = this.#lastZxids[this.#head];
      if (last === undefined || last > zxid) break;
      this.windowBytes -= this.#sizes[this.#head] ?? 0;
      this.#head++;
    }
    if (this.#head < 64 || this.#head * 2 < this.#sizes.length) return;
    this.#lastZxids = this.#lastZxids.slice(this.#head);
    this.#sizes = this.#sizes.slice(this.#head);
    this.#head = 0;
  }
}
