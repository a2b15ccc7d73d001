import type { Clock } from '@paddock/ports';
import { Freshness } from './freshness.ts';

/** What keeps a database from telling of its state until another takes its place. */
export type Hindrance = 'contradicted' | 'needsSnapshot';

const REASONS = {
  contradicted: 'a majority of the databases has come to another state than this one',
  needsSnapshot: 'this database is so far behind that it needs a snapshot',
  stale: 'this replica was not confirmed to be up to date for too long',
} as const;

/** Whether the database tells of its state, and how fresh that is (H13, H22). */
export class Availability {
  readonly freshness = new Freshness();
  readonly #clock: Clock;
  readonly #staleReadsMs: number;
  #hindrance: Hindrance | null = null;
  /** Null while it serves. */
  #reason: string | null = REASONS.stale;

  constructor(clock: Clock, staleReadsMs: number) {
    this.#clock = clock;
    this.#staleReadsMs = staleReadsMs;
  }

  get isServing(): boolean {
    return this.#reason === null;
  }

  /**
   * Whether it does not serve for the sole reason that nobody confirms how fresh it is any more. What it has was
   * committed, and is not the beginning of a replay: it served before.
   */
  get isReadOnly(): boolean {
    return this.#reason === REASONS.stale && this.freshness.freshMs > -Infinity;
  }

  /** Why it does not serve; empty where it does. */
  get reason(): string {
    return this.#reason ?? '';
  }

  get freshAgoMs(): number {
    return this.#clock.monotonicMs() - this.freshness.freshMs;
  }

  hinder(hindrance: Hindrance): void {
    if (this.#hindrance !== 'contradicted') this.#hindrance = hindrance;
  }

  /** True where `isServing` is another one now. To be called before anything is answered. */
  check(): boolean {
    const before = this.isServing;
    const hindrance =
      this.#hindrance ?? (this.freshAgoMs <= this.#staleReadsMs ? null : ('stale' as const));
    this.#reason = hindrance === null ? null : REASONS[hindrance];
    return this.isServing !== before;
  }

  /**
   * Whether a read need not wait: it will find a state that is fresh enough for it, or be refused. What was confirmed
   * by a probe sent after the read had come is as fresh as a linearizable read would be, however small its bound:
   * nothing fresher can be had of a replica, so that nobody asks for it again and again.
   */
  isSettled(stalenessMs: number, arrivedMs: number): boolean {
    if (stalenessMs === Infinity || this.#hindrance !== null) return true;
    return this.freshness.freshMs >= arrivedMs || this.freshAgoMs <= stalenessMs;
  }
}
