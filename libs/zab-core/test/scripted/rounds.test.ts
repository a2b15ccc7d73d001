import { makeEpoch, makeZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries } from '../broadcaster-fixture.ts';
import {
  DATABASE,
  elected,
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

/** The rounds that the processor was told are confirmed. */
function confirmed(leader: ScriptedReplica): number[] {
  return leader
    .replies(PROCESSOR)
    .flatMap((it) => (it.kind === 'leadershipConfirmed' ? [it.round] : []));
}

function request(leader: ScriptedReplica, round: number): void {
  leader.fromProcessor(PROCESSOR, { kind: 'confirmLeadership', term: leader.term, round });
}

function answer(leader: ScriptedReplica, round = leader.round(2), link = 2): void {
  leader.fromLearner(link, { kind: 'heartbeatAck', round });
}

describe('a round of confirmation', () => {
  it('H13: is answered once a quorum has acknowledged it, with what is committed then', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 4));
    request(leader, 1);
    expect(confirmed(leader)).toEqual([]);
    leader.sync();
    leader.ack(2, z(1, 3));
    answer(leader);
    expect(leader.replies(PROCESSOR).at(-1)).toEqual({
      kind: 'leadershipConfirmed',
      round: 1,
      floor: z(1, 3),
    });
  });

  it('H13 c: counts for a request only if it was sent after the request had arrived', () => {
    const leader = leading();
    leader.tick();
    const before = leader.round(2);
    request(leader, 1);
    answer(leader, before);
    expect(confirmed(leader)).toEqual([]);
    answer(leader);
    expect(confirmed(leader)).toEqual([1]);
  });

  it('H13 e: what arrives while one is under way waits for the next, which then answers all', () => {
    const leader = leading();
    request(leader, 1);
    const first = leader.round(2);
    request(leader, 2);
    leader.fromDatabase(DATABASE, { kind: 'probe', probe: 1 });
    leader.fromLearner(2, { kind: 'probe', probe: 9 });
    expect(leader.round(2)).toBe(first);
    answer(leader, first);
    expect(confirmed(leader)).toEqual([1]);
    expect(leader.round(2)).toBe(first + 1);
    answer(leader);
    expect(confirmed(leader)).toEqual([1, 2]);
    const probed = { kind: 'probed', floor: z(1, 1) };
    expect(leader.toDatabase.get(DATABASE)?.at(-1)).toEqual({ ...probed, probe: 1 });
    expect(leader.heard(2).at(-1)).toEqual({ ...probed, probe: 9 });
  });

  it('bug 43: is never sent again under its number: a lost one is followed by another', () => {
    const leader = leading();
    request(leader, 1);
    const lost = leader.round(2);
    leader.tick();
    leader.tick();
    expect(leader.round(2)).toBeGreaterThan(lost);
    answer(leader, lost);
    expect(confirmed(leader)).toEqual([]);
    answer(leader);
    expect(confirmed(leader)).toEqual([1]);
  });

  it('bug 43: of an earlier epoch of the same leader confirms nothing in a later one', () => {
    const leader = leading({ lastCounter: 3 });
    request(leader, 1);
    const before = leader.round(2);
    leader.propose(PROCESSOR, entries(1, 2, 3));
    leader.sync();
    const accepted = {
      kind: 'epochAccepted',
      epoch: makeEpoch(2),
      history: endOf(z(1, 3)),
      isPromise: true,
    } as const;
    leader.fromLearner(2, accepted);
    leader.fromLearner(2, accepted);
    leader.fromLearner(2, { kind: 'synchronized', epoch: makeEpoch(2) });
    leader.propose(PROCESSOR, entries(2, 1, 1));
    leader.sync();
    leader.ack(2, z(2, 1));
    request(leader, 2);
    answer(leader, before);
    expect(confirmed(leader)).toEqual([]);
    expect(leader.round(2)).toBeGreaterThan(before);
    answer(leader);
    expect(confirmed(leader)).toEqual([2]);
  });

  it('H13 d: is not even sent before what the epoch began with is committed', () => {
    const leader = elected({ history: trioHistory([z(1, 9)], { committed: z(1, 5) }) });
    leader.fromDatabase(DATABASE, { kind: 'probe', probe: 1 });
    leader.join(2, SECOND, endOf(z(1, 9)));
    answer(leader);
    expect(leader.toDatabase.get(DATABASE)?.some((it) => it.kind === 'probed')).toBe(false);
    leader.fromLearner(2, { kind: 'synchronized', epoch: makeEpoch(2) });
    for (let round = 1; round <= leader.round(2); round++) answer(leader, round);
    expect(leader.toDatabase.get(DATABASE)).toContainEqual({
      kind: 'probed',
      probe: 1,
      floor: z(1, 9),
    });
  });

  it('is confirmed by no observer and by no life of a voter that is not listed', () => {
    const leader = leading();
    leader.joinInSync(4, { replica: 4, incarnation: 1 });
    leader.joinInSync(5, { ...THIRD, incarnation: 77 });
    request(leader, 1);
    for (const link of [4, 5]) answer(leader, leader.round(link), link);
    expect(confirmed(leader)).toEqual([]);
  });

  it('H1, H13: of a term that ended is never answered, nor after the leader has stepped down', () => {
    const leader = leading();
    request(leader, 1);
    leader.fromDatabase(DATABASE, { kind: 'probe', probe: 1 });
    const round = leader.round(2);
    for (let i = 0; i < 7; i++) leader.tick();
    expect(leader.core.status().role).toBe('looking');
    answer(leader, round);
    answer(leader);
    expect(confirmed(leader)).toEqual([]);
    expect(leader.toDatabase.get(DATABASE)?.some((it) => it.kind === 'probed')).toBe(false);
  });

  it('H13 d: confirms nothing before what the epoch began with is committed', () => {
    const history = trioHistory([z(1, 9)], { committed: z(1, 5) });
    const leader = new ScriptedReplica({ history, epochsAtOnce: false });
    const written = (): void => {
      const epochs = leader.writes.at(-1);
      if (epochs !== undefined) leader.step({ kind: 'epochsWritten', epochs });
    };
    const isProbed = (): boolean =>
      leader.toDatabase.get(DATABASE)?.some((it) => it.kind === 'probed') === true;
    leader.serve();
    leader.meet(SECOND);
    leader.grantPreVote(2);
    written();
    leader.grantVote(2);
    leader.joinInSync(2, SECOND);
    leader.fromDatabase(DATABASE, { kind: 'probe', probe: 1 });
    leader.tick();
    answer(leader);
    expect(isProbed()).toBe(false);
    written();
    leader.tick();
    answer(leader);
    expect(isProbed()).toBe(true);
  });
});

