import { assert, COUNTER_MAX, EPOCH_ZERO, formatTerm, formatZxid, ZXID_ZERO } from '@paddock/model';
import type {
  BroadcastRequest,
  EnsembleConfiguration,
  Epoch,
  EpochRecord,
  Limits,
  LogEntry,
  Term,
  Timing,
} from '@paddock/model';
import type { Clock } from '@paddock/ports';
import { Delivery } from './delivery.ts';
import type { BroadcasterEffects, BroadcasterFailure } from './effects.ts';
import { Establishment } from './establishment.ts';
import type { BroadcasterEvent, RecoveredHistory } from './events.ts';
import { History } from './history.ts';
import { membershipFailure } from './membership.ts';
import type { ReplicaIdentity } from './membership.ts';
import { Proposals } from './proposals.ts';
import { Quorum } from './quorum.ts';
import { LeadershipRounds } from './rounds.ts';
import { Terms } from './terms.ts';
import { statusOf } from './status.ts';
import type { BroadcasterStatus } from './status.ts';

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

/** The processor that was dialled last; an older one no longer counts (H1). */
interface ProcessorLink {
  readonly link: number;
  /** Where front-ends dial it, once it offers itself. */
  address: string | null;
  paused: boolean;
}

/**
 * The Zab broadcaster of one replica (paper 4.2; Zab phases 1 to 3): establishes epochs, takes proposals of one term
 * at a time, commits what a quorum has made durable, and delivers it to the database of its replica.
 */
export class BroadcasterCore {
  readonly #self: ReplicaIdentity;
  readonly #limits: Limits;
  readonly #timing: Timing;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #terms = new Terms();
  readonly #rounds = new LeadershipRounds();
  readonly #establishment: Establishment;
  readonly #proposals: Proposals;
  readonly #delivery: Delivery;
  #quorum: Quorum | null = null;
  #configuration: EnsembleConfiguration | null = null;
  #processor: ProcessorLink | null = null;
  /** Since when no database takes part, in monotonic milliseconds; null while one does. */
  #unservedSince: number | null = null;
  #heldAnnounced = false;
  #failure: BroadcasterFailure | null = null;

