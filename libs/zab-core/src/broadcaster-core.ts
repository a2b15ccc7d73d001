import { assert, COUNTER_MAX, formatZxid } from '@paddock/model';
import type { EnsembleConfiguration, EpochRecord, Limits, Timing } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import { Delivery } from './delivery.ts';
import type { BroadcasterEffects, BroadcasterFailure } from './broadcaster-effects.ts';
import { Establishment } from './establishment.ts';
import type { BroadcasterEvent, RecoveredHistory } from './broadcaster-event.ts';
import { History } from './history.ts';
import { membershipFailure } from './membership.ts';
import type { ReplicaIdentity } from './membership.ts';
import { Proposals } from './proposals.ts';
import { Quorum } from './quorum.ts';
import { statusOf } from './broadcaster-status.ts';
import type { BroadcasterStatus } from './broadcaster-status.ts';
import { Tenure } from './tenure.ts';
import { Terms } from './terms.ts';

export interface BroadcasterOptions {
  readonly self: ReplicaIdentity;
  readonly limits: Limits;
  readonly timing: Timing;
  /** The counter at which an epoch is ended and the next one established; less than the whole only in tests. */
  readonly lastCounter?: number;
}

export interface BroadcasterDependencies {
  readonly clock: Clock;
}

/** The processor may have this many entries under way when an epoch runs out: so much of the counter stays unused. */
const COUNTER_RESERVE = 2 ** 20;

/**
 * The Zab broadcaster of one replica (paper 4.2; Zab phases 1 to 3): establishes epochs, takes proposals of one term
 * at a time, commits what a quorum has made durable, and delivers it to the database of its replica.
 */
export class BroadcasterCore {
  readonly #self: ReplicaIdentity;
  readonly #timing: Timing;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #terms = new Terms();
  readonly #establishment: Establishment;
  readonly #tenure: Tenure;
  readonly #delivery: Delivery;
  #quorum: Quorum | null = null;
  #configuration: EnsembleConfiguration | null = null;
  /** Since when no database takes part, in monotonic milliseconds; null while one does. */
  #unservedSince: number | null = null;
  #heldAnnounced = false;
  #failure: BroadcasterFailure | null = null;

  constructor(options: BroadcasterOptions, dependencies: BroadcasterDependencies) {
    this.#self = options.self;
    this.#timing = options.timing;
    this.#clock = dependencies.clock;
    this.#history = new History(options.limits.deliveryWindowBytes + options.limits.queueBytes);
    this.#establishment = new Establishment(options.self.replica);
    const proposals = new Proposals(
      this.#history,
      this.#terms,
      options.lastCounter ?? COUNTER_MAX - COUNTER_RESERVE,
      options.limits.linkMessageBytes,
      (configuration) => this.#obey(configuration),
    );
    this.#tenure = new Tenure(this.#history, this.#terms, proposals, options.limits);
    this.#delivery = new Delivery(this.#history, options.limits);
  }