describe('a follower', () => {
  const history = trioHistory([z(1, 9)]);

  it('H13: has its database confirmed by the leader, and hands it only the leader’s answer', () => {
    const follower = following(2, { history });
    follower.fromDatabase(DATABASE, { kind: 'probe', probe: 5 });
    expect(follower.toldLeader()).toEqual([{ kind: 'probe', probe: 1 }]);
    const probed = () => follower.toDatabase.get(DATABASE)?.filter((it) => it.kind === 'probed');
    follower.fromLeader({ kind: 'heartbeat', round: 3, held: true });
    expect(probed()).toEqual([]);
    follower.fromLeader({ kind: 'probed', probe: 1, floor: z(1, 9) });
    expect(probed()).toEqual([{ kind: 'probed', probe: 5, floor: z(1, 9) }]);
  });

  it('H13 f: asks nobody and answers nothing while it has no leader', () => {
    const replica = new ScriptedReplica({ history });
    replica.serve();
    replica.fromDatabase(DATABASE, { kind: 'probe', probe: 5 });
    for (let i = 0; i < 5; i++) replica.tick();
    expect(replica.toDatabase.get(DATABASE)?.some((it) => it.kind === 'probed')).toBe(false);
  });

  it('H13: answers a heartbeat only of the epoch that it has accepted last', () => {
    const accepted = { acceptedEpoch: makeEpoch(7), currentEpoch: makeEpoch(1) };
    const replica = new ScriptedReplica({ history: { ...history, epochs: accepted } });
    replica.meet(SECOND, { leads: makeEpoch(5) });
    replica.reachLeader();
    const answers = () =>
      (replica.toLeader.get(replica.dialled?.link ?? 0) ?? []).flatMap((it) =>
        it.kind === 'heartbeatAck' ? [it.round] : [],
      );
    replica.fromLeader({ kind: 'heartbeat', round: 7, held: true });
    expect(answers()).toEqual([]);
    replica.fromLeader(
      { kind: 'newEpoch', epoch: makeEpoch(8), databaseAddress: '' },
      { kind: 'heartbeat', round: 8, held: true },
    );
    expect(answers()).toEqual([8]);
  });

  it('H17: tells its database what the leader says of the term, and no more once it is lost', () => {
    const follower = following(2, { history });
    follower.fromLeader({ kind: 'heartbeat', round: 1, held: true });
    expect(follower.held(DATABASE)).toEqual([false, true]);
    const link = follower.dialled?.link ?? 0;
    follower.step({ kind: 'leaderEnded', link, end: { cause: 'lost', reason: 'gone' } });
    expect(follower.held(DATABASE)).toEqual([false, true, false]);
  });
});
