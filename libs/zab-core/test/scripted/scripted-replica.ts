import { EPOCH_ZERO, epochOf, makeEpoch, ZXID_ZERO } from '@paddock/model';
import type {
  ElectionReply,
  ElectionRequest,
  EnsembleConfiguration,
  HistoryEnd,
  LeaderMessage,
  LearnerMessage,
  LogEntry,
  Zxid,
} from '@paddock/model';
import type { RecoveredHistory } from '../../src/index.ts';
import type { VoterIdentity } from '../../src/quorum.ts';
import { BroadcasterFixture, entry, SELF } from '../broadcaster-fixture.ts';
import type { FixtureOptions } from '../broadcaster-fixture.ts';

export const SECOND: VoterIdentity = { replica: 2, incarnation: 8 };
export const THIRD: VoterIdentity = { replica: 3, incarnation: 9 };

/** Three voters: the broadcaster under test is the first. */
export const TRIO: EnsembleConfiguration = {
  clusterId: 'cluster',
  formatLevel: 1,
  version: 1,
  removed: [],
  members: [SELF, SECOND, THIRD].map((it) => ({
    ...it,
    role: 'voter',
    address: `replica-${it.replica}`,
  })),
};

/** The links of the broadcaster's own stages. */
export const DATABASE = 101;
export const PROCESSOR = 102;

/** What a member of the trio has on its disk, its log ending each epoch there; all but `more` is committed. */
export function trioHistory(
  epochEnds: readonly Zxid[],
  more: Partial<RecoveredHistory> = {},
): RecoveredHistory {
  const lastZxid = epochEnds.at(-1) ?? ZXID_ZERO;
  const epoch = epochOf(lastZxid);
  return {
    lastZxid,
    committed: lastZxid,
    logStart: ZXID_ZERO,
    epochs: { acceptedEpoch: epoch, currentEpoch: epoch },
    epochEnds,
    configurations: [{ zxid: ZXID_ZERO, configuration: TRIO }],
    restorations: [],
    base: ZXID_ZERO,
    ...more,
  };
}

export function endOf(lastZxid: Zxid, currentEpoch: number = epochOf(lastZxid)): HistoryEnd {
  return { currentEpoch: makeEpoch(currentEpoch), lastZxid };
}

/** Of the entries among these messages. */
export function zxidsOf(messages: readonly LeaderMessage[]): Zxid[] {
  return messages.flatMap((it) =>
    it.kind === 'entries' ? it.entries.map((entry) => entry.zxid) : [],
  );
}

/** A broadcaster among others that say what the test says. Links to learners are numbered by the test. */
export class ScriptedReplica extends BroadcasterFixture {
  constructor(options: FixtureOptions = {}) {
    super({ ...options, history: options.history ?? trioHistory([]) });
  }

  /** Its own database and processor are there, and stand at the end of the log. */
  serve(applied: Zxid = this.core.status().committed): void {
    this.database(DATABASE, applied);
    this.processor(PROCESSOR);
  }

  /** The link to another broadcaster is there, and it has said who it is. */
  meet(
    who: VoterIdentity,
    more: Partial<Extract<ElectionReply, { kind: 'state' }>> & { voters?: readonly number[] } = {},
  ): void {
    const { voters = [1, 2, 3], ...state } = more;
    const identity = { ...who, clusterId: 'cluster', voters };
    this.step({ kind: 'electorConnected', replica: who.replica });
    this.fromElector(who.replica, {
      kind: 'state',
      identity,
      acceptedEpoch: this.core.status().acceptedEpoch,
      leads: EPOCH_ZERO,
      ...state,
    });
  }

  fromElector(replica: number, ...messages: ElectionReply[]): void {
    this.step({ kind: 'electorReceived', replica, messages });
  }

  /** Another broadcaster asks for this one's vote. */
  fromCandidate(who: VoterIdentity, ...messages: ElectionRequest[]): ElectionReply[] {
    const link = 200 + who.replica;
    this.step({ kind: 'candidateConnected', link });
    const identity = { ...who, clusterId: 'cluster', voters: [1, 2, 3] };
    this.step({
      kind: 'candidateReceived',
      link,
      messages: [{ kind: 'introduce', identity }, ...messages],
    });
    return this.answers(who);
  }

  /** What was answered to it since this was asked last, apart from how things stand. */
  answers(who: VoterIdentity): ElectionReply[] {
    return taken(this.toCandidates, 200 + who.replica).filter((it) => it.kind !== 'state');
  }

  /** What it was asked since this was asked last. */
  asked(replica: number): ElectionRequest[] {
    return taken(this.toElectors, replica).filter((it) => it.kind !== 'introduce');
  }

  grantPreVote(replica: number, acceptedEpoch = this.core.status().acceptedEpoch): void {
    const request = this.asked(replica).at(-1);
    const ballot = request?.kind === 'preVote' ? request.ballot : 0;
    this.fromElector(replica, { kind: 'preVoteAnswer', ballot, granted: true, acceptedEpoch });
  }

