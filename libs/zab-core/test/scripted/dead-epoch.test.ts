import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries } from '../broadcaster-fixture.ts';
import {
  discovered,
  elected,
  endOf,
  leading,
  PROCESSOR,
  ScriptedReplica,
  SECOND,
  THIRD,
  TRIO,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;

describe('a leader whose follower is ahead in an epoch that came to nothing', () => {
  it('runs discovery again above it, without an election', () => {
    const leader = leading();
    leader.learner(3, THIRD, 7);
    const { role, phase, epoch } = leader.core.status();
    expect([role, phase, epoch]).toEqual(['leader', 'discovery', 8]);
    expect(leader.writes.at(-1)).toEqual({ acceptedEpoch: 8, currentEpoch: 1 });
    const newEpoch = { kind: 'newEpoch', epoch: 8, databaseAddress: 'database-1' };
    expect(leader.heard(2)).toEqual([newEpoch]);
    expect(leader.heard(3)).toEqual([newEpoch]);
    for (const link of [2, 3]) {
      const history = endOf(z(1, 1), link === 2 ? 1 : 0);
      leader.fromLearner(link, { kind: 'epochAccepted', epoch, history, isPromise: true });
    }
    expect(leader.heard(3)).toContainEqual({ kind: 'newLeader', epoch: 8 });
    leader.fromLearner(3, { kind: 'synchronized', epoch });
    expect(leader.core.status().phase).toBe('broadcast');
    expect(leader.closed).toEqual([]);
    expect(leader.terms(PROCESSOR).length).toBe(3);
  });

  it('commits nothing of the new epoch before a quorum has synchronized with it', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.sync();
    leader.learner(3, THIRD, 7);
    leader.ack(2, z(1, 4));
    expect(leader.core.status().committed).toBe(z(1, 1));
    const { epoch } = leader.core.status();
    const history = endOf(z(1, 4), 1);
    const accepted = { kind: 'epochAccepted', epoch, history, isPromise: true } as const;
    leader.fromLearner(2, accepted);
    expect(leader.core.status().phase).toBe('synchronization');
    leader.ack(2, z(1, 4));
    // Asked again once the epoch stands: what it accepted before was for the discovery alone.
    leader.fromLearner(2, accepted);
    leader.ack(2, z(1, 4));
    expect(leader.core.status().committed).toBe(z(1, 1));
    leader.fromLearner(2, { kind: 'synchronized', epoch });
    expect(leader.core.status().committed).toBe(z(1, 4));
  });

  it('counts no acceptance that was a vote for somebody else, and goes above that epoch', () => {
    const leader = leading();
    leader.learner(3, THIRD, 7);
    const { epoch } = leader.core.status();
    const history = endOf(z(1, 1), 1);
    leader.fromLearner(2, { kind: 'epochAccepted', epoch, history, isPromise: false });
    expect(leader.core.status().phase).toBe('discovery');
    expect(leader.core.status().epoch).toBe(9);
    expect(leader.core.status().role).toBe('leader');
  });

  it('gives up where a voter turns out to have a longer history', () => {
    const leader = leading();
    leader.learner(3, THIRD, 7);
    const { epoch } = leader.core.status();
    const history = endOf(z(6, 3));
    leader.fromLearner(3, { kind: 'epochAccepted', epoch, history, isPromise: true });
    expect(leader.core.status().role).toBe('looking');
    expect(leader.closed).toContain(
      'learner 3: this replica does not lead any more: a voter has a longer history',
    );
  });

  it('H24: does not believe an epoch far above every known one', () => {
    const leader = leading();
    leader.learner(3, THIRD, 2 + 2 ** 10);
    expect(leader.core.status().epoch).toBe(1);
    expect(leader.events.at(-1)).toMatchObject({ level: 'error', epoch: 2 + 2 ** 10 });
    expect(leader.heard(3)).toEqual([]);
    leader.propose(PROCESSOR, entries(1, 2, 2));
    leader.sync();
    leader.ack(2, z(1, 2));
    expect(leader.core.status().committed).toBe(z(1, 2));
  });

  it('H24: believes it where a quorum of voters reports it', () => {
    const leader = leading();
    const far = makeEpoch(5000);
    leader.meet(SECOND, { acceptedEpoch: far });
    leader.meet(THIRD, { acceptedEpoch: far });
    leader.learner(3, THIRD, far);
    expect(leader.core.status().epoch).toBe(5001);
  });
});

