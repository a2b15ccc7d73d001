import type { Zxid } from '@paddock/model';

/** Probes whose send times are remembered: far more than are under way at one time. */
const REMEMBERED = 64;

/**
 * As of when this replica is known to have applied all that was committed: the send time of a probe of its own, once
 * what its answer names is applied. Never the time at which anything was received, since that may have lain in a
 * socket while this process was stopped (H13).
 */
export class Freshness {
  /** By number modulo REMEMBERED: when the probe was sent, and what its answer says; NaN where nothing is to come. */
  readonly #sentMs = new Float64Array(REMEMBERED).fill(NaN);
  readonly #floors = new Float64Array(REMEMBERED).fill(NaN);
  #sent = 0;
  #answered = 0;
  /** Answered probes whose floor is not applied. */
  #unreached = 0;
  #freshMs = -Infinity;

  /** Everything committed until then has been applied, ms of the monotonic clock. */
  get freshMs(): number {
    return this.#freshMs;
  }

  /** When the newest probe of this link was sent; -Infinity before the first. */
  get newestSentMs(): number {
    return this.#sent === 0 ? -Infinity : (this.#sentMs[this.#sent % REMEMBERED] ?? -Infinity);
  }

  /** The newest probe is not answered. */
  get isUnderWay(): boolean {
    return this.#sent > this.#answered;
  }

  /** A new link: its probes count from 1 on, and nothing of the link before is answered any more. */
  restart(): void {
    this.#sentMs.fill(NaN);
    this.#floors.fill(NaN);
    this.#sent = 0;
    this.#answered = 0;
    this.#unreached = 0;
  }

  /** The number of a probe that is sent now. */
  probe(nowMs: number): number {
    this.#sent += 1;
    const slot = this.#sent % REMEMBERED;
    if (!Number.isNaN(this.#floors[slot])) this.#unreached -= 1;
    this.#sentMs[slot] = nowMs;
    this.#floors[slot] = NaN;
    return this.#sent;
  }

  /** True where the replica is fresher by it. */
  answered(probe: number, floor: Zxid, applied: Zxid): boolean {
    const isKnown = probe > this.#answered && probe <= this.#sent;
    if (!isKnown || probe <= this.#sent - REMEMBERED) return false;
    this.#answered = probe;
    this.#floors[probe % REMEMBERED] = floor;
    this.#unreached += 1;
    return this.reached(applied);
  }

  /** True where the replica is fresher by what was applied. */
  reached(applied: Zxid): boolean {
    if (this.#unreached === 0) return false;
    const before = this.#freshMs;
    for (let slot = 0; slot < REMEMBERED; slot++) {
      const floor = this.#floors[slot];
      if (floor === undefined || !(floor <= applied)) continue;
      this.#floors[slot] = NaN;
      this.#unreached -= 1;
      this.#freshMs = Math.max(this.#freshMs, this.#sentMs[slot] ?? -Infinity);
    }
    return this.#freshMs > before;
  }
}