  step(event: BroadcasterEvent, out: BroadcasterEffects): void {
    if (this.#failure !== null) return;
    this.#take(event, out);
    if (out.fatal === null) this.#advance(out);
    this.#failure = out.fatal;
    if (this.#failure !== null) this.#stop(this.#failure, out);
  }

  status(): BroadcasterStatus {
    return statusOf(
      this.#establishment,
      this.#history,
      this.#terms,
      this.#tenure.processorAddress,
      this.#delivery,
      this.#configuration,
      this.#failure,
    );
  }

  #take(event: BroadcasterEvent, out: BroadcasterEffects): void {
    switch (event.kind) {
      case 'recovered':
        this.#recover(event.history, out);
        break;
      case 'tick':
        this.#tick(out);
        break;
      case 'processorConnected':
        this.#tenure.connect(event.link, out);
        break;
      case 'processorReceived':
        this.#tenure.receive(event.link, event.messages, out);
        break;
      case 'processorEnded':
        this.#tenure.disconnect(event.link, out);
        break;
      case 'databaseConnected':
        this.#delivery.connect(event.link);
        break;
      case 'databaseReceived':
        this.#delivery.receive(event.link, event.messages, this.#terms.isHeld, out);
        break;
      case 'databaseEnded':
        this.#delivery.disconnect(event.link);
        break;
      case 'logDurable':
        this.#history.markDurable(event.zxid);
        break;
      case 'logRead':
        this.#delivery.logRead(event.read, event.entries, out);
        break;
      case 'logPurged':
        this.#delivery.logPurged(event.logStart);
        break;
      case 'epochsWritten':
        this.#epochsWritten(event.epochs, out);
        break;
      case 'diskFailed':
        out.fatal = { code: 'diskFailed', reason: event.reason };
    }
  }

  /** What follows from the new state, whatever the event was. */
  #advance(out: BroadcasterEffects): void {
    const tenure = this.#tenure;
    if (tenure.isExhausted) this.#rollOver(out);
    this.#watchDatabase();
    const quorum = this.#quorum;
    const isLeading = quorum !== null && this.#establishment.phase === 'broadcast';
    if (isLeading) {
      this.#commit(quorum);
      // A leader needs its processor and its database (H18).
      if (this.#delivery.isServed) tenure.grant(this.#establishment.epoch, out);
    }
    this.#delivery.advance(out);
    this.#history.release(this.#delivery.deliveredToAll);
    if (isLeading) tenure.confirm(quorum, this.#self.replica, this.#supportsItself(), out);
    tenure.regulate(out);
    if (this.#heldAnnounced !== this.#terms.isHeld) {
      this.#heldAnnounced = this.#terms.isHeld;
      this.#delivery.announceTerm(this.#heldAnnounced, out);
    }
  }

  #recover(history: RecoveredHistory, out: BroadcasterEffects): void {
    assert(this.#quorum === null, 'a broadcaster recovers once');
    const failure = membershipFailure(history.configuration, this.#self);
    if (failure !== null) {
      out.fatal = failure;
      return;
    }
    this.#adopt(history.configuration);
    this.#history.recover(history.lastZxid, history.committed);
    this.#establishment.recover(history.epochs);
    out.events.push({
      level: 'info',
      message: 'the log is recovered',
      epoch: history.epochs.currentEpoch,
      zxid: history.lastZxid,
      detail: { committed: formatZxid(this.#history.committed) },
    });
    this.#delivery.recover(history, out);
    this.#lead(out);
  }

  /** Membership is obeyed from its append on (H11). */
  #obey(configuration: EnsembleConfiguration): string {
    const failure = membershipFailure(configuration, this.#self);
    if (failure !== null) return failure.reason;
    this.#adopt(configuration);
    return '';
  }

  #adopt(configuration: EnsembleConfiguration): void {
    this.#configuration = configuration;
    this.#quorum = new Quorum(configuration);
  }

  /** A quorum of one needs no election: the voter has its own support and the longest history of the quorum. */
  #lead(out: BroadcasterEffects): void {
    if (this.#quorum !== null && this.#establishment.begin(this.#quorum, out)) return;
    out.fatal = { code: 'epochsExhausted', reason: 'the last epoch has been used' };
  }

  #epochsWritten(epochs: EpochRecord, out: BroadcasterEffects): void {
    if (!this.#establishment.written(epochs, out)) return;
    out.events.push({
      level: 'info',
      message: 'the epoch is established',
      epoch: this.#establishment.epoch,
      zxid: this.#history.last,
    });
  }

  /** The same leader runs discovery again: no election that a client could see (H24). */
  #rollOver(out: BroadcasterEffects): void {
    this.#tenure.isExhausted = false;
    this.#lead(out);
  }

  #commit(quorum: Quorum): void {
    // The leader's own log is one acknowledgement, and only of what is durable.
    quorum.acknowledge(this.#self.replica, this.#history.durable);
    this.#history.markCommitted(quorum.acknowledgedByQuorum());
  }

  /** A voter answers for an epoch only while it has accepted no higher one (H13). */
  #supportsItself(): boolean {
    return this.#establishment.epochs.acceptedEpoch === this.#establishment.epoch;
  }

  /** A leader without its database is none (H18). */
  #watchDatabase(): void {
    if (this.#delivery.isServed) {
      this.#unservedSince = null;
      return;
    }
    this.#unservedSince ??= this.#clock.monotonicMs();
  }

  #tick(out: BroadcasterEffects): void {
    if (this.#unservedSince === null || !this.#terms.isHeld) return;
    const gone = this.#clock.monotonicMs() - this.#unservedSince;
    if (gone >= this.#timing.stageLostMs) this.#tenure.end('the database is lost', out);
  }

  #stop(failure: BroadcasterFailure, out: BroadcasterEffects): void {
    this.#tenure.end(failure.reason, out);
    out.events.push({
      level: 'error',
      message: 'the broadcaster stops',
      epoch: this.#establishment.epoch,
      zxid: this.#history.last,
      detail: { code: failure.code, reason: failure.reason },
    });
  }
}
