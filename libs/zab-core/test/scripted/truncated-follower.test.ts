import { makeZxid, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries, entry } from '../broadcaster-fixture.ts';
import { discovered, elected, endOf, THIRD, trioHistory, zxidsOf } from './scripted-replica.ts';

const z = makeZxid;

describe('a leader and a follower whose history is not its own', () => {
  const history = trioHistory([z(1, 50), z(2, 10), z(4, 5)]);

  it.each([
    ['behind the end of an old epoch', z(1, 53), z(1, 50)],
    ['behind the end of another', z(2, 12), z(2, 10)],
    ['in an epoch that was never here', z(3, 7), z(2, 10)],
    ['behind the end of the newest', z(4, 9), z(4, 5)],
  ])('bug 1: cuts exactly what was never here: a tail %s', (_where, last, after) => {
    const leader = elected({ history });
    leader.join(3, THIRD, endOf(last));
    expect(leader.heard(3).slice(1)).toEqual([{ kind: 'truncate', after }]);
    leader.fromLearner(3, { kind: 'position', lastZxid: after });
    expect(leader.reads.map((it) => it.after)).toEqual(after === z(4, 5) ? [] : [after]);
  });

  it.each([
    ['nothing', ZXID_ZERO],
    ['a part of an old epoch', z(1, 40)],
    ['an old epoch to its end', z(1, 50)],
    ['a part of the newest', z(4, 2)],
  ])('cuts nothing of one that has %s, and sends what is behind', (_what, last) => {
    const leader = elected({ history });
    leader.join(3, THIRD, endOf(last));
    expect(leader.heard(3).map((it) => it.kind)).toEqual(['newEpoch']);
    expect(leader.reads.map((it) => it.after)).toEqual([last]);
  });

  it('knows the end of an epoch that was purged', () => {
    const purged = trioHistory([z(2, 10)], { logStart: z(1, 50) });
    const leader = elected({ history: purged });
    leader.join(3, THIRD, endOf(z(1, 50)));
    expect(leader.heard(3).map((it) => it.kind)).toEqual(['newEpoch']);
    expect(leader.reads.map((it) => it.after)).toEqual([z(1, 50)]);
  });

  it('goes on from wherever the follower ends after the cut', () => {
    const leader = elected({ history });
    leader.join(3, THIRD, endOf(z(3, 7)));
    leader.fromLearner(3, { kind: 'position', lastZxid: z(2, 8) });
    expect(leader.reads.map((it) => it.after)).toEqual([z(2, 8)]);
    leader.step({
      kind: 'logRead',
      read: leader.reads[0]?.read ?? 0,
      entries: [...entries(2, 9, 10), ...entries(4, 1, 5)],
    });
    const sent = leader.heard(3);
    expect(zxidsOf(sent)).toEqual([z(2, 9), z(2, 10), ...[1, 2, 3, 4, 5].map((c) => z(4, c))]);
    expect(sent.at(-1)?.kind).toBe('newLeader');
  });

  it('has it cut again where the first cut left another epoch that was never here', () => {
    const leader = elected({ history: trioHistory([z(1, 50), z(5, 5)]) });
    leader.join(3, THIRD, endOf(z(6, 7)));
    leader.fromLearner(3, { kind: 'position', lastZxid: z(3, 8) });
    expect(leader.heard(3).slice(1)).toEqual([
      { kind: 'truncate', after: z(5, 5) },
      { kind: 'truncate', after: z(1, 50) },
    ]);
  });
});

describe('a follower that is to cut its history', () => {
  const history = trioHistory([z(1, 9), z(2, 4)], { committed: z(1, 9) });

  it('says where it ends only when the cut is durable, and takes what comes behind', () => {
    const follower = discovered(3, { history });
    expect(follower.toldLeader().at(-1)).toMatchObject({ history: endOf(z(2, 4)) });
    follower.fromLeader({ kind: 'truncate', after: z(1, 9) });
    expect(follower.cuts).toEqual([z(1, 9)]);
    expect(follower.toldLeader()).toEqual([]);
    expect(follower.core.status().lastProposed).toBe(z(2, 4));
    follower.step({ kind: 'logTruncated', last: z(1, 9) });
    expect(follower.toldLeader()).toEqual([{ kind: 'position', lastZxid: z(1, 9) }]);
    follower.entriesFromLeader([entry(3, 1)]);
    expect(follower.log.map((it) => it.zxid)).toEqual([z(3, 1)]);
  });

  it('bug 10: waits until everything that it has begun to write is written', () => {
    const follower = discovered(3, { history });
    follower.entriesFromLeader([entry(3, 1)]);
    follower.fromLeader({ kind: 'truncate', after: z(1, 9) });
    expect(follower.cuts).toEqual([]);
    follower.sync();
    expect(follower.cuts).toEqual([z(1, 9)]);
  });

  it('does not cut for a leader that it has lost meanwhile', () => {
    const follower = discovered(3, { history });
    follower.entriesFromLeader([entry(3, 1)]);
    follower.fromLeader({ kind: 'truncate', after: z(1, 9) });
    const link = follower.dialled?.link ?? 0;
    follower.step({ kind: 'leaderEnded', link, end: { cause: 'lost', reason: 'gone' } });
    follower.sync();
    expect(follower.cuts).toEqual([]);
    expect(follower.core.status().lastProposed).toBe(z(3, 1));
  });

  it('neither votes nor follows anybody else while it is being cut', () => {
    const follower = discovered(3, { history });
    follower.fromLeader({ kind: 'truncate', after: z(1, 9) });
    const link = follower.dialled?.link ?? 0;
    follower.step({ kind: 'leaderEnded', link, end: { cause: 'lost', reason: 'gone' } });
    const preVote = { kind: 'preVote', ballot: 1, history: endOf(z(2, 9), 3) } as const;
    expect(follower.fromCandidate(THIRD, preVote)).toMatchObject([{ granted: false }]);
    expect(follower.core.status().mayNotStand).toBe('its log is being written');
    follower.meet(THIRD, { leads: follower.core.status().acceptedEpoch });
    expect(follower.dialled?.link).toBe(link);
    follower.step({ kind: 'logTruncated', last: z(1, 9) });
    expect(follower.dialled?.link).toBe(link + 1);
  });

  it('H9: stops rather than cut what its database may have applied', () => {
    const follower = discovered(3, { history });
    follower.fromLeader({ kind: 'truncate', after: z(1, 8) });
    expect(follower.cuts).toEqual([]);
    expect(follower.fatal?.code).toBe('appliedTruncated');
  });

  it('bug 18: stops where the disk fails in the cut', () => {
    const follower = discovered(3, { history });
    follower.fromLeader({ kind: 'truncate', after: z(1, 9) });
    follower.step({ kind: 'diskFailed', reason: 'EIO' });
    expect(follower.fatal?.code).toBe('diskFailed');
    follower.fromLeader({ kind: 'newLeader', epoch: follower.core.status().acceptedEpoch });
    expect(follower.toldLeader().some((it) => it.kind === 'synchronized')).toBe(false);
  });
});
