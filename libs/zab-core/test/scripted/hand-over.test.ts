import { decodeConfiguration } from '@paddock/codec';
import { makeEpoch, makeZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entry } from '../broadcaster-fixture.ts';
import type { ScriptedReplica } from './scripted-replica.ts';
import {
  following,
  leading,
  marker,
  PROCESSOR,
  SECOND,
  THIRD,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;

function transfer(leader: ScriptedReplica, replica: number) {
  return leader.ask({ kind: 'transfer', replica });
}

describe('leadership that is handed over', () => {
  it('goes to a voter that has everything, after no more is proposed', () => {
    const leader = leading();
    leader.propose(PROCESSOR, [entry(1, 2), entry(1, 3)]);
    leader.sync();
    leader.heard(2);
    expect(transfer(leader, 2)).toBeUndefined();
    expect(leader.terms(PROCESSOR).length).toBe(2);
    leader.tick();
    expect(leader.terms(PROCESSOR).length).toBe(2);
    leader.ack(2, z(1, 2));
    expect(leader.core.status().role).toBe('leader');
    leader.ack(2, z(1, 3));
    expect(leader.core.status().role).toBe('looking');
    expect(leader.heard(2).map((it) => it.kind)).toEqual(['commit', 'commit', 'handOver']);
    expect(leader.core.status().committed).toBe(z(1, 3));
  });

  it('is answered when the heir leads', () => {
    const leader = leading();
    transfer(leader, 2);
    expect(leader.core.status().role).toBe('looking');
    expect(leader.answered).toEqual([]);
    leader.tick(150);
    const leads = makeEpoch(2);
    leader.meet(SECOND, { leads, acceptedEpoch: leads });
    leader.reachLeader();
    leader.fromLeader({ kind: 'newEpoch', epoch: leads, databaseAddress: 'database-2' });
    expect(leader.answered).toEqual([{ kind: 'transferred', leader: 2 }]);
  });

  it('stays where it is while the heir does not come to have everything, and then serves again', () => {
    const leader = leading();
    leader.propose(PROCESSOR, [entry(1, 2)]);
    leader.sync();
    transfer(leader, 2);
    for (let i = 0; i < 4; i++) {
      leader.fromLearner(2, { kind: 'heartbeatAck', round: leader.round(2) });
      leader.tick();
    }
    expect(leader.answered).toMatchObject([{ kind: 'refused', code: 'interrupted' }]);
    expect(leader.core.status().role).toBe('leader');
    expect(leader.terms(PROCESSOR).length).toBe(3);
  });

  it('goes to voters that are synchronized alone', () => {
    const leader = leading();
    leader.joinInSync(4, { replica: 4, incarnation: 1 });
    expect(transfer(leader, 3)).toMatchObject({ code: 'notSynchronized' });
    expect(transfer(leader, 4)).toMatchObject({ code: 'noSuchMember' });
    expect(transfer(leader, 1)).toEqual({ kind: 'transferred', leader: 1 });
    expect(leader.terms(PROCESSOR).length).toBe(1);
  });

  it('is not given away twice at a time', () => {
    const leader = leading();
    leader.joinInSync(3, THIRD);
    leader.propose(PROCESSOR, [entry(1, 2)]);
    leader.sync();
    transfer(leader, 2);
    expect(transfer(leader, 3)).toMatchObject({ code: 'changeInProgress' });
  });

  it('the heir stands at once, and the others later', () => {
    const heir = following(2, { history: trioHistory([z(1, 9)]) });
    heir.meet(THIRD);
    heir.asked(3);
    heir.fromLeader({ kind: 'handOver', replica: 1 });
    expect(heir.asked(3).map((it) => it.kind)).toEqual(['preVote']);
    const other = following(2, { history: trioHistory([z(1, 9)]) });
    other.meet(THIRD);
    other.asked(3);
    other.fromLeader({ kind: 'handOver', replica: 3 });
    other.tick(1000);
    expect(other.asked(3)).toEqual([]);
  });

  it('is given away by a leader that a change has left out, once the logs of a quorum tell of that', () => {
    const leader = leading();
    leader.joinInSync(3, THIRD);
    leader.ask({
      kind: 'change',
      change: { version: null, steps: [{ kind: 'demote', replica: 1 }] },
    });
    const listing = (counter: number) => {
      const asked = leader.replies(PROCESSOR).findLast((it) => it.kind === 'configure');
      const payload = asked?.kind === 'configure' ? asked.configuration : new Uint8Array();
      expect(decodeConfiguration(payload).version).toBe(2);
      leader.propose(PROCESSOR, [{ zxid: z(1, counter), kind: 'configuration', payload }]);
      leader.sync();
    };
    listing(2);
    leader.ack(2, z(1, 2));
    expect(leader.core.status().committed).toBe(z(1, 1));
    leader.ack(3, z(1, 2));
    expect(leader.core.status()).toMatchObject({ committed: z(1, 2), role: 'leader' });
    listing(3);
    leader.ack(2, z(1, 3));
    expect(leader.core.status().role).toBe('leader');
    leader.heard(2);
    leader.ack(3, z(1, 3));
    expect(leader.answered).toMatchObject([{ kind: 'changed' }]);
    expect(leader.core.status().role).toBe('looking');
    expect(leader.heard(2).at(-1)).toMatchObject({ kind: 'handOver' });
  });

  it('does not outlive a lost leadership', () => {
    const leader = leading();
    leader.propose(PROCESSOR, [entry(1, 2)]);
    leader.sync();
    transfer(leader, 2);
    leader.step({ kind: 'learnerEnded', link: 2, end: { cause: 'lost', reason: 'gone' } });
    expect(leader.answered).toMatchObject([{ kind: 'refused', code: 'interrupted' }]);
    leader.joinInSync(2, SECOND);
    leader.propose(
      PROCESSOR,
      [marker(1)].map((it) => ({ ...it, zxid: z(1, 3) })),
    );
    leader.sync();
    leader.ack(2, z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 3));
  });
});
