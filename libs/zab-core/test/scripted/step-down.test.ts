import { makeEpoch, makeZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries, entry } from '../broadcaster-fixture.ts';
import {
  DATABASE,
  endOf,
  following,
  leading,
  PROCESSOR,
  ScriptedReplica,
  SECOND,
  THIRD,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;

function statusOf({ core, term }: ScriptedReplica) {
  const { role, leader } = core.status();
  return { role, leader, hasTerm: term > 0 };
}

const LEADS = { role: 'leader', leader: 1, hasTerm: true };
const LOOKS = { role: 'looking', leader: null, hasTerm: false };

describe('a leader without a quorum', () => {
  it('leads on while a quorum answers its heartbeats', () => {
    const leader = leading();
    for (let i = 0; i < 20; i++) {
      leader.tick();
      leader.fromLearner(2, { kind: 'heartbeatAck', round: leader.round(2) });
    }
    expect(statusOf(leader)).toEqual(LEADS);
  });

  it('steps down when a quorum has said nothing for its bound, and ends its term and its links', () => {
    const leader = leading();
    for (let i = 0; i < 3; i++) leader.tick();
    expect(statusOf(leader)).toEqual(LEADS);
    for (let i = 0; i < 4; i++) leader.tick();
    expect(statusOf(leader)).toEqual(LOOKS);
    expect(leader.closed).toEqual([
      'learner 2: this replica does not lead any more: a quorum of voters says nothing',
    ]);
    expect(leader.terms(PROCESSOR).length).toBe(2);
    expect(leader.held(DATABASE)).toEqual([false, true, false]);
  });

  it('bug 15: is not helped by observers, nor by another life of a voter', () => {
    const leader = leading();
    leader.step({ kind: 'learnerEnded', link: 2, end: { cause: 'lost', reason: 'gone' } });
    leader.joinInSync(4, { replica: 4, incarnation: 1 });
    leader.joinInSync(5, { replica: 3, incarnation: 77 });
    for (let i = 0; i < 7; i++) {
      leader.tick();
      for (const link of [4, 5]) {
        leader.fromLearner(link, { kind: 'heartbeatAck', round: leader.round(link) });
      }
    }
    expect(statusOf(leader)).toEqual(LOOKS);
  });

  it('takes nothing more of its processor and of its learners, and commits nothing', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 3));
    const { term } = leader;
    for (let i = 0; i < 7; i++) leader.tick();
    leader.propose(PROCESSOR, [entry(1, 4)], term);
    leader.sync();
    leader.ack(2, z(1, 3));
    expect(leader.core.status()).toMatchObject({ lastProposed: z(1, 3), committed: z(1, 1) });
    expect(leader.closed.length).toBe(1);
  });

  it('bug 43: that stood still does not hold the silence of that time against its followers', () => {
    const leader = leading();
    leader.tick(5000);
    expect(statusOf(leader)).toEqual(LEADS);
    leader.fromLearner(2, { kind: 'heartbeatAck', round: leader.round(2) });
    for (let i = 0; i < 7; i++) leader.tick();
    expect(statusOf(leader)).toEqual(LOOKS);
  });

  it('steps down for one that leads a later epoch', () => {
    const leader = leading();
    leader.meet(THIRD, { leads: makeEpoch(3), acceptedEpoch: makeEpoch(3) });
    expect(statusOf(leader)).toEqual(LOOKS);
    expect(leader.dialled?.address).toBe('replica-3');
  });

  it('does not care for one that led an earlier one', () => {
    const leader = leading({ history: trioHistory([z(4, 9)]) });
    leader.meet(THIRD, { leads: makeEpoch(3) });
    expect(statusOf(leader)).toEqual(LEADS);
  });

  it('refuses those who dial it as a leader afterwards', () => {
    const leader = leading();
    for (let i = 0; i < 7; i++) leader.tick();
    leader.step({ kind: 'learnerConnected', link: 9 });
    expect(leader.closed.at(-1)).toBe('learner 9: this replica does not lead');
  });
});

