import { assert, COUNTER_MAX, formatZxid, maxZxid, ZXID_ZERO } from '@paddock/model';
import type { Limits, ReplicaRole, Timing, Zxid } from '@paddock/model';
import type { Clock, Random } from '@paddock/ports';
import { Administration } from './administration.ts';
import type { BroadcasterEffects, BroadcasterFailure } from './broadcaster-effects.ts';
import type { BroadcasterEvent, RecoveredHistory } from './broadcaster-event.ts';
import { reportStatus } from './broadcaster-report.ts';
import type { BroadcasterStatus } from './broadcaster-status.ts';
import { Delivery } from './delivery.ts';
import { DigestComparison } from './digest-comparison.ts';
import { DigestVotes } from './digest-votes.ts';
import { Elections } from './elections.ts';
import type { PeerMember } from './elections.ts';
import type { Ensemble } from './ensemble.ts';
import { Epochs } from './epochs.ts';
import { History } from './history.ts';
import { Incumbency } from './incumbency.ts';
import { LogChange } from './log-change.ts';
import { LogReads } from './log-reads.ts';
import { Memberships } from './memberships.ts';
import { takePeerEvent } from './peer-events.ts';
import { Restorations } from './restorations.ts';
import { Proposals } from './proposals.ts';
import type { VoterIdentity } from './quorum.ts';
import { Roles } from './roles.ts';
import { LeadershipRounds } from './rounds.ts';
import { Tenure } from './tenure.ts';
import { Terms } from './terms.ts';

export interface BroadcasterOptions {
  /** As its data directory says: an emptied disk is a new voter (H7). */
  readonly self: VoterIdentity;
  /** Of the ensemble, should this replica found it. */
  readonly clusterId: string;
  /** The members as this replica's configuration lists them, itself included; none: an ensemble of one. */
  readonly peers: readonly PeerMember[];
  readonly role: ReplicaRole;
  /** Where other replicas' databases fetch snapshots from this one's. */
  readonly databaseAddress: string;
  readonly limits: Limits;
  readonly timing: Timing;
  /** The counter at which an epoch is ended and the next one established; less than the whole only in tests. */
  readonly lastCounter?: number;
}

export interface BroadcasterDependencies {
  readonly clock: Clock;
  readonly random: Random;
}

/** The processor may have this many entries under way when an epoch runs out: so much of the counter stays unused. */
const COUNTER_RESERVE = 2 ** 20;

/**
 * The Zab broadcaster of one replica (paper 4.2; Zab phases 0 to 3): takes part in elections, leads or follows, takes
 * proposals of one term at a time, and delivers what is committed and durable to the database of its replica.
 */
export class BroadcasterCore {
  readonly #options: BroadcasterOptions;
  readonly #clock: Clock;
  readonly #ensemble: Ensemble;
  readonly #history: History;
  readonly #tenure: Tenure;
  readonly #delivery: Delivery;
  readonly #elections: Elections;
  readonly #logChange: LogChange;
  readonly #digests: DigestComparison;
  readonly #roles: Roles;
  readonly #incumbency: Incumbency;
  readonly #administration: Administration;
  #isRecovered = false;
  #lastTickMs: number;
  #heldAnnounced = false;
  #failure: BroadcasterFailure | null = null;

