import { encodeConfiguration } from '@paddock/codec';
import { firstZxid, formatZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, Epoch, LearnerMessage, LogEntry, Zxid } from '@paddock/model';
import { Admission } from './admission.ts';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Ensemble } from './ensemble.ts';
import type { Learner } from './learner.ts';
import { LearnerStreams } from './learner-streams.ts';
import { Vote } from './quorum.ts';
import type { Quorum, VoterIdentity } from './quorum.ts';
import { reaches } from './standing.ts';

/** discovery: only when an epoch follows another of the same leader; an election ends with it done. */
export type LeadershipPhase = 'discovery' | 'synchronization' | 'broadcast';

/**
 * One leader's reign (Zab, phases 1 to 3): it brings its learners to its history, establishes the epoch when a quorum
 * has it durably, and then commits what a quorum has made durable.
 */
export class Leadership {
  phase: LeadershipPhase = 'synchronization';
  epoch: Epoch;
  /** Why this broadcaster cannot go on as leader; the core takes it from there. */
  lost: string | null = null;
  readonly learners: LearnerStreams;

  readonly #ensemble: Ensemble;
  readonly #admission: Admission;
  #quorum: Quorum;
  #accepted: Vote | null = null;
  #synchronized: Vote;
  /** The end of the history with which the epoch began: committed once a quorum has it. */
  #initial: Zxid = ZXID_ZERO;
  #revision: number;
  #round = 0;
  #quorumHeardMs: number;
  /** The epoch that a learner has accepted beyond this one; 0: none. */
  #outrun = 0;

  constructor(ensemble: Ensemble, epoch: Epoch, nowMs: number) {
    this.#ensemble = ensemble;
    this.#admission = new Admission(ensemble);
    this.epoch = epoch;
    this.#quorumHeardMs = nowMs;
    this.learners = new LearnerStreams(ensemble);
    this.#quorum = ensemble.memberships.quorum();
    this.#revision = ensemble.memberships.revision;
    this.#synchronized = new Vote(this.#quorum);
  }

  get quorum(): Quorum {
    return this.#quorum;
  }

  /** The epoch that is accepted by a quorum, and may be told as led: 0 while that is being found out. */
  get announced(): Epoch | null {
    return this.phase === 'discovery' ? null : this.epoch;
  }

  /** What the epoch began with is committed: what was committed before it is known (H13 d). */
  get isConfirmed(): boolean {
    return this.phase === 'broadcast' && this.#ensemble.history.committed >= this.#initial;
  }

  /** Begins synchronization. `founding`: the first entry of an ensemble without a configuration (H7). */
  begin(founding: EnsembleConfiguration | null, out: BroadcasterEffects): void {
    const { history, memberships, epochs } = this.#ensemble;
    if (founding !== null) {
      const zxid = firstZxid(this.epoch);
      const entry: LogEntry = {
        zxid,
        kind: 'configuration',
        payload: encodeConfiguration(founding),
      };
      history.append(entry);
      memberships.append(zxid, founding);
      out.append.push(entry);
    }
    this.#initial = history.last;
    epochs.makeCurrent(this.epoch, { kind: 'current' }, out);
  }

  /** The same leader, a later epoch: the counter has run out, or a learner has accepted more (H24). */
  discoverAgain(epoch: Epoch, out: BroadcasterEffects): void {
    this.phase = 'discovery';
    this.epoch = epoch;
    this.#outrun = 0;
    this.#accepted = new Vote(this.#quorum);
    this.#synchronized = new Vote(this.#quorum);
    this.#ensemble.rounds.forget();
    for (const learner of this.learners.all) {
      if (learner.state === 'connected') continue;
      learner.restart();
      this.#sendNewEpoch(learner, out);
    }
    this.#ensemble.epochs.accept(epoch, { kind: 'discovery' }, out);
  }

