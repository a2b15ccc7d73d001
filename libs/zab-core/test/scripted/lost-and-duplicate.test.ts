import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { LeaderMessage } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries, entry } from '../broadcaster-fixture.ts';
import {
  DATABASE,
  discovered,
  endOf,
  following,
  leading,
  PROCESSOR,
  SECOND,
  THIRD,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;

describe('a follower that is sent something twice, or not at all', () => {
  const history = trioHistory([z(1, 9)]);

  it('drops proposals that it has already', () => {
    const follower = following(2, { history });
    follower.entriesFromLeader(entries(2, 1, 3));
    follower.entriesFromLeader(entries(2, 2, 5));
    follower.entriesFromLeader(entries(2, 1, 5));
    expect(follower.log.map((it) => it.zxid)).toEqual([1, 2, 3, 4, 5].map((c) => z(2, c)));
    expect(follower.closed).toEqual([]);
  });

  it('bug 8: leaves a leader that sends a gap, and keeps what came before it', () => {
    const follower = following(2, { history });
    follower.entriesFromLeader([...entries(2, 1, 3), ...entries(2, 5, 6)]);
    expect(follower.closed.length).toBe(1);
    expect(follower.core.status().role).toBe('looking');
    expect(follower.core.status().lastProposed).toBe(z(2, 3));
    expect(follower.events.some((it) => it.detail?.['reason'] === 'it sent 2.5 behind 2.3')).toBe(
      true,
    );
    follower.sync();
    expect(follower.core.status().durable).toBe(z(2, 3));
  });

  it('bug 8: takes an epoch only from its first entry on', () => {
    const follower = following(2, { history });
    follower.entriesFromLeader([entry(2, 2, 'data')]);
    expect(follower.core.status().role).toBe('looking');
    expect(follower.log).toEqual([]);
  });

  it('takes commits as cumulative, and none back', () => {
    const follower = following(2, { history });
    follower.entriesFromLeader(entries(2, 1, 6));
    follower.sync();
    follower.fromLeader({ kind: 'commit', zxid: z(2, 4) }, { kind: 'commit', zxid: z(2, 2) });
    expect(follower.core.status().committed).toBe(z(2, 4));
    expect(follower.delivered(DATABASE)).toEqual([1, 2, 3, 4].map((c) => z(2, c)));
  });

  it('remembers a commit point that is further on than what has come', () => {
    const follower = following(2, { history });
    follower.fromLeader({ kind: 'commit', zxid: z(2, 4) });
    expect(follower.core.status().committed).toBe(z(1, 9));
    follower.entriesFromLeader(entries(2, 1, 6));
    follower.sync();
    expect(follower.delivered(DATABASE)).toEqual([1, 2, 3, 4].map((c) => z(2, c)));
  });

  it('hears nothing of a leader that it has left', () => {
    const follower = following(2, { history });
    const link = follower.dialled?.link ?? 0;
    follower.step({ kind: 'leaderEnded', link, end: { cause: 'lost', reason: 'gone' } });
    follower.entriesFromLeader(entries(2, 1, 3));
    follower.fromLeader({ kind: 'newEpoch', epoch: makeEpoch(3), databaseAddress: '' });
    expect(follower.log).toEqual([]);
    expect(follower.core.status().acceptedEpoch).toBe(2);
  });
});

describe('bugs 11 and 12: whatever lies between NEWLEADER, its acknowledgement and UPTODATE', () => {
  const around: readonly LeaderMessage[] = [
    { kind: 'newLeader', epoch: makeEpoch(2) },
    { kind: 'upToDate', committed: z(1, 9) },
  ];
  const between: readonly LeaderMessage[] = [
    { kind: 'entries', entries: entries(2, 1, 2), committed: z(1, 9) },
    { kind: 'entries', entries: entries(2, 3, 3), committed: z(1, 9) },
    { kind: 'commit', zxid: z(2, 2) },
  ];

  it.each(interleavings(around, between).map((order) => [words(order), order] as const))(
    '%s',
    (_words, order) => {
      const follower = discovered(2, { history: trioHistory([z(1, 9)]) });
      follower.toldLeader();
      for (const message of order) {
        // A leader says so only to those who have acknowledged NEWLEADER.
        if (message.kind === 'upToDate') follower.sync();
        follower.fromLeader(message);
      }
      follower.sync();
      const told = follower.toldLeader();
      expect(told.filter((it) => it.kind === 'synchronized')).toEqual([
        { kind: 'synchronized', epoch: 2 },
      ]);
      expect(told.findLast((it) => it.kind === 'ack')).toEqual({ kind: 'ack', zxid: z(2, 3) });
      expect(follower.core.status().phase).toBe('broadcast');
      expect(follower.delivered(DATABASE)).toEqual([z(2, 1), z(2, 2)]);
    },
  );
});

describe('a leader whose learner breaks a rule', () => {
  it.each([
    ['speaks before it says who it is', [{ kind: 'ack', zxid: ZXID_ZERO }]],
    [
      'says who it is twice',
      [SECOND, THIRD].map((it) => ({
        kind: 'follow' as const,
        ...it,
        clusterId: 'cluster',
        acceptedEpoch: makeEpoch(0),
      })),
    ],
    [
      'is of another ensemble',
      [{ kind: 'follow', ...THIRD, clusterId: 'another', acceptedEpoch: makeEpoch(0) }],
    ],
  ] as const)('ends the link of one that %s', (_what, messages) => {
    const leader = leading();
    leader.step({ kind: 'learnerConnected', link: 3 });
    leader.step({ kind: 'learnerReceived', link: 3, messages });
    expect(leader.closed.length).toBe(1);
    expect(leader.core.status().learners.length).toBe(1);
  });

  it('ends the link of one that acknowledges what it was not sent, and commits nothing by it', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.sync();
    leader.ack(2, z(1, 5));
    expect(leader.closed).toEqual(['learner 2: nothing is acknowledged that was not sent']);
    expect(leader.core.status().committed).toBe(z(1, 1));
  });

  it('takes acknowledgements as cumulative, and none back', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 6));
    leader.sync();
    leader.ack(2, z(1, 4));
    leader.ack(2, z(1, 2));
    leader.ack(2, z(1, 4));
    expect(leader.core.status().committed).toBe(z(1, 4));
    expect(leader.heard(2).filter((it) => it.kind === 'commit')).toEqual([
      { kind: 'commit', zxid: z(1, 4) },
    ]);
  });

  it('takes up one that comes again on a new link, from what it has', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 6));
    leader.sync();
    leader.step({ kind: 'learnerEnded', link: 2, end: { cause: 'lost', reason: 'gone' } });
    leader.join(4, SECOND, endOf(z(1, 3)));
    expect(leader.heard(4).at(-1)).toEqual({ kind: 'newLeader', epoch: 1 });
    leader.fromLearner(4, { kind: 'synchronized', epoch: makeEpoch(1) });
    expect(leader.core.status().committed).toBe(z(1, 6));
  });
});

/** Every order of both lists that keeps the order of each. */
function interleavings<T>(a: readonly T[], b: readonly T[]): T[][] {
  const [firstA, ...restA] = a;
  const [firstB, ...restB] = b;
  if (firstA === undefined) return [[...b]];
  if (firstB === undefined) return [[...a]];
  return [
    ...interleavings(restA, b).map((rest) => [firstA, ...rest]),
    ...interleavings(a, restB).map((rest) => [firstB, ...rest]),
  ];
}

function words(order: readonly LeaderMessage[]): string {
  return order
    .map((it) => (it.kind === 'entries' ? `proposes ${it.entries.length}` : it.kind))
    .join(', ');
}

describe('a voter at whose address another ensemble answers', () => {
  it('is named in the status until it is of this one', () => {
    const leader = leading();
    const identity = { ...THIRD, clusterId: 'another', voters: [1, 2, 3] };
    const acceptedEpoch = makeEpoch(0);
    leader.fromElector(3, { kind: 'state', identity, acceptedEpoch, leads: acceptedEpoch });
    expect(leader.core.status().foreign.map(({ replica }) => replica)).toEqual([3]);
    leader.meet(THIRD);
    expect(leader.core.status().foreign).toEqual([]);
  });
});
