import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries } from '../broadcaster-fixture.ts';
import { elected, endOf, leading, PROCESSOR, SECOND, THIRD, zxidsOf } from './scripted-replica.ts';

describe('a follower that joins an established epoch', () => {
  it('bug 4: is sent what is under way from its acceptance of the epoch on, not from its synchronization', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.learner(3, THIRD);
    expect(leader.heard(3)).toEqual([
      { kind: 'newEpoch', epoch: 1, databaseAddress: 'database-1' },
    ]);
    leader.propose(PROCESSOR, entries(1, 5, 5));
    expect(leader.heard(3)).toEqual([]);
    leader.fromLearner(3, {
      kind: 'epochAccepted',
      epoch: leader.core.status().epoch,
      history: endOf(makeZxid(1, 1)),
      isPromise: true,
    });
    const sent = leader.heard(3);
    expect(zxidsOf(sent)).toEqual([2, 3, 4, 5].map((c) => makeZxid(1, c)));
    expect(sent.at(-1)).toEqual({ kind: 'newLeader', epoch: 1 });
    leader.propose(PROCESSOR, entries(1, 6, 6));
    expect(zxidsOf(leader.heard(3))).toEqual([makeZxid(1, 6)]);
  });

  it('is told with COMMIT-LD what is committed by now, not what was when it was sent the history', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.join(3, THIRD, endOf(makeZxid(1, 1)));
    leader.heard(3);
    leader.sync();
    leader.ack(2, makeZxid(1, 4));
    expect(leader.core.status().committed).toBe(makeZxid(1, 4));
    expect(leader.heard(3)).toEqual([]);
    leader.fromLearner(3, { kind: 'synchronized', epoch: leader.core.status().epoch });
    expect(leader.heard(3)).toEqual([{ kind: 'upToDate', committed: makeZxid(1, 4) }]);
  });

  it('bug 12: may acknowledge proposals before NEWLEADER, and they count once it is synchronized', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.sync();
    leader.join(3, THIRD, endOf(makeZxid(1, 1)));
    leader.ack(3, makeZxid(1, 4));
    expect(leader.core.status().committed).toBe(makeZxid(1, 1));
    leader.fromLearner(3, { kind: 'synchronized', epoch: leader.core.status().epoch });
    expect(leader.core.status().committed).toBe(makeZxid(1, 4));
    expect(leader.closed).toEqual([]);
  });

  it('does not count for an epoch that it has not synchronized with', () => {
    const leader = elected();
    leader.join(2, SECOND, endOf(ZXID_ZERO));
    expect(leader.heard(2).map((it) => it.kind)).toEqual(['newEpoch', 'newLeader']);
    leader.fromLearner(2, { kind: 'heartbeatAck', round: leader.round(2) });
    leader.ack(2, ZXID_ZERO);
    expect(leader.core.status().phase).toBe('synchronization');
    expect(leader.terms(PROCESSOR)).toEqual([]);
    leader.fromLearner(2, { kind: 'synchronized', epoch: leader.core.status().epoch });
    expect(leader.core.status().phase).toBe('broadcast');
    expect(leader.heard(2)).toEqual([{ kind: 'upToDate', committed: ZXID_ZERO }]);
  });

  it('counts for no later epoch with what it said of an earlier one', () => {
    const leader = leading({ lastCounter: 3 });
    leader.propose(PROCESSOR, entries(1, 2, 3));
    leader.sync();
    const { epoch } = leader.core.status();
    expect(epoch).toBe(2);
    leader.fromLearner(2, { kind: 'synchronized', epoch: makeEpoch(1) });
    leader.ack(2, makeZxid(1, 3));
    expect(leader.core.status().phase).toBe('discovery');
    expect(leader.core.status().committed).toBe(makeZxid(1, 1));
  });
});