  /** The own epoch is durably accepted: the leader's vote in its own discovery. */
  accepted(epoch: Epoch, out: BroadcasterEffects): void {
    if (this.phase !== 'discovery' || epoch !== this.epoch) return;
    this.#accepted?.add(this.#ensemble.self);
    this.#advanceDiscovery(out);
  }

  /** Where membership has changed, by an append or by a commit, other votes count from here on (H11). */
  #obeyMembership(): void {
    const { memberships, rounds } = this.#ensemble;
    if (memberships.revision === this.#revision) return;
    this.#revision = memberships.revision;
    rounds.giveUp();
    const quorum = memberships.quorum();
    this.#quorum = quorum;
    const accepted = this.#accepted === null ? null : new Vote(quorum);
    const synchronized = new Vote(quorum);
    for (const learner of this.learners.all) {
      if (!learner.isSynchronized) continue;
      synchronized.add(learner.identity);
      accepted?.add(learner.identity);
      quorum.acknowledge(learner.identity, learner.window.confirmed);
    }
    this.#accepted = accepted;
    this.#synchronized = synchronized;
  }

  connected(link: number, nowMs: number): void {
    this.learners.connect(link, nowMs);
  }

  ended(link: number): void {
    this.learners.disconnect(link);
  }

  received(
    link: number,
    messages: readonly LearnerMessage[],
    nowMs: number,
    out: BroadcasterEffects,
  ): void {
    const learner = this.learners.find(link);
    if (learner === undefined) return;
    learner.heardMs = nowMs;
    for (const message of messages) {
      const refusal = this.#receiveOne(learner, message, out);
      if (refusal === '') continue;
      this.learners.disconnect(link);
      out.closeLearners.push({ link, end: { cause: 'refused', reason: refusal } });
      out.events.push({
        level: 'warn',
        message: 'a learner is refused',
        detail: { learner: learner.identity.replica, reason: refusal },
      });
      return;
    }
  }