  constructor(options: BroadcasterOptions, dependencies: BroadcasterDependencies) {
    this.#self = options.self;
    this.#limits = options.limits;
    this.#timing = options.timing;
    this.#clock = dependencies.clock;
    this.#history = new History(options.limits.deliveryWindowBytes + options.limits.queueBytes);
    this.#establishment = new Establishment(options.self.replica);
    this.#proposals = new Proposals(
      this.#history,
      this.#terms,
      options.lastCounter ?? COUNTER_MAX - COUNTER_RESERVE,
      options.limits.linkMessageBytes,
      (configuration) => this.#obey(configuration),
    );
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
      this.#processor?.address ?? null,
      this.#delivery,
      this.#configuration,
      this.#failure,
    );
  }

  #take(event: BroadcasterEvent, out: BroadcasterEffects): void {
    switch (event.kind) {
      case 'recovered':
        return this.#recover(event.history, out);
      case 'tick':
        return this.#tick(out);
      case 'processorConnected':
        return this.#connectProcessor(event.link, out);
      case 'processorReceived':
        return this.#receiveProposals(event.link, event.messages, out);
      case 'processorEnded':
        return this.#endProcessor(event.link, out);
      case 'databaseConnected':
        return this.#delivery.connect(event.link);
      case 'databaseReceived':
        return this.#delivery.receive(event.link, event.messages, this.#terms.isHeld, out);
      case 'databaseEnded':
        return this.#delivery.disconnect(event.link);
      case 'logDurable':
        return this.#history.markDurable(event.zxid);
      case 'logRead':
        return this.#delivery.logRead(event.read, event.entries, out);
      case 'logPurged':
        return this.#delivery.logPurged(event.logStart);
      case 'epochsWritten':
        return this.#epochsWritten(event.epochs, out);
      case 'diskFailed':
        out.fatal = { code: 'diskFailed', reason: event.reason };
    }
  }

  /** What follows from the new state, whatever the event was. */
  #advance(out: BroadcasterEffects): void {
    const leading = this.#establishment.phase === 'broadcast';
    if (leading) this.#commit();
    this.#watchDatabase();
    if (leading) this.#grant(out);
    this.#delivery.advance(out);
    this.#history.release();
    if (leading) this.#confirm(out);
    this.#regulate(out);
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
      message: 'The log is recovered',
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
      message: 'The epoch is established',
      epoch: this.#establishment.epoch,
      zxid: this.#history.last,
    });
  }

  #commit(): void {
    const quorum = this.#quorum;
    if (quorum === null) return;
    // The leader's own log is one acknowledgement, and only of what is durable.
    quorum.acknowledge(this.#self.replica, this.#history.durable);
    this.#history.markCommitted(quorum.acknowledgedByQuorum());
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
    if (gone >= this.#timing.stageLostMs) this.#endTerm('the database is lost', out);
  }

  #connectProcessor(link: number, out: BroadcasterEffects): void {
    const older = this.#processor;
    if (older !== null) {
      this.#endTerm('another processor has dialled', out);
      const end = { cause: 'closed', reason: 'another processor has dialled' } as const;
      out.closeProcessors.push({ link: older.link, end });
    }
    this.#processor = { link, address: null, paused: false };
  }

  #endProcessor(link: number, out: BroadcasterEffects): void {
    if (this.#processor?.link !== link) return;
    this.#processor = null;
    this.#endTerm('the processor is lost', out);
  }

  #receiveProposals(
    link: number,
    messages: readonly BroadcastRequest[],
    out: BroadcasterEffects,
  ): void {
    for (const message of messages) {
      const processor = this.#processor;
      if (processor?.link !== link) return;
      switch (message.kind) {
        case 'offer':
          processor.address = message.processorAddress;
          break;
        case 'propose':
          if (this.#isCurrent(processor, message.term, out)) this.#propose(processor, message.entries, out);
          break;
        case 'confirmLeadership':
          if (this.#isCurrent(processor, message.term, out)) this.#rounds.request(message.round);
      }
    }
  }

  /** What an ended term still had in flight is dropped; a term that was never granted is a broken rule (H1). */
  #isCurrent(processor: ProcessorLink, term: Term, out: BroadcasterEffects): boolean {
    if (this.#terms.isHeld && term === this.#terms.current) return true;
    if (!this.#terms.hasEnded(term)) this.#refuse(processor, 'the term was granted', out);
    return false;
  }

  #propose(processor: ProcessorLink, entries: readonly LogEntry[], out: BroadcasterEffects): void {
    const result = this.#proposals.propose(entries, out);
    if (result.refusal !== '') return this.#refuse(processor, result.refusal, out);
    if (!result.exhausted) return;
    this.#endTerm('the counter of the epoch has run out', out);
    this.#lead(out);
  }

  #refuse(processor: ProcessorLink, rule: string, out: BroadcasterEffects): void {
    out.events.push({
      level: 'error',
      message: 'A processor broke a rule of its link',
      zxid: this.#history.last,
      detail: { rule },
    });
    this.#endTerm(rule, out);
    out.closeProcessors.push({ link: processor.link, end: { cause: 'refused', reason: rule } });
    this.#processor = null;
  }

  /** The term goes to a processor that offers itself, while the database of the replica takes part (H1, H18). */
  #grant(out: BroadcasterEffects): void {
    const processor = this.#processor;
    if (processor === null || processor.address === null) return;
    if (this.#terms.isHeld || !this.#delivery.isServed) return;
    const term = this.#terms.grant(this.#establishment.epoch);
    const lastProposed = this.#history.last;
    out.processors.push(processor.link, { kind: 'termGranted', term, lastProposed });
    out.events.push({
      level: 'info',
      message: 'The term is granted',
      epoch: this.#establishment.epoch,
      zxid: lastProposed,
      detail: { term: formatTerm(term), processor: processor.address },
    });
  }

  #endTerm(reason: string, out: BroadcasterEffects): void {
    if (!this.#terms.isHeld) return;
    const term = this.#terms.end();
    this.#rounds.forget();
    const processor = this.#processor;
    if (processor !== null) {
      out.processors.push(processor.link, { kind: 'termEnded', term, reason });
    }
    out.events.push({
      level: 'warn',
      message: 'The term has ended',
      epoch: this.#establishment.epoch,
      zxid: this.#history.last,
      detail: { term: formatTerm(term), reason },
    });
  }

  /** Only once the term's marker is committed: before it the leader does not know all that was (H13 d). */
  #confirm(out: BroadcasterEffects): void {
    const processor = this.#processor;
    const quorum = this.#quorum;
    const marker = this.#terms.marker;
    if (processor === null || quorum === null) return;
    if (marker === ZXID_ZERO || marker > this.#history.committed) return;
    if (this.#rounds.open(quorum) && this.#supports(this.#establishment.epoch)) {
      this.#rounds.acknowledge(this.#self.replica);
    }
    this.#rounds.close(processor.link, this.#history.committed, out);
  }

  /** A voter answers for an epoch only while it has accepted no higher one (H13). */
  #supports(epoch: Epoch): boolean {
    return epoch > EPOCH_ZERO && this.#establishment.epochs.acceptedEpoch === epoch;
  }

  /** Reads no more proposals while too much of them is not durable. */
  #regulate(out: BroadcasterEffects): void {
    const processor = this.#processor;
    if (processor === null) return;
    const pending = this.#history.pendingBytes;
    if (!processor.paused && pending > this.#limits.queueBytes) {
      processor.paused = true;
      out.pauseProcessors.push(processor.link);
    } else if (processor.paused && pending * 2 <= this.#limits.queueBytes) {
      processor.paused = false;
      out.resumeProcessors.push(processor.link);
    }
  }

  #stop(failure: BroadcasterFailure, out: BroadcasterEffects): void {
    this.#endTerm(failure.reason, out);
    out.events.push({
      level: 'error',
      message: 'The broadcaster stops',
      epoch: this.#establishment.epoch,
      zxid: this.#history.last,
      detail: { code: failure.code, reason: failure.reason },
    });
  }
}
