import { counterOf, epochOf, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { Change, Zxid } from '@paddock/model';

/** Tombstones are dropped a good many at a time: this part of their life is the longest that they stay beyond it. */
const SLACK = 8;

/**
 * When the outcomes of ended sessions may be forgotten (H20): after a number of transactions, counted within the epoch,
 * so that those of earlier epochs go once this one is old enough.
 */
export class Tombstones {
  readonly #life: number;
  /** No tombstone is older; ZXID_ZERO: there is none. */
  #oldest: Zxid;
  #newest: Zxid;

  constructor(life: number, oldest: Zxid, lastProposed: Zxid) {
    this.#life = life;
    this.#oldest = oldest;
    this.#newest = oldest === ZXID_ZERO ? ZXID_ZERO : lastProposed;
  }

  sessionEnded(zxid: Zxid): void {
    if (this.#oldest === ZXID_ZERO) this.#oldest = zxid;
    this.#newest = zxid;
  }

  take(lastAssigned: Zxid): Change | null {
    const counter = counterOf(lastAssigned);
    if (this.#oldest === ZXID_ZERO || counter <= this.#life) return null;
    const through = makeZxid(epochOf(lastAssigned), counter - this.#life);
    if (through < this.#oldest) return null;
    if (through < this.#newest && through - this.#oldest < this.#life / SLACK) return null;
    this.#oldest =
      through < this.#newest ? makeZxid(epochOf(through), counterOf(through) + 1) : ZXID_ZERO;
    return { kind: 'dropTombstones', through };
  }
}
