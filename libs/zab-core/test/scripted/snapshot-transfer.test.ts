import { encodeConfiguration } from '@paddock/codec';
import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { deliver, entries } from '../broadcaster-fixture.ts';
import {
  DATABASE,
  discovered,
  elected,
  endOf,
  leading,
  PROCESSOR,
  ScriptedReplica,
  SECOND,
  THIRD,
  trioHistory,
  TRIO,
  zxidsOf,
} from './scripted-replica.ts';

const z = makeZxid;
const CONFIGURATION = encodeConfiguration(TRIO);

describe('a leader whose log does not reach back to a follower', () => {
  const history = trioHistory([z(1, 900)], { logStart: z(1, 500) });

  it('H8: sends it for a snapshot, and goes on from wherever that is', () => {
    const leader = elected({ history });
    leader.join(3, THIRD, endOf(z(1, 499)));
    expect(leader.heard(3).slice(1)).toEqual([{ kind: 'snapshotNeeded', atLeast: z(1, 500) }]);
    leader.fromLearner(3, { kind: 'position', lastZxid: z(1, 700) });
    expect(leader.reads.map((it) => it.after)).toEqual([z(1, 700)]);
  });

  it('sends no snapshot to one that it does reach', () => {
    const leader = elected({ history });
    leader.join(3, THIRD, endOf(z(1, 500)));
    expect(leader.heard(3).map((it) => it.kind)).toEqual(['newEpoch']);
    expect(leader.reads.map((it) => it.after)).toEqual([z(1, 500)]);
  });

  it('bug 6: does not count it before it has all that was proposed meanwhile', () => {
    const leader = leading({ history });
    leader.join(3, THIRD, endOf(z(1, 1)));
    leader.propose(PROCESSOR, entries(2, 2, 5));
    leader.sync();
    leader.ack(2, z(2, 5));
    leader.fromLearner(3, { kind: 'position', lastZxid: z(1, 900) });
    const missing = leader.reads.at(-1);
    expect(missing?.after).toBe(z(1, 900));
    leader.fromLearner(3, { kind: 'synchronized', epoch: makeEpoch(2) });
    expect(leader.core.status().learners.at(-1)?.isSynchronized).toBe(false);
    leader.step({ kind: 'logRead', read: missing?.read ?? 0, entries: entries(2, 1, 5) });
    const sent = leader.heard(3);
    expect(zxidsOf(sent)).toEqual([1, 2, 3, 4, 5].map((c) => z(2, c)));
    expect(sent.at(-1)?.kind).toBe('newLeader');
    leader.fromLearner(3, { kind: 'synchronized', epoch: makeEpoch(2) });
    expect(leader.heard(3)).toEqual([{ kind: 'upToDate', committed: z(2, 5) }]);
  });

  it('H8: keeps its log for it until it has acknowledged what is behind the snapshot', () => {
    const leader = leading({ history });
    leader.join(3, THIRD, endOf(z(1, 1)));
    const verified = { kind: 'snapshotVerified', zxid: z(2, 1), purgeBelow: z(2, 1) } as const;
    leader.fromDatabase(DATABASE, verified);
    expect(leader.purges).toEqual([z(1, 500)]);
    leader.fromLearner(3, { kind: 'position', lastZxid: z(1, 700) });
    const read = leader.reads.at(-1)?.read ?? 0;
    leader.step({
      kind: 'logRead',
      read,
      entries: [...entries(1, 701, 900), ...entries(2, 1, 1)],
    });
    expect(leader.purges).toEqual([z(1, 500), z(1, 700)]);
    leader.ack(3, z(2, 1));
    expect(leader.purges.at(-1)).toBe(z(2, 1));
  });

  it('cuts off one whose next entries were purged all the same: it comes again', () => {
    const leader = elected({ history });
    leader.join(3, THIRD, endOf(z(1, 600)));
    leader.step({ kind: 'logRead', read: leader.reads[0]?.read ?? 0, entries: [] });
    expect(leader.closed).toEqual(['learner 3: the log has nothing behind 1.600 any more']);
  });
});

