import { Ring } from './ring.ts';
import type { SessionState } from './session-table.ts';

/** However late a tick is, the tracker's clock follows by no more: our own stall costs no session its life (H17 b). */
const TICKS_PER_TICK = 2;

/**
 * Sessions that expire at one tick, and whose ends wait at one time for their place in the log; the others follow, so
 * that thousands of them do not stall the living (ZOOKEEPER-1049).
 */
const EXPIRIES_MAX = 1000;

/**
 * The session tracker: buckets of a tick's width. A sign of life only writes a deadline; a session is moved to its new
 * bucket when its old one comes up.
 */
export class SessionExpiry {
  readonly #tickMs: number;
  readonly #buckets = new Map<number, SessionState[]>();
  readonly #due = new Ring<SessionState>();
  /** The tracker's own clock. */
  #nowMs = 0;
  #nextBucket = 0;

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  /** With one full timeout, at the start of a term as at the opening (H17 d). */
  add(state: SessionState): void {
    this.renew(state);
    this.#place(state);
  }

  renew(state: SessionState): void {
    state.deadlineMs = this.#nowMs + state.timeoutMs;
  }

  /**
   * Names the sessions whose time was over *before* this tick, and only then lets time go on: signs of life that
   * arrived since, or wait behind this tick, are heard first. `underWay`: expiries that are not proposed yet.
   */
  tick(elapsedMs: number, underWay: number, expire: (state: SessionState) => void): void {
    const present = Math.floor(this.#nowMs / this.#tickMs);
    for (; this.#nextBucket <= present; this.#nextBucket++) {
      const bucket = this.#buckets.get(this.#nextBucket);
      if (bucket === undefined) continue;
      this.#buckets.delete(this.#nextBucket);
      for (const state of bucket) {
        if (state.closing) continue;
        if (state.deadlineMs > this.#nowMs) this.#place(state);
        else this.#due.push(state);
      }
    }
    this.#expireDue(EXPIRIES_MAX - underWay, expire);
    this.#nowMs += Math.min(Math.max(elapsedMs, 0), TICKS_PER_TICK * this.#tickMs);
  }

  #expireDue(most: number, expire: (state: SessionState) => void): void {
    const waiting = this.#due.length;
    let expired = 0;
    for (let i = 0; i < waiting && expired < most; i++) {
      const state = this.#due.shift();
      if (state === undefined || state.closing) continue;
      if (state.deadlineMs > this.#nowMs) {
        this.#place(state);
        continue;
      }
      expired++;
      expire(state);
    }
  }

  #place(state: SessionState): void {
    const index = Math.ceil(state.deadlineMs / this.#tickMs);
    const bucket = this.#buckets.get(index);
    if (bucket === undefined) this.#buckets.set(index, [state]);
    else bucket.push(state);
  }
}
