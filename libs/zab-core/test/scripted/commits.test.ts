import { makeEpoch, makeZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries, entry } from '../broadcaster-fixture.ts';
import {
  DATABASE,
  elected,
  endOf,
  leading,
  PROCESSOR,
  SECOND,
  THIRD,
  trioHistory,
  zxidsOf,
} from './scripted-replica.ts';

const z = makeZxid;

describe('a commit', () => {
  it('needs a quorum that has the entry durably, the leader’s own log being one voice', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.ack(2, z(1, 4));
    expect(leader.core.status().committed).toBe(z(1, 1));
    leader.sync(z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 3));
  });

  it('bug 41, H9: may come of the others alone, and is delivered only when it is durable here', () => {
    const leader = leading();
    leader.joinInSync(3, THIRD);
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.ack(2, z(1, 4));
    leader.ack(3, z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 3));
    expect(leader.delivered(DATABASE)).toEqual([z(1, 1)]);
    leader.sync(z(1, 2));
    expect(leader.delivered(DATABASE)).toEqual([z(1, 1), z(1, 2)]);
  });

  it('is told to every follower once, with the newest', () => {
    const leader = leading();
    leader.joinInSync(3, THIRD);
    leader.propose(PROCESSOR, entries(1, 2, 9));
    leader.sync();
    leader.heard(2);
    leader.heard(3);
    leader.fromLearner(2, { kind: 'ack', zxid: z(1, 3) }, { kind: 'ack', zxid: z(1, 7) });
    expect(leader.heard(2)).toEqual([{ kind: 'commit', zxid: z(1, 7) }]);
    expect(leader.heard(3)).toEqual([{ kind: 'commit', zxid: z(1, 7) }]);
    leader.ack(3, z(1, 7));
    expect(leader.heard(2)).toEqual([]);
  });

  it('rides on the next proposal', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 3));
    leader.sync();
    leader.ack(2, z(1, 3));
    leader.heard(2);
    leader.propose(PROCESSOR, [entry(1, 4)]);
    expect(leader.heard(2)).toEqual([
      { kind: 'entries', entries: [entry(1, 4)], committed: z(1, 3) },
    ]);
  });

  it('of what older epochs left comes with the establishment of the new one, not with copies', () => {
    const leader = elected({ history: trioHistory([z(1, 9)], { committed: z(1, 5) }) });
    leader.join(2, SECOND, endOf(z(1, 9)));
    leader.ack(2, z(1, 9));
    expect(leader.core.status().committed).toBe(z(1, 5));
    leader.fromLearner(2, { kind: 'synchronized', epoch: makeEpoch(2) });
    expect(leader.core.status().committed).toBe(z(1, 9));
  });
});

describe('a slow follower', () => {
  const limits = { queueBytes: 1000 };

  it('bug 33: holds up nobody, and is sent no more than its window', () => {
    const leader = leading({ limits });
    leader.joinInSync(3, THIRD);
    for (let counter = 2; counter <= 100; counter++) {
      leader.propose(PROCESSOR, [entry(1, counter)]);
      leader.sync();
      leader.ack(2, z(1, counter));
      leader.fromDatabase(DATABASE, { kind: 'applied', zxid: z(1, counter) });
    }
    expect(leader.core.status().committed).toBe(z(1, 100));
    const sent = zxidsOf(leader.heard(3));
    expect(sent.length).toBeLessThan(20);
    expect(leader.flow).toEqual([]);
    leader.ack(3, sent.at(-1) ?? z(1, 1));
    const read = leader.reads.at(-1);
    const next = zxidsOf(leader.heard(3))[0] ?? read?.after;
    expect(next).toBeGreaterThanOrEqual(sent.at(-1) ?? 0);
  });

  it('is sent nothing while its link is full, and what it missed when it is not', () => {
    const leader = leading();
    leader.step({ kind: 'learnerFull', link: 2, full: true });
    leader.propose(PROCESSOR, entries(1, 2, 4));
    expect(leader.heard(2)).toEqual([]);
    leader.step({ kind: 'learnerFull', link: 2, full: false });
    expect(zxidsOf(leader.heard(2))).toEqual([2, 3, 4].map((c) => z(1, c)));
  });
});