  /** A sign of life for every learner, and a check that a quorum gives its own. */
  tick(nowMs: number, held: boolean, out: BroadcasterEffects): void {
    const { timing, rounds } = this.#ensemble;
    rounds.retry(nowMs, timing.tickMs);
    this.#heartbeat(held, out);
    if (this.#quorum.isWon([this.#ensemble.self])) return;
    this.#quorumHeardMs = Math.max(this.#quorumHeardMs, this.#heardOfQuorumMs());
    if (nowMs - this.#quorumHeardMs > timing.leaderLostMs) {
      this.lost = 'a quorum of voters says nothing';
    }
  }

  /** The latest moment since when a quorum of voters has said something; −∞: it has not. */
  #heardOfQuorumMs(): number {
    const newestFirst = [...this.learners.all].sort((a, b) => b.heardMs - a.heardMs);
    const heard: VoterIdentity[] = [this.#ensemble.self];
    for (const { identity, heardMs } of newestFirst) {
      heard.push(identity);
      if (this.#quorum.isWon(heard)) return heardMs;
    }
    return -Infinity;
  }

  /** The process stood still for so long: the silence of the others in that time proves nothing. */
  stoodStill(ms: number): void {
    for (const learner of this.learners.all) learner.heardMs += ms;
    this.#quorumHeardMs += ms;
  }

  /** What follows from what has happened: commits, and sends. */
  advance(out: BroadcasterEffects): void {
    const { history, epochs, memberships, self } = this.#ensemble;
    this.#obeyMembership();
    if (epochs.current === this.epoch && history.durable >= this.#initial) {
      this.#synchronized.add(self);
    }
    if (this.phase === 'synchronization' && this.#synchronized.isWon) this.#establish(out);
    if (this.phase === 'broadcast') {
      // The leader's own log is one acknowledgement, and only of what is durable.
      this.#quorum.acknowledge(self, history.durable);
      const committed = this.#quorum.acknowledgedByQuorum();
      // What older epochs left is committed by the establishment of this one, not by counting copies.
      if (committed >= this.#initial) history.markCommitted(committed);
      memberships.settle(history.committed);
      this.#obeyMembership();
    }
    if (this.phase !== 'discovery') {
      this.learners.advance(this.epoch, this.#ensemble.logStart(), out);
    }
  }

  /** Answers those whose round of confirmation is acknowledged, and opens the next one for those who wait for it. */
  advanceRounds(nowMs: number, held: boolean, out: BroadcasterEffects): void {
    const { history, rounds, self } = this.#ensemble;
    rounds.close(history.committed, out);
    if (!this.isConfirmed || !rounds.isWanted) return;
    const round = this.#heartbeat(held, out);
    rounds.open(round, this.#quorum, nowMs);
    rounds.acknowledge(self, round);
    rounds.close(history.committed, out);
  }

  /** An epoch that learners have accepted beyond this one, and that can be: discovery is to go above it. */
  takeOutrun(): number {
    const outrun = this.#outrun;
    this.#outrun = 0;
    return outrun;
  }

  /** The membership that is to be proposed now; null: none. */
  get wantedConfiguration(): EnsembleConfiguration | null {
    return this.phase === 'broadcast' ? this.#admission.wanted(this.learners.all) : null;
  }

  /** Those with all that is here, this one included. */
  get synchronized(): readonly VoterIdentity[] {
    const learners = this.learners.all.filter((it) => it.isUpToDate);
    return [this.#ensemble.self, ...learners.map((it) => it.identity)];
  }

  /** Everybody who learns is told who leads from here on, and looks for a leader at once. */
  handOver(replica: number, out: BroadcasterEffects): void {
    for (const { link, state } of this.learners.all) {
      if (state !== 'connected') out.learners.push(link, { kind: 'handOver', replica });
    }
  }

  #receiveOne(learner: Learner, message: LearnerMessage, out: BroadcasterEffects): string {
    if ((message.kind === 'follow') !== (learner.state === 'connected')) {
      return '"follow" is the first message, and comes once';
    }
    switch (message.kind) {
      case 'follow':
        return this.#follow(learner, message, out);
      case 'epochAccepted':
        return this.#epochAccepted(learner, message, out);
      case 'position':
        if (learner.state === 'truncating' || learner.state === 'awaitingSnapshot') {
          this.#synchronize(learner, message.lastZxid, out);
        }
        return '';
      case 'synchronized':
        if (message.epoch !== this.epoch || !learner.isNewLeaderSent) return '';
        learner.isSynchronized = true;
        learner.window.markConfirmed(learner.target);
        this.#synchronized.add(learner.identity);
        this.#quorum.acknowledge(learner.identity, learner.window.confirmed);
        if (this.phase === 'broadcast') this.#sendUpToDate(learner, out);
        return '';
      case 'ack':
        return this.#ack(learner, message.zxid);
      case 'heartbeatAck':
        // Of an epoch before this one it says nothing.
        if (learner.isSynchronized) {
          this.#ensemble.rounds.acknowledge(learner.identity, message.round);
        }
        return '';
      case 'probe': {
        const { link } = learner;
        this.#ensemble.rounds.request({ kind: 'learner', link, request: message.probe });
        return '';
      }
      case 'backupHeld':
        learner.held.add(message.backup);
        return '';
      case 'digest':
        this.#ensemble.digests.report(learner.identity, message.zxid, message.digest);
        return '';
    }
  }

  #follow(
    learner: Learner,
    message: Extract<LearnerMessage, { kind: 'follow' }>,
    out: BroadcasterEffects,
  ): string {
    const { memberships } = this.#ensemble;
    const { clusterId } = memberships.current;
    if (message.clusterId !== '' && message.clusterId !== clusterId) {
      return `it belongs to ensemble ${message.clusterId}, this is ${clusterId}`;
    }
    learner.identity = { replica: message.replica, incarnation: message.incarnation };
    learner.restart();
    // It cannot go back to this epoch: discovery goes above both, or it is not believed (H24).
    if (message.acceptedEpoch > this.epoch) {
      this.#outrun = Math.max(this.#outrun, message.acceptedEpoch);
    } else this.#sendNewEpoch(learner, out);
    return '';
  }

  #epochAccepted(
    learner: Learner,
    { epoch, history, isPromise }: Extract<LearnerMessage, { kind: 'epochAccepted' }>,
    out: BroadcasterEffects,
  ): string {
    if (epoch !== this.epoch || learner.state !== 'discovery') return '';
    const { epochs } = this.#ensemble;
    if (this.phase === 'discovery') {
      const own = { currentEpoch: epochs.current, lastZxid: this.#ensemble.history.last };
      if (this.#quorum.counts(learner.identity) && !reaches(own, history)) {
        this.lost = 'a voter has a longer history';
        return '';
      }
      // A candidate may have had its vote for the same epoch: then another one may lead it, and this one goes above.
      if (isPromise) this.#accepted?.add(learner.identity);
      else this.#outrun = Math.max(this.#outrun, epoch);
      learner.target = history.lastZxid;
      this.#advanceDiscovery(out);
      return '';
    }
    this.#synchronize(learner, history.lastZxid, out);
    return '';
  }

  /** Also those who accepted before the quorum did are brought to this history now. */
  #advanceDiscovery(out: BroadcasterEffects): void {
    if (this.phase !== 'discovery') return;
    if (this.#accepted?.isWon !== true) return;
    this.phase = 'synchronization';
    this.#accepted = null;
    this.begin(null, out);
    for (const learner of this.learners.all) {
      if (learner.state === 'discovery') this.#sendNewEpoch(learner, out);
    }
  }

  #synchronize(learner: Learner, last: Zxid, out: BroadcasterEffects): void {
    this.learners.synchronize(learner, last, this.#ensemble.logStart(), out);
  }

  #ack(learner: Learner, zxid: Zxid): string {
    if (learner.state !== 'streaming') return '';
    if (zxid > learner.window.sent) return 'nothing is acknowledged that was not sent';
    learner.window.markConfirmed(zxid);
    if (learner.isSynchronized) this.#quorum.acknowledge(learner.identity, zxid);
    return '';
  }

  #establish(out: BroadcasterEffects): void {
    this.phase = 'broadcast';
    const { history } = this.#ensemble;
    out.events.push({
      level: 'info',
      message: 'the epoch is established',
      epoch: this.epoch,
      zxid: history.last,
      detail: { initial: formatZxid(this.#initial) },
    });
    this.#quorum.acknowledge(this.#ensemble.self, history.durable);
    for (const learner of this.learners.all) {
      if (learner.isSynchronized) this.#sendUpToDate(learner, out);
    }
  }

  /** With the latest commit point, not the one of the epoch's start: what lies between is announced nowhere else. */
  #sendUpToDate(learner: Learner, out: BroadcasterEffects): void {
    const { committed } = this.#ensemble.history;
    learner.isUpToDate = true;
    learner.committedTold = committed;
    out.learners.push(learner.link, { kind: 'upToDate', committed });
  }

  #sendNewEpoch(learner: Learner, out: BroadcasterEffects): void {
    const { databaseAddress } = this.#ensemble;
    out.learners.push(learner.link, { kind: 'newEpoch', epoch: this.epoch, databaseAddress });
  }

  /** At once, since front-ends wait for it (H17). */
  tellHeld(held: boolean, out: BroadcasterEffects): void {
    this.#heartbeat(held, out);
  }

  #heartbeat(held: boolean, out: BroadcasterEffects): number {
    this.#round++;
    for (const { link, state } of this.learners.all) {
      if (state !== 'connected') {
        out.learners.push(link, { kind: 'heartbeat', round: this.#round, held });
      }
    }
    return this.#round;
  }
}
