import { encodeConfiguration } from '@paddock/codec';
import {
  assert,
  COUNTER_MAX,
  EPOCH_MAX,
  EPOCH_ZERO,
  formatZxid,
  makeEpoch,
  ZXID_ZERO,
} from '@paddock/model';
import type { EpochRecord, Limits, ReplicaRole, Timing } from '@paddock/model';
import type { Clock, Random } from '@paddock/ports';
import type { BroadcasterEffects, BroadcasterFailure } from './broadcaster-effects.ts';
import type { BroadcasterEvent, RecoveredHistory } from './broadcaster-event.ts';
import { reportStatus } from './broadcaster-report.ts';
import type { BroadcasterStatus } from './broadcaster-status.ts';
import { Delivery } from './delivery.ts';
import { DigestComparison } from './digest-comparison.ts';
import { DigestVotes } from './digest-votes.ts';
import { Elections } from './elections.ts';
import type { PeerMember, RoleNow } from './elections.ts';
import type { Ensemble } from './ensemble.ts';
import { Epochs } from './epochs.ts';
import { Following } from './following.ts';
import { History } from './history.ts';
import { Leadership } from './leadership.ts';
import { LogChange } from './log-change.ts';
import { LogReads } from './log-reads.ts';
import { Memberships } from './memberships.ts';
import { Proposals } from './proposals.ts';
import type { VoterIdentity } from './quorum.ts';
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
  readonly #terms = new Terms();
  readonly #tenure: Tenure;
  readonly #delivery: Delivery;
  readonly #elections: Elections;
  readonly #logChange: LogChange;
  readonly #digests: DigestComparison;
  #leadership: Leadership | null = null;
  #following: Following | null = null;
  #isRecovered = false;
  #followings = 0;
  #lastTickMs: number;
  /** Since when no database or no processor takes part, in monotonic milliseconds; null while both do. */
  #unservedSince: number | null = null;
  #heldAnnounced = false;
  #failure: BroadcasterFailure | null = null;

  constructor(options: BroadcasterOptions, dependencies: BroadcasterDependencies) {
    const { self, limits, timing, databaseAddress } = options;
    this.#options = options;
    this.#clock = dependencies.clock;
    this.#lastTickMs = this.#clock.monotonicMs();
    const history = new History(limits.deliveryWindowBytes + limits.queueBytes);
    const memberships = new Memberships();
    const reads = new LogReads();
    const rounds = new LeadershipRounds();
    const delivery = new Delivery(self, history, limits, reads);
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
      logStart: () => delivery.bounds?.logStart ?? ZXID_ZERO,
    };
    const lastCounter = options.lastCounter ?? COUNTER_MAX - COUNTER_RESERVE;
    const entryBytesMax = limits.linkMessageBytes;
    const proposals = new Proposals(history, this.#terms, memberships, lastCounter, entryBytesMax);
    this.#tenure = new Tenure(history, this.#terms, proposals, rounds, limits);
    const { peers, role } = options;
    this.#elections = new Elections(this.#ensemble, peers, role, dependencies.random);
    this.#logChange = new LogChange(this.#ensemble);
    this.#digests = new DigestComparison(this.#ensemble, delivery);
  }

  step(event: BroadcasterEvent, out: BroadcasterEffects): void {
    if (this.#failure !== null) return;
    const nowMs = this.#clock.monotonicMs();
    this.#take(event, nowMs, out);
    if (out.fatal === null && this.#isRecovered) this.#advance(nowMs, out);
    if (out.append.length > 0) {
      out.committed = this.#history.committed;
      this.#ensemble.memberships.recorded(out.committed);
    }
    this.#failure = out.fatal;
    if (this.#failure !== null) this.#stop(this.#failure, out);
  }

  status(): BroadcasterStatus {
    return reportStatus({
      ensemble: this.#ensemble,
      role: this.#options.role,
      isRecovered: this.#isRecovered,
      leadership: this.#leadership,
      following: this.#following,
      elections: this.#elections,
      roleNow: this.#roleNow(),
      term: this.#terms.current,
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
        this.#delivery.receive(event.link, event.messages, this.#isHeld, out);
        break;
      case 'databaseEnded':
        this.#delivery.disconnect(event.link);
        this.#digests.forget(event.link);
        break;
      case 'logDurable':
        this.#history.markDurable(event.zxid);
        break;
      case 'logRead':
        if (!this.#delivery.logRead(event.read, event.entries, out)) {
          this.#leadership?.learners.logRead(event.read, event.entries, out);
        }
        break;
      case 'logPurged':
        this.#delivery.logPurged(event.logStart);
        break;
      case 'logTruncated': {
        const link = this.#logChange.truncated(event.last);
        if (link === this.#following?.link) this.#following.positioned(event.last, out);
        break;
      }
      case 'logRestarted':
        this.#logChange.restarted(event.base);
        this.#delivery.logRestarted(event.base, out);
        if (this.#following?.awaitsSnapshot === true) this.#following.positioned(event.base, out);
        break;
      case 'epochsWritten':
        this.#epochsWritten(event.epochs, nowMs, out);
        break;
      case 'diskFailed':
        out.fatal = { code: 'diskFailed', reason: event.reason };
        break;
      default:
        this.#takeOfPeers(event, nowMs, out);
    }
  }

  /** What comes of other broadcasters. */
  #takeOfPeers(
    event: Extract<
      BroadcasterEvent,
      { kind: `${'elector' | 'candidate' | 'leader' | 'learner'}${string}` }
    >,
    nowMs: number,
    out: BroadcasterEffects,
  ): void {
    const { electors, voting, candidacy } = this.#elections;
    switch (event.kind) {
      case 'electorConnected':
        this.#elections.electorConnected(event.replica, out);
        break;
      case 'electorReceived':
        this.#electorReceived(event, nowMs, out);
        break;
      case 'electorEnded':
        electors.ended(event.replica);
        break;
      case 'candidateConnected':
        voting.connected(event.link, out);
        break;
      case 'candidateReceived': {
        const standing = this.#elections.standing(this.#roleNow());
        const { isEngaged } = candidacy;
        if (voting.receive(event.link, event.messages, standing, isEngaged, out)) {
          candidacy.yield(nowMs);
        }
        break;
      }
      case 'candidateEnded':
        voting.ended(event.link);
        break;
      case 'leaderConnected':
        if (event.link === this.#following?.link) {
          this.#following.connected(this.#elections.identity.clusterId, out);
        }
        break;
      case 'leaderReceived':
        if (event.link === this.#following?.link) {
          this.#following.received(event.messages, nowMs, out);
        }
        break;
      case 'leaderEnded':
        if (event.link === this.#following?.link) {
          this.#following.lost ??= `the link has ended: ${event.end.reason}`;
        }
        break;
      case 'learnerConnected':
        if (this.#leadership !== null) this.#leadership.connected(event.link, nowMs);
        else {
          const end = { cause: 'refused', reason: 'this replica does not lead' } as const;
          out.closeLearners.push({ link: event.link, end });
        }
        break;
      case 'learnerReceived':
        this.#leadership?.received(event.link, event.messages, nowMs, out);
        break;
      case 'learnerFull': {
        const learner = this.#leadership?.learners.find(event.link);
        if (learner !== undefined) learner.isFull = event.full;
        break;
      }
      case 'learnerEnded':
        this.#leadership?.ended(event.link);
        break;
    }
  }

  #electorReceived(
    event: Extract<BroadcasterEvent, { kind: 'electorReceived' }>,
    nowMs: number,
    out: BroadcasterEffects,
  ): void {
    const { electors, candidacy } = this.#elections;
    const elector = electors.find(event.replica);
    if (elector === undefined) return;
    for (const message of event.messages) {
      switch (message.kind) {
        case 'state':
          this.#elections.told(elector, message, out);
          break;
        case 'preVoteAnswer': {
          const standing = this.#elections.standing(this.#roleNow());
          candidacy.preVoteAnswered(elector, message, nowMs, standing, out);
          break;
        }
        case 'voteAnswer':
          if (candidacy.voteAnswered(elector, message, nowMs)) this.#win(nowMs, out);
          break;
      }
    }
  }

  /** What follows from the new state, whatever the event was. */
  #advance(nowMs: number, out: BroadcasterEffects): void {
    if (this.#leadership === null || this.#isServed) this.#unservedSince = null;
    else this.#unservedSince ??= nowMs;
    if (this.#tenure.isExhausted) this.#rollOver('the counter of the epoch has run out', out);
    this.#takeProbes(out);
    this.#advanceFollowing(nowMs, out);
    this.#advanceLeadership(nowMs, out);
    this.#advanceLog(nowMs, out);
    const { learners } = this.#leadership ?? { learners: null };
    this.#delivery.setSource(this.#following?.databaseAddress ?? '', out);
    this.#delivery.advance(learners?.pinned ?? null, out);
    this.#compareDigests(nowMs, out);
    const delivered = this.#delivery.deliveredToAll;
    const sent = learners?.sentToAll ?? delivered;
    this.#history.release(sent < delivered ? sent : delivered);
    this.#tenure.regulate(out);
    this.#announceTerm(out);
    this.#advanceElections(nowMs, out);
  }

  #recover(history: RecoveredHistory, nowMs: number, out: BroadcasterEffects): void {
    assert(!this.#isRecovered, 'a broadcaster recovers once');
    const { epochs, memberships, self } = this.#ensemble;
    this.#isRecovered = true;
    const { lastZxid, committed, base, logStart, epochEnds } = history;
    this.#history.recover(lastZxid, committed, base > logStart ? base : logStart, epochEnds);
    memberships.recover(history.configurations, this.#history.committed);
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

  #epochsWritten(written: EpochRecord, nowMs: number, out: BroadcasterEffects): void {
    const { candidacy, voting } = this.#elections;
    const { epoch, purpose } = this.#ensemble.epochs.written(written, out);
    switch (purpose.kind) {
      case 'candidacy': {
        const standing = this.#elections.standing(this.#roleNow());
        if (candidacy.accepted(epoch, nowMs, standing, out)) this.#win(nowMs, out);
        break;
      }
      case 'vote':
        voting.accepted(purpose.link, epoch, out);
        break;
      case 'discovery':
        this.#leadership?.accepted(epoch, out);
        break;
      case 'following':
        break;
      case 'current':
        this.#following?.epochCurrent(epoch, out);
        return;
    }
    // Also one that was accepted as a candidate's: it is the leader's by now.
    this.#following?.epochAccepted(epoch, out);
  }

  /** A quorum has accepted this candidate's epoch, and has no history that it lacks. */
  #win(nowMs: number, out: BroadcasterEffects): void {
    const { candidacy } = this.#elections;
    const { memberships } = this.#ensemble;
    this.#dropFollowing(out);
    const { epoch } = candidacy;
    candidacy.rest();
    this.#unservedSince = null;
    this.#leadership = new Leadership(this.#ensemble, epoch, nowMs);
    const founding = memberships.isFormed
      ? null
      : this.#elections.founding(this.#options.clusterId);
    this.#leadership.begin(founding, out);
    out.events.push({ level: 'info', message: 'leads', epoch, zxid: this.#history.last });
  }

  /** There is no leader any more, as far as this replica knows. */
  #look(reason: string, hasFailed: boolean, nowMs: number, out: BroadcasterEffects): void {
    const leadership = this.#leadership;
    if (leadership !== null) {
      this.#tenure.end(reason, out);
      this.#ensemble.rounds.forget();
      this.#ensemble.digests.forget();
      const end = {
        cause: 'closed',
        reason: `this replica does not lead any more: ${reason}`,
      } as const;
      for (const { link } of leadership.learners.all) out.closeLearners.push({ link, end });
      this.#leadership = null;
    }
    this.#dropFollowing(out);
    out.events.push({
      level: 'warn',
      message: leadership === null ? 'the leader is lost' : 'leads no more',
      zxid: this.#history.last,
      detail: { reason },
    });
    this.#elections.candidacy.begin(nowMs, hasFailed);
  }

  #dropFollowing(out: BroadcasterEffects): void {
    const following = this.#following;
    if (following === null) return;
    const end = { cause: 'closed', reason: 'another leader is looked for' } as const;
    out.closeLeader = { link: following.link, end };
    this.#following = null;
    this.#logChange.leaderLost();
    this.#delivery.requireNoSnapshot();
  }

  #tick(nowMs: number, out: BroadcasterEffects): void {
    const { tickMs } = this.#options.timing;
    const stoodStillMs = nowMs - this.#lastTickMs - tickMs;
    this.#lastTickMs = nowMs;
    if (stoodStillMs > tickMs) {
      this.#leadership?.stoodStill(stoodStillMs);
      this.#following?.stoodStill(stoodStillMs);
    }
    this.#leadership?.tick(nowMs, this.#terms.isHeld, out);
    this.#following?.tick(nowMs);
    this.#dropUnserved(nowMs, out);
  }

  /** A leader without its processor or its database is none (H18). */
  #dropUnserved(nowMs: number, out: BroadcasterEffects): void {
    const since = this.#unservedSince;
    if (since === null || nowMs - since < this.#options.timing.stageLostMs) return;
    const reason = this.#delivery.isServed ? 'the processor is lost' : 'the database is lost';
    if (this.#isAlone) this.#tenure.end(reason, out);
    else if (this.#leadership !== null) this.#leadership.lost ??= reason;
  }

  #advanceLeadership(nowMs: number, out: BroadcasterEffects): void {
    const leadership = this.#leadership;
    if (leadership === null) return;
    const outrun = leadership.takeOutrun();
    if (outrun > 0) this.#goAbove(outrun, leadership, out);
    const newer = this.#elections.electors.leader(nowMs);
    if (newer !== null && newer.leads > leadership.epoch) {
      leadership.lost ??= `replica ${newer.replica} leads epoch ${newer.leads}`;
    }
    if (leadership.lost !== null) {
      this.#look(leadership.lost, leadership.phase !== 'broadcast', nowMs, out);
      return;
    }
    leadership.advance(out);
    this.#tenure.requestRounds();
    leadership.advanceRounds(nowMs, this.#terms.isHeld, out);
    if (leadership.phase !== 'broadcast') return;
    if (this.#isServed) this.#tenure.grant(leadership.epoch, out);
    if (!this.#tenure.isConfirmed) return;
    const wanted = leadership.wantedConfiguration(this.#terms.current);
    if (wanted !== null) this.#tenure.configure(encodeConfiguration(wanted), out);
  }

  /** A learner has accepted a later epoch, of a candidate that failed: it can only follow above that. */
  #goAbove(outrun: number, leadership: Leadership, out: BroadcasterEffects): void {
    const { epochs } = this.#ensemble;
    const epoch = makeEpoch(outrun);
    if (!this.#elections.electors.isPlausible(epoch, epochs.accepted, leadership.quorum)) {
      const message = 'a learner claims an epoch far above every known one, and is not believed';
      out.events.push({ level: 'error', message, epoch, detail: { accepted: epochs.accepted } });
      return;
    }
    if (epoch >= leadership.epoch) {
      this.#rollOver(`a learner has accepted epoch ${epoch}`, out, epoch);
    }
  }

  /** The same leader runs discovery again: no election that a client could see (H24). */
  #rollOver(reason: string, out: BroadcasterEffects, above = EPOCH_ZERO): void {
    this.#tenure.isExhausted = false;
    const leadership = this.#leadership;
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

  #advanceFollowing(nowMs: number, out: BroadcasterEffects): void {
    const following = this.#following;
    if (following === null) return;
    const newer = this.#elections.electors.leader(nowMs);
    if (newer !== null && newer.replica !== following.leader && newer.leads > following.epoch) {
      following.lost ??= `replica ${newer.replica} leads epoch ${newer.leads}`;
    }
    if (following.isLed) this.#elections.candidacy.rest();
    if (following.lost !== null) {
      if (following.isLed) this.#look(following.lost, false, nowMs, out);
      else this.#dropFollowing(out);
      this.#elections.avoid(following.leader, nowMs);
      return;
    }
    const { demand } = following;
    following.demand = null;
    if (demand?.kind === 'truncate') this.#logChange.truncate(demand.after, following.link);
    if (demand?.kind === 'snapshot') this.#delivery.requireSnapshot(demand.atLeast, out);
    following.advance(out);
  }

  /** Cuts and new beginnings of the log. */
  #advanceLog(nowMs: number, out: BroadcasterEffects): void {
    const { ahead } = this.#delivery;
    if (ahead !== null && !this.#logChange.isPending && this.#leadership === null) {
      // Whoever is followed for something else than this snapshot is followed anew from its end.
      const isAwaited = this.#following?.awaitsSnapshot ?? true;
      if (!isAwaited) this.#look('the log begins anew behind a snapshot', false, nowMs, out);
      this.#logChange.restart(ahead, out);
    }
    if (out.fatal === null) this.#logChange.advance(out);
  }

  #takeProbes(out: BroadcasterEffects): void {
    const { probes } = this.#delivery;
    if (probes.length === 0) return;
    this.#delivery.probes = [];
    for (const { link, probe } of probes) {
      if (this.#leadership !== null) {
        this.#ensemble.rounds.request({ kind: 'database', link, request: probe });
      } else this.#following?.probe({ link, probe }, out);
    }
  }

  #compareDigests(nowMs: number, out: BroadcasterEffects): void {
    const isContradicted = this.#digests.advance(this.#leadership, this.#following, out);
    // A database that is wrong does not lead, not for a moment (H18).
    if (isContradicted && this.#leadership !== null) {
      this.#look('its database was found wrong', true, nowMs, out);
    }
  }

  get #isHeld(): boolean {
    return this.#leadership === null ? (this.#following?.held ?? false) : this.#terms.isHeld;
  }

  get #isServed(): boolean {
    return this.#delivery.isServed && this.#tenure.isServed;
  }

  get #isAlone(): boolean {
    return this.#ensemble.memberships.quorum().isWon([this.#ensemble.self]);
  }

  #announceTerm(out: BroadcasterEffects): void {
    const held = this.#isHeld;
    if (this.#heldAnnounced === held) return;
    this.#heldAnnounced = held;
    this.#delivery.announceTerm(held, out);
    this.#leadership?.tellHeld(held, out);
  }

  #advanceElections(nowMs: number, out: BroadcasterEffects): void {
    this.#elections.advance(out);
    const { candidacy, electors, voting, identity } = this.#elections;
    voting.tell(identity, this.#leadership?.announced ?? EPOCH_ZERO, out);
    if (candidacy.phase !== 'resting') {
      const standing = this.#elections.standing(this.#roleNow());
      if (candidacy.advance(nowMs, standing, out)) {
        out.fatal = { code: 'epochsExhausted', reason: 'the last epoch has been used' };
      }
      this.#dialLeader(nowMs, out);
    }
    out.wakeAtMs = Math.min(candidacy.wakeAtMs, electors.nextDialMs(nowMs));
  }

  #dialLeader(nowMs: number, out: BroadcasterEffects): void {
    const { candidacy, electors } = this.#elections;
    if (this.#leadership !== null || this.#following !== null) return;
    if (candidacy.isEngaged || this.#logChange.isPending) return;
    const leader = electors.leader(nowMs);
    if (leader === null) return;
    const link = ++this.#followings;
    this.#following = new Following(this.#ensemble, electors, link, leader, nowMs);
    out.dialLeader = { link, address: leader.address };
  }

  #roleNow(): RoleNow {
    return {
      hasLeader: this.#leadership !== null || this.#following?.isLed === true,
      isLogChanging: this.#logChange.isPending,
      needsSnapshot: this.#delivery.needsSnapshot,
      isServed: this.#isServed,
    };
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