  grantVote(replica: number): void {
    const epoch = this.core.status().acceptedEpoch;
    this.fromElector(replica, { kind: 'voteAnswer', epoch, granted: true, acceptedEpoch: epoch });
  }

  /** A learner dials, and says who it is. */
  learner(
    link: number,
    who: VoterIdentity,
    acceptedEpoch: number = this.core.status().epoch,
  ): void {
    this.step({ kind: 'learnerConnected', link });
    this.fromLearner(link, {
      kind: 'follow',
      ...who,
      clusterId: 'cluster',
      acceptedEpoch: makeEpoch(acceptedEpoch),
    });
  }

  fromLearner(link: number, ...messages: LearnerMessage[]): void {
    this.step({ kind: 'learnerReceived', link, messages });
  }

  /** A learner comes, accepts the epoch, and says what it has. */
  join(link: number, who: VoterIdentity, history: HistoryEnd): void {
    this.learner(link, who);
    const { epoch } = this.core.status();
    this.fromLearner(link, { kind: 'epochAccepted', epoch, history, isPromise: true });
  }

  /** A learner that has the leader's history comes, and is synchronized. */
  joinInSync(link: number, who: VoterIdentity): void {
    this.join(link, who, endOf(this.core.status().lastProposed));
    this.fromLearner(link, { kind: 'synchronized', epoch: this.core.status().epoch });
    this.heard(link);
  }

  ack(link: number, zxid: Zxid): void {
    this.fromLearner(link, { kind: 'ack', zxid });
  }

  /** What a learner was sent since this was asked last, apart from heartbeats. */
  heard(link: number): LeaderMessage[] {
    return taken(this.toLearners, link).filter((it) => it.kind !== 'heartbeat');
  }

  /** The newest round of heartbeats that a learner was sent. */
  round(link: number): number {
    const last = this.toLearners.get(link)?.findLast((it) => it.kind === 'heartbeat');
    return last?.kind === 'heartbeat' ? last.round : 0;
  }

  /** It has dialled its leader, which takes the link. */
  reachLeader(): void {
    this.step({ kind: 'leaderConnected', link: this.dialled?.link ?? 0 });
  }

  fromLeader(...messages: LeaderMessage[]): void {
    this.step({ kind: 'leaderReceived', link: this.dialled?.link ?? 0, messages });
  }

  entriesFromLeader(entries: readonly LogEntry[], committed: Zxid = ZXID_ZERO): void {
    this.fromLeader({ kind: 'entries', entries, committed });
  }

  /** What the leader was told since this was asked last, apart from answers to heartbeats. */
  toldLeader(): LearnerMessage[] {
    const link = this.dialled?.link ?? 0;
    return taken(this.toLeader, link).filter((it) => it.kind !== 'heartbeatAck');
  }
}

function taken<Message>(from: Map<number, Message[]>, key: number): Message[] {
  const messages = from.get(key) ?? [];
  from.set(key, []);
  return messages;
}

/** Elected by the second replica, in the epoch behind the one accepted; nobody follows yet. */
export function elected(options: FixtureOptions = {}): ScriptedReplica {
  const replica = new ScriptedReplica(options);
  replica.serve();
  replica.meet(SECOND);
  replica.grantPreVote(2);
  replica.grantVote(2);
  return replica;
}

/** Leads with the second replica, on link 2, as its follower; the marker of its term is committed. */
export function leading(options: FixtureOptions = {}): ScriptedReplica {
  const replica = elected(options);
  replica.joinInSync(2, SECOND);
  const { epoch } = replica.core.status();
  replica.propose(PROCESSOR, [marker(epoch)]);
  replica.sync();
  replica.ack(2, replica.core.status().lastProposed);
  replica.heard(2);
  return replica;
}

/** Follows the second replica, which leads this epoch and has said so; nothing of its history has come. */
export function discovered(epoch: number, options: FixtureOptions = {}): ScriptedReplica {
  const replica = new ScriptedReplica(options);
  replica.serve();
  const leads = makeEpoch(epoch);
  replica.meet(SECOND, { leads, acceptedEpoch: leads });
  replica.reachLeader();
  replica.fromLeader({ kind: 'newEpoch', epoch: leads, databaseAddress: 'database-2' });
  return replica;
}

/** Follows the second replica in an established epoch, whose history is this one's. */
export function following(epoch: number, options: FixtureOptions = {}): ScriptedReplica {
  const replica = discovered(epoch, options);
  replica.fromLeader({ kind: 'newLeader', epoch: makeEpoch(epoch) });
  replica.fromLeader({ kind: 'upToDate', committed: replica.core.status().lastProposed });
  replica.toldLeader();
  return replica;
}

export function marker(epoch: number): LogEntry {
  return entry(epoch, 1, 'termMarker');
}
