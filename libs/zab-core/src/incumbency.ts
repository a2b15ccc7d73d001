import { encodeConfiguration } from '@paddock/codec';
import { EPOCH_MAX, EPOCH_ZERO, makeEpoch } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import { dismissRemoved } from './dismissal.ts';
import type { Delivery } from './delivery.ts';
import type { Elections } from './elections.ts';
import type { Ensemble } from './ensemble.ts';
import type { Leadership } from './leadership.ts';
import type { Roles } from './roles.ts';
import type { Tenure } from './tenure.ts';

/** What a leader needs to stay one: its stages (H18), nobody newer, and an epoch that reaches all learners (H24). */
export class Incumbency {
  readonly #ensemble: Ensemble;
  readonly #roles: Roles;
  readonly #elections: Elections;
  readonly #tenure: Tenure;
  readonly #delivery: Delivery;
  /** Since when no database or no processor takes part, in monotonic milliseconds; null while both do. */
  #unservedSince: number | null = null;

  constructor(
    ensemble: Ensemble,
    roles: Roles,
    elections: Elections,
    tenure: Tenure,
    delivery: Delivery,
  ) {
    this.#ensemble = ensemble;
    this.#roles = roles;
    this.#elections = elections;
    this.#tenure = tenure;
    this.#delivery = delivery;
  }

  /** A leader without its processor or its database is none (H18). */
  tick(nowMs: number, out: BroadcasterEffects): void {
    const since = this.#unservedSince;
    const { leadership } = this.#roles;
    if (leadership === null || since === null) return;
    if (nowMs - since < this.#ensemble.timing.stageLostMs) return;
    const reason = this.#delivery.isServed ? 'the processor is lost' : 'the database is lost';
    const isAlone = this.#ensemble.memberships.quorum().isWon([this.#ensemble.self]);
    if (isAlone) this.#tenure.end(reason, out);
    else leadership.lost ??= reason;
  }

  advance(nowMs: number, out: BroadcasterEffects): void {
    const { leadership, isServed } = this.#roles;
    if (leadership === null || isServed) this.#unservedSince = null;
    else this.#unservedSince ??= nowMs;
    if (leadership === null) return;
    const outrun = leadership.takeOutrun();
    if (outrun > 0) this.#goAbove(outrun, leadership, out);
    const newer = this.#elections.electors.leader(nowMs);
    if (newer !== null && newer.leads > leadership.epoch) {
      leadership.lost ??= `replica ${newer.replica} leads epoch ${newer.leads}`;
    }
    if (leadership.lost !== null) {
      this.#roles.look(leadership.lost, leadership.phase !== 'broadcast', nowMs, out);
      return;
    }
    leadership.advance(out);
    this.#tenure.requestRounds();
    leadership.advanceRounds(nowMs, this.#tenure.isHeld, out);
    if (leadership.phase !== 'broadcast') return;
    if (isServed) this.#tenure.grant(leadership.epoch, out);
    if (!this.#tenure.isConfirmed) return;
    dismissRemoved(this.#ensemble, leadership.learners, out);
    const { revision } = this.#ensemble.memberships;
    if (this.#tenure.isConfiguring(revision)) return;
    const wanted = leadership.wantedConfiguration;
    if (wanted !== null) this.#tenure.configure(encodeConfiguration(wanted), revision, out);
  }

  /** The same leader runs discovery again: no election that a client could see (H24). */
  rollOver(reason: string, out: BroadcasterEffects, above = EPOCH_ZERO): void {
    this.#tenure.isExhausted = false;
    const { leadership } = this.#roles;
    if (leadership === null) return;
    const { promised } = this.#ensemble.epochs;
    const highest = promised > above ? promised : above;
    if (highest >= EPOCH_MAX) {
      out.fatal = { code: 'epochsExhausted', reason: 'the last epoch has been used' };
      return;
    }
    this.#tenure.end(reason, out);
    leadership.discoverAgain(makeEpoch(highest + 1), out);
  }

  /** A learner has accepted a later epoch, of a candidate that failed: it can only follow above that. */
  #goAbove(outrun: number, leadership: Leadership, out: BroadcasterEffects): void {
    const { epochs, memberships } = this.#ensemble;
    const epoch = makeEpoch(outrun);
    if (!this.#elections.electors.isPlausible(epoch, epochs.accepted, memberships.voters)) {
      const message = 'a learner claims an epoch far above every known one, and is not believed';
      out.events.push({ level: 'error', message, epoch, detail: { accepted: epochs.accepted } });
      return;
    }
    if (epoch >= leadership.epoch) {
      this.rollOver(`a learner has accepted epoch ${epoch}`, out, epoch);
    }
  }
}