describe('a leader without its own stages', () => {
  /** Ticks during which its followers answer. */
  function pass(leader: ScriptedReplica, ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      leader.tick();
      leader.fromLearner(2, { kind: 'heartbeatAck', round: leader.round(2) });
    }
  }

  it.each([
    ['database', 'databaseEnded', DATABASE],
    ['processor', 'processorEnded', PROCESSOR],
  ] as const)('H18: hands over when its %s stays away, and not before', (stage, end, link) => {
    const leader = leading();
    pass(leader, 1);
    leader.end(end, link);
    pass(leader, 3);
    expect(leader.core.status().role).toBe('leader');
    pass(leader, 1);
    expect(statusOf(leader)).toEqual(LOOKS);
    expect(leader.closed).toEqual([
      `learner 2: this replica does not lead any more: the ${stage} is lost`,
    ]);
  });

  it('H18: leads on when its processor is back in time, with a new term in the same epoch', () => {
    const leader = leading();
    leader.end('processorEnded', PROCESSOR);
    pass(leader, 3);
    leader.processor(PROCESSOR + 1);
    pass(leader, 6);
    expect(statusOf(leader)).toEqual(LEADS);
    expect(leader.core.status().epoch).toBe(1);
  });

  it('H17: tells its followers at once whether a processor holds the term', () => {
    const leader = leading();
    const held = () => {
      const last = leader.toLearners.get(2)?.findLast((it) => it.kind === 'heartbeat');
      return last?.kind === 'heartbeat' && last.held;
    };
    leader.tick();
    expect(held()).toBe(true);
    leader.end('processorEnded', PROCESSOR);
    expect(held()).toBe(false);
    leader.processor(PROCESSOR + 1);
    expect(held()).toBe(true);
  });

  it('H18: without a database a replica votes, and stands only when nobody else has for a while', () => {
    const replica = new ScriptedReplica({ history: trioHistory([z(1, 9)]) });
    replica.processor(PROCESSOR);
    replica.meet(SECOND);
    replica.tick(100);
    expect(replica.asked(2)).toEqual([]);
    const preVote = { kind: 'preVote', ballot: 1, history: endOf(z(1, 9)) } as const;
    expect(replica.fromCandidate(THIRD, preVote)).toMatchObject([{ granted: true }]);
    replica.tick(1800);
    expect(replica.asked(2)).toEqual([]);
    replica.tick(200);
    expect(replica.asked(2)).toMatchObject([{ kind: 'preVote' }]);
  });

  it('H18: and at once when it is there', () => {
    const replica = new ScriptedReplica({ history: trioHistory([z(1, 9)]) });
    replica.processor(PROCESSOR);
    replica.meet(SECOND);
    expect(replica.asked(2)).toEqual([]);
    replica.database(DATABASE, z(1, 9));
    expect(replica.asked(2)).toMatchObject([{ kind: 'preVote' }]);
  });
});

describe('a follower without its leader', () => {
  const history = trioHistory([z(1, 9)]);

  it('P8: looks for another at once when the link breaks', () => {
    const follower = following(2, { history });
    expect(statusOf(follower)).toEqual({ role: 'follower', leader: 2, hasTerm: false });
    const link = follower.dialled?.link ?? 0;
    follower.step({ kind: 'leaderEnded', link, end: { cause: 'lost', reason: 'gone' } });
    expect(statusOf(follower)).toEqual(LOOKS);
  });

  it('P8: looks for another when the leader has said nothing for its bound', () => {
    const follower = following(2, { history });
    for (let i = 0; i < 3; i++) follower.tick();
    expect(follower.core.status().role).toBe('follower');
    follower.tick();
    expect(statusOf(follower)).toEqual(LOOKS);
  });

  it('does not hold against it the silence of a time in which it stood still itself', () => {
    const follower = following(2, { history });
    follower.tick(5000);
    expect(follower.core.status().role).toBe('follower');
  });

  it('goes over to one that leads a later epoch', () => {
    const follower = following(2, { history });
    follower.meet(THIRD, { leads: makeEpoch(3), acceptedEpoch: makeEpoch(3) });
    expect(follower.dialled?.address).toBe('replica-3');
  });
});
