import type { Zxid } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import type { Availability } from './availability.ts';
import type { DatabaseEffects } from './database-effects.ts';
import type { DatabaseState } from './database-state.ts';
import type { Frontends } from './frontends/frontends.ts';

/** Has it confirmed by probes how fresh this replica is, and tells the front-ends what follows from that (H13). */
export class Confirmation {
  readonly #state: DatabaseState;
  readonly #availability: Availability;
  readonly #frontends: Frontends;
  readonly #clock: Clock;
  #broadcaster: number | null = null;

  constructor(
    state: DatabaseState,
    availability: Availability,
    frontends: Frontends,
    clock: Clock,
  ) {
    this.#state = state;
    this.#availability = availability;
    this.#frontends = frontends;
    this.#clock = clock;
  }

  broadcasterConnected(link: number, out: DatabaseEffects): void {
    this.#broadcaster = link;
    this.#availability.freshness.restart();
    this.probe(out);
  }

  broadcasterEnded(): void {
    this.#broadcaster = null;
    this.#availability.freshness.restart();
  }

  /** By the clock: to be called before anything that may have waited while this process was stopped. */
  check(out: DatabaseEffects): void {
    if (!this.#availability.check()) return;
    const { isServing, reason } = this.#availability;
    this.#frontends.announce({ kind: 'serving', serving: isServing, reason }, out);
  }

  /** What is known of this database has changed. */
  changed(out: DatabaseEffects): void {
    this.check(out);
    this.#frontends.freshened(out);
  }

  probe(out: DatabaseEffects): void {
    if (this.#broadcaster === null) return;
    const probe = this.#availability.freshness.probe(this.#clock.monotonicMs());
    out.broadcaster.push(this.#broadcaster, { kind: 'probe', probe });
  }

  /**
   * A read that is to be fresher than this replica is does not wait for the tick. One probe sent behind them serves all
   * that wait, as soon as what its answer names is applied: a replica that lags asks no oftener for it.
   */
  probeForReads(out: DatabaseEffects): void {
    const { freshness } = this.#availability;
    if (freshness.isUnderWay) return;
    if (this.#frontends.waitingForFreshnessSinceMs > freshness.newestSentMs) this.probe(out);
  }

  answered(probe: number, floor: Zxid, out: DatabaseEffects): void {
    const { freshness } = this.#availability;
    if (freshness.answered(probe, floor, this.#state.applied)) this.changed(out);
    this.probeForReads(out);
  }

  applied(out: DatabaseEffects): void {
    if (!this.#availability.freshness.reached(this.#state.applied)) return;
    this.changed(out);
    this.probeForReads(out);
  }
}