  constructor(options: BroadcasterOptions, dependencies: BroadcasterDependencies) {
    const { self, limits, timing, databaseAddress, clusterId, peers, role } = options;
    this.#options = options;
    this.#clock = dependencies.clock;
    this.#lastTickMs = this.#clock.monotonicMs();
    const history = new History(limits.deliveryWindowBytes + limits.queueBytes);
    const memberships = new Memberships();
    const restorations = new Restorations();
    const reads = new LogReads();
    const rounds = new LeadershipRounds();
    const delivery = new Delivery(self, history, limits, reads, restorations);
    this.#history = history;
    this.#delivery = delivery;
    this.#ensemble = {
      self,
      databaseAddress,
      history,
      memberships,
      epochs: new Epochs(),
      rounds,
      reads,
      digests: new DigestVotes(),
      limits,
      timing,
      restorations,
      wallMs: () => dependencies.clock.wallMs(),
      logStart: () =>
        maxZxid(
          delivery.bounds?.logStart ?? ZXID_ZERO,
          restorations.newestCommitted(history.committed),
        ),
    };
    const lastCounter = options.lastCounter ?? COUNTER_MAX - COUNTER_RESERVE;
    const entryBytesMax = limits.linkMessageBytes;
    const terms = new Terms();
    const proposals = new Proposals(history, terms, memberships, lastCounter, entryBytesMax);
    const tenure = new Tenure(history, terms, proposals, rounds, limits);
    const elections = new Elections(this.#ensemble, peers, role, dependencies.random);
    const logChange = new LogChange(this.#ensemble);
    const roles = new Roles(this.#ensemble, elections, tenure, delivery, logChange, clusterId);
    this.#tenure = tenure;
    this.#elections = elections;
    this.#logChange = logChange;
    this.#roles = roles;
    this.#incumbency = new Incumbency(this.#ensemble, roles, elections, tenure, delivery);
    this.#administration = new Administration(
      this.#ensemble,
      roles,
      elections,
      tenure,
      this.#incumbency,
    );
    this.#digests = new DigestComparison(this.#ensemble, delivery);
  }

  step(event: BroadcasterEvent, out: BroadcasterEffects): void {
    if (this.#failure !== null) return;
    const nowMs = this.#clock.monotonicMs();
    this.#take(event, nowMs, out);
    if (out.fatal === null && this.#isRecovered) this.#advance(nowMs, out);
    if (out.append.length > 0) {
      out.committed = this.#history.committed;
      this.#ensemble.memberships.recorded(out.committed, this.#history.last);
    }
    this.#failure = out.fatal;
    if (this.#failure !== null) this.#stop(this.#failure, out);
  }

  /** Up to here entries are committed, and durable here. */
  get deliverable(): Zxid {
    return this.#history.deliverable;
  }

  status(): BroadcasterStatus {
    return reportStatus({
      ensemble: this.#ensemble,
      role: this.#options.role,
      isRecovered: this.#isRecovered,
      leadership: this.#roles.leadership,
      following: this.#roles.following,
      elections: this.#elections,
      roleNow: this.#roles.now(),
      term: this.#tenure.term,
      processorAddress: this.#tenure.processorAddress,
      databases: this.#delivery.links,
      failure: this.#failure,
    });
  }

  #take(event: BroadcasterEvent, nowMs: number, out: BroadcasterEffects): void {
    switch (event.kind) {
      case 'recovered':
        this.#recover(event.history, nowMs, out);
        break;
      case 'tick':
        this.#tick(nowMs, out);
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
        this.#delivery.receive(event.link, event.messages, this.#roles.isHeld, out);
        break;
      case 'databaseEnded':
        this.#delivery.disconnect(event.link);
        this.#digests.forget(event.link);
        break;
      case 'membersAsked':
        this.#administration.ask(event.request, event.question, nowMs, out);
        break;
      case 'logDurable':
        this.#history.markDurable(event.zxid);
        break;
      case 'logRead':
        if (!this.#delivery.logRead(event.read, event.entries, out)) {
          this.#roles.leadership?.learners.logRead(event.read, event.entries, out);
        }
        break;
      case 'logPurged':
        this.#delivery.logPurged(event.logStart);
        break;
      case 'logTruncated': {
        const link = this.#logChange.truncated(event.last);
        const { following } = this.#roles;
        if (link === following?.link) following.positioned(event.last, out);
        break;
      }
      case 'logRestarted': {
        this.#logChange.restarted(event.base);
        this.#delivery.logRestarted(event.base, out);
        const { following } = this.#roles;
        if (following?.awaitsSnapshot === true) following.positioned(event.base, out);
        break;
      }
      case 'epochsWritten':
        this.#roles.epochsWritten(event.epochs, nowMs, out);
        break;
      case 'diskFailed':
        out.fatal = { code: 'diskFailed', reason: event.reason };
        break;
      default:
        takePeerEvent(event, this.#elections, this.#roles, nowMs, out);
    }
  }

  /** What follows from the new state, whatever the event was. */
  #advance(nowMs: number, out: BroadcasterEffects): void {
    if (this.#tenure.isExhausted) {
      this.#incumbency.rollOver('the counter of the epoch has run out', out);
    }
    this.#takeProbes(out);
    this.#roles.advanceFollowing(nowMs, out);
    this.#incumbency.advance(nowMs, out);
    this.#administration.advance(nowMs, out);
    this.#advanceLog(nowMs, out);
    const { leadership, following } = this.#roles;
    const learners = leadership?.learners ?? null;
    this.#delivery.setSource(following?.databaseAddress ?? '', out);
    this.#delivery.fetchBackup(out);
    this.#delivery.advance(learners?.pinned ?? null, out);
    this.#compareDigests(nowMs, out);
    const delivered = this.#delivery.deliveredToAll;
    const sent = learners?.sentToAll ?? delivered;
    this.#history.release(sent < delivered ? sent : delivered);
    this.#tenure.regulate(out);
    this.#announceTerm(out);
    this.#roles.advanceElections(nowMs, out);
  }

  #recover(history: RecoveredHistory, nowMs: number, out: BroadcasterEffects): void {
    assert(!this.#isRecovered, 'a broadcaster recovers once');
    const { epochs, memberships, restorations, self } = this.#ensemble;
    this.#isRecovered = true;
    const { lastZxid, committed, base, logStart, epochEnds } = history;
    this.#history.recover(lastZxid, committed, base > logStart ? base : logStart, epochEnds);
    memberships.recover(history.configurations, this.#history.committed);
    restorations.recover(history.restorations);
    epochs.recover(history.epochs);
    const { clusterId, members } = memberships.current;
    const isAlone = clusterId !== '' && members.length === 1 && this.#options.peers.length <= 1;
    if (isAlone && members[0]?.replica !== self.replica) {
      const reason = `the log is of replica ${members[0]?.replica ?? 0} of ensemble ${clusterId}, alone in it`;
      out.fatal = { code: 'foreign', reason };
      return;
    }
    out.events.push({
      level: 'info',
      message: 'the log is recovered',
      epoch: history.epochs.currentEpoch,
      zxid: history.lastZxid,
      detail: { committed: formatZxid(this.#history.committed) },
    });
    this.#delivery.recover(history, out);
    this.#elections.candidacy.begin(nowMs, false);
  }

  #tick(nowMs: number, out: BroadcasterEffects): void {
    const { tickMs } = this.#options.timing;
    const stoodStillMs = nowMs - this.#lastTickMs - tickMs;
    this.#lastTickMs = nowMs;
    const { leadership, following } = this.#roles;
    if (stoodStillMs > tickMs) {
      leadership?.stoodStill(stoodStillMs);
      following?.stoodStill(stoodStillMs);
    }
    leadership?.tick(nowMs, this.#tenure.isHeld, out);
    following?.tick(nowMs);
    this.#incumbency.tick(nowMs, out);
  }

  /** Cuts and new beginnings of the log. */
  #advanceLog(nowMs: number, out: BroadcasterEffects): void {
    const { ahead } = this.#delivery;
    if (ahead !== null && !this.#logChange.isPending && this.#roles.leadership === null) {
      // Whoever is followed for something else than this snapshot is followed anew from its end.
      const isAwaited = this.#roles.following?.awaitsSnapshot ?? true;
      if (!isAwaited) this.#roles.look('the log begins anew behind a snapshot', false, nowMs, out);
      this.#logChange.restart(ahead, out);
    }
    if (out.fatal === null) this.#logChange.advance(out);
  }

  #takeProbes(out: BroadcasterEffects): void {
    const { probes } = this.#delivery;
    if (probes.length === 0) return;
    this.#delivery.probes = [];
    const { leadership, following } = this.#roles;
    for (const { link, probe } of probes) {
      if (leadership !== null) {
        this.#ensemble.rounds.request({ kind: 'database', link, request: probe });
      } else following?.probe({ link, probe }, out);
    }
  }

  #compareDigests(nowMs: number, out: BroadcasterEffects): void {
    const { leadership, following } = this.#roles;
    const isContradicted = this.#digests.advance(leadership, following, out);
    // A database that is wrong does not lead, not for a moment (H18).
    if (isContradicted && leadership !== null) {
      this.#roles.look('its database was found wrong', true, nowMs, out);
    }
  }

  #announceTerm(out: BroadcasterEffects): void {
    const held = this.#roles.isHeld;
    if (this.#heldAnnounced === held) return;
    this.#heldAnnounced = held;
    this.#delivery.announceTerm(held, out);
    this.#roles.leadership?.tellHeld(held, out);
  }

  #stop(failure: BroadcasterFailure, out: BroadcasterEffects): void {
    this.#tenure.end(failure.reason, out);
    out.events.push({
      level: 'error',
      message: 'the broadcaster stops',
      epoch: this.#ensemble.epochs.accepted,
      zxid: this.#history.last,
      detail: { code: failure.code, reason: failure.reason },
    });
  }
}