describe('a follower that fetches a snapshot', () => {
  const history = trioHistory([z(1, 200)]);

  function fetching(): ScriptedReplica {
    const follower = discovered(3, { history });
    follower.fromLeader({ kind: 'snapshotNeeded', atLeast: z(2, 1000) });
    follower.toldLeader();
    return follower;
  }

  /** Its database comes back with a snapshot, whole and on disk. */
  function returnWith(follower: ScriptedReplica, counter: number): void {
    follower.end('databaseEnded', DATABASE);
    follower.step({ kind: 'databaseConnected', link: 5 });
    follower.fromDatabase(5, deliver(z(2, counter), z(2, counter), CONFIGURATION));
  }

  it('sends its database to the database of the leader, and delivers nothing to it', () => {
    const follower = fetching();
    expect(follower.toDatabase.get(DATABASE)?.at(-1)).toEqual({
      kind: 'snapshotNeeded',
      atLeast: z(2, 1000),
      databaseAddress: 'database-2',
    });
    follower.fromLeader({ kind: 'commit', zxid: z(2, 1500) });
    expect(follower.delivered(DATABASE)).toEqual([]);
    expect(follower.core.status().databases).toMatchObject([{ state: 'needsSnapshot' }]);
  });

  it('H8 a: makes each step durable before the next: snapshot, base, tail, epoch, word', () => {
    const follower = fetching();
    expect(follower.restarts).toEqual([]);
    returnWith(follower, 1000);
    expect(follower.restarts).toEqual([{ zxid: z(2, 1000), configuration: TRIO }]);
    expect(follower.toldLeader()).toEqual([]);
    follower.step({ kind: 'logRestarted', base: z(2, 1000) });
    expect(follower.toldLeader()).toEqual([{ kind: 'position', lastZxid: z(2, 1000) }]);
    follower.entriesFromLeader(entries(2, 1001, 1500), z(2, 1400));
    follower.fromLeader({ kind: 'newLeader', epoch: makeEpoch(3) });
    expect(follower.writes.at(-1)?.currentEpoch).toBe(1);
    expect(follower.toldLeader()).toEqual([{ kind: 'ack', zxid: z(2, 1000) }]);
    follower.sync();
    expect(follower.writes.at(-1)?.currentEpoch).toBe(3);
    expect(follower.toldLeader().map((it) => it.kind)).toContain('synchronized');
    expect(follower.delivered(5).at(-1)).toBe(z(2, 1400));
  });

  it('bug 21: crashed with the base and without its snapshot it has no history, and does not stand', () => {
    const base = z(2, 1000);
    const configurations = [{ zxid: base, configuration: TRIO }];
    const crashed = trioHistory([z(2, 1500)], { base, logStart: base, configurations });
    const replica = new ScriptedReplica({ history: crashed });
    replica.step({ kind: 'databaseConnected', link: DATABASE });
    replica.fromDatabase(DATABASE, deliver(z(1, 200), z(1, 200)));
    replica.processor(PROCESSOR);
    replica.meet(SECOND);
    replica.meet(THIRD);
    for (let i = 0; i < 20; i++) replica.tick();
    expect(replica.core.status().mayNotStand).toBe('its database needs a snapshot');
    expect(replica.asked(2)).toEqual([]);
    expect(replica.delivered(DATABASE)).toEqual([]);
  });

  it('H8 b: crashed with the snapshot and the old log begins its log anew, without the dead tail', () => {
    const crashed = trioHistory([z(1, 205)], { committed: z(1, 200) });
    const replica = new ScriptedReplica({ history: crashed });
    replica.step({ kind: 'databaseConnected', link: DATABASE });
    replica.fromDatabase(DATABASE, deliver(z(2, 1000), z(2, 1000), CONFIGURATION));
    expect(replica.restarts).toEqual([{ zxid: z(2, 1000), configuration: TRIO }]);
    expect(replica.core.status().mayNotStand).toBe('its log is being written');
    replica.step({ kind: 'logRestarted', base: z(2, 1000) });
    expect(replica.core.status()).toMatchObject({
      lastProposed: z(2, 1000),
      committed: z(2, 1000),
      mayNotStand: null,
    });
    expect(replica.core.status().databases).toMatchObject([{ state: 'delivering' }]);
  });

  it('bug 7: goes on by entries under a new leader whose log reaches its own', () => {
    const follower = fetching();
    const link = follower.dialled?.link ?? 0;
    follower.step({ kind: 'leaderEnded', link, end: { cause: 'lost', reason: 'gone' } });
    follower.meet(THIRD, { leads: makeEpoch(4), acceptedEpoch: makeEpoch(4) });
    follower.reachLeader();
    follower.fromLeader({ kind: 'newEpoch', epoch: makeEpoch(4), databaseAddress: 'database-3' });
    expect(follower.toldLeader().at(-1)).toMatchObject({ history: endOf(z(1, 200)) });
    follower.entriesFromLeader(entries(2, 1, 5));
    follower.sync();
    expect(follower.core.status().lastProposed).toBe(z(2, 5));
    expect(follower.restarts).toEqual([]);
  });

  it('bug 7: a database that broke off its fetching is delivered to again under such a leader', () => {
    const follower = fetching();
    const link = follower.dialled?.link ?? 0;
    follower.step({ kind: 'leaderEnded', link, end: { cause: 'lost', reason: 'gone' } });
    follower.end('databaseEnded', DATABASE);
    follower.database(5, z(1, 200));
    expect(follower.core.status().databases).toMatchObject([{ state: 'delivering' }]);
    expect(follower.core.status().mayNotStand).toBeNull();
  });

  it('names the database of the new leader to a database that still needs its snapshot', () => {
    const follower = fetching();
    const link = follower.dialled?.link ?? 0;
    follower.step({ kind: 'leaderEnded', link, end: { cause: 'lost', reason: 'gone' } });
    expect(follower.toDatabase.get(DATABASE)?.at(-1)).toMatchObject({ databaseAddress: '' });
    follower.meet(THIRD, { leads: makeEpoch(4), acceptedEpoch: makeEpoch(4) });
    follower.reachLeader();
    follower.fromLeader({ kind: 'newEpoch', epoch: makeEpoch(4), databaseAddress: 'database-3' });
    expect(follower.toDatabase.get(DATABASE)?.at(-1)).toMatchObject({
      kind: 'snapshotNeeded',
      databaseAddress: 'database-3',
    });
  });

  it('H7: stops where the snapshot is of another ensemble', () => {
    const follower = fetching();
    const foreign = encodeConfiguration({ ...TRIO, clusterId: 'another' });
    follower.end('databaseEnded', DATABASE);
    follower.step({ kind: 'databaseConnected', link: 5 });
    follower.fromDatabase(5, deliver(z(2, 1000), z(2, 1000), foreign));
    expect(follower.fatal?.code).toBe('foreign');
  });

  it('an empty replica learns from it whose ensemble it is, and remains no voter of it', () => {
    const unformed = {
      ...TRIO,
      clusterId: '',
      members: TRIO.members.map((it) => ({ ...it, incarnation: 0 })),
    };
    const configurations = [{ zxid: ZXID_ZERO, configuration: unformed }];
    const others = encodeConfiguration({
      ...TRIO,
      members: TRIO.members.map((it) => (it.replica === 1 ? { ...it, incarnation: 6 } : it)),
    });
    const replica = discovered(3, { history: trioHistory([], { configurations }) });
    replica.fromLeader({ kind: 'snapshotNeeded', atLeast: z(2, 1000) });
    replica.end('databaseEnded', DATABASE);
    replica.step({ kind: 'databaseConnected', link: 5 });
    replica.fromDatabase(5, deliver(z(2, 1000), z(2, 1000), others));
    replica.step({ kind: 'logRestarted', base: z(2, 1000) });
    expect(replica.core.status().configuration?.clusterId).toBe('cluster');
    expect(replica.core.status().mayNotStand).toBe('this life of the replica is no voter');
    expect(replica.toElectors.get(2)?.at(-1)).toMatchObject({
      kind: 'introduce',
      identity: { replica: 1, incarnation: 7, clusterId: 'cluster' },
    });
  });
});