describe('a follower and the epoch of its leader', () => {
  const history = trioHistory([z(1, 9)], {
    epochs: { acceptedEpoch: makeEpoch(4), currentEpoch: makeEpoch(1) },
  });

  it('accepts a later one, durably, and says that this was for this leader', () => {
    const follower = discovered(5, { history });
    expect(follower.writes).toEqual([{ acceptedEpoch: 5, currentEpoch: 1 }]);
    expect(follower.toldLeader()).toEqual([
      { kind: 'follow', replica: 1, incarnation: 7, clusterId: 'cluster', acceptedEpoch: 4 },
      { kind: 'epochAccepted', epoch: 5, history: endOf(z(1, 9)), isPromise: true },
    ]);
  });

  it('accepts the one it has accepted already, and says that this was for somebody else', () => {
    const follower = discovered(4, { history });
    expect(follower.writes).toEqual([]);
    expect(follower.toldLeader().at(-1)).toMatchObject({ kind: 'epochAccepted', isPromise: false });
  });

  it('bug 14: leaves a leader whose epoch is below what it has accepted', () => {
    const follower = discovered(3, { history });
    expect(follower.closed.length).toBe(1);
    expect(follower.core.status().role).toBe('looking');
    expect(follower.writes).toEqual([]);
    expect(follower.toldLeader().map((it) => it.kind)).toEqual(['follow']);
  });

  it('H24: leaves a leader that claims an epoch far above every known one, and says so', () => {
    const follower = discovered(5 + 2 ** 10, { history });
    expect(follower.core.status().role).toBe('looking');
    expect(follower.writes).toEqual([]);
    expect(follower.events).toContainEqual(
      expect.objectContaining({ level: 'error', epoch: 5 + 2 ** 10 }),
    );
  });

  it('H24: comes back after a long time away, to an epoch that a quorum reports', () => {
    const follower = discovered(5000, { history });
    follower.meet(THIRD, { acceptedEpoch: makeEpoch(5000) });
    const link = follower.dialled?.link ?? 0;
    for (let i = 0; i < 3; i++) follower.tick();
    expect(follower.dialled?.link).toBe(link + 1);
    follower.reachLeader();
    follower.fromLeader({ kind: 'newEpoch', epoch: makeEpoch(5000), databaseAddress: '' });
    expect(follower.writes).toEqual([{ acceptedEpoch: 5000, currentEpoch: 1 }]);
  });

  it.each([
    ['that is empty', '', 0],
    ['that was away while all others lost their disks', 'cluster', 77],
  ])('H24: a replica %s comes to an ensemble of that age', (_which, clusterId, incarnation) => {
    const members = TRIO.members.map((it) => (it.replica === 1 ? it : { ...it, incarnation }));
    const configurations = [{ zxid: ZXID_ZERO, configuration: { ...TRIO, clusterId, members } }];
    const replica = new ScriptedReplica({ history: trioHistory([], { configurations }) });
    const present = { leads: makeEpoch(5000), acceptedEpoch: makeEpoch(5000) };
    replica.meet(THIRD, { acceptedEpoch: makeEpoch(5000) });
    replica.meet(SECOND, present);
    replica.reachLeader();
    replica.fromLeader({ kind: 'newEpoch', epoch: makeEpoch(5000), databaseAddress: '' });
    expect(replica.toldLeader().at(-1)).toMatchObject({ kind: 'epochAccepted', epoch: 5000 });
  });

  it('bug 10: acknowledges nothing of an older epoch to the leader of a new one', () => {
    const follower = discovered(5, { history });
    follower.entriesFromLeader(entries(5, 1, 3));
    follower.toldLeader();
    follower.fromLeader({ kind: 'newEpoch', epoch: makeEpoch(6), databaseAddress: '' });
    follower.sync();
    expect(follower.toldLeader().map((it) => it.kind)).toEqual(['epochAccepted']);
  });
});

describe('a candidate that has won', () => {
  it('is not thrown by what its learners accepted from one that failed before', () => {
    const leader = elected({ history: trioHistory([z(1, 9)]) });
    leader.join(3, THIRD, endOf(z(1, 9)));
    leader.learner(4, SECOND, 3);
    expect(leader.core.status().epoch).toBe(4);
    expect(leader.core.status().phase).toBe('discovery');
    const { epoch } = leader.core.status();
    for (const link of [3, 4]) {
      const same = endOf(z(1, 9));
      leader.fromLearner(link, { kind: 'epochAccepted', epoch, history: same, isPromise: true });
      leader.fromLearner(link, { kind: 'synchronized', epoch });
    }
    expect(leader.core.status().phase).toBe('broadcast');
    expect(leader.core.status().committed).toBe(z(1, 9));
  });
});
