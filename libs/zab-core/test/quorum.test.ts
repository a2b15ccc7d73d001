import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { Quorum, Vote } from '../src/quorum.ts';

function ensemble(voters: number, observers = 0): EnsembleConfiguration {
  const members = Array.from({ length: voters + observers }, (_, i) => ({
    replica: i + 1,
    incarnation: 1,
    role: i < voters ? ('voter' as const) : ('observer' as const),
    address: '',
  }));
  return { clusterId: 'cluster', formatLevel: 1, members };
}

describe('a quorum', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
    [7, 4],
  ])('of %i voters is %i of them', (voters, majority) => {
    const quorum = new Quorum(ensemble(voters));
    const vote = new Vote(quorum);
    for (let replica = 1; replica <= voters; replica++) {
      expect(vote.isWon).toBe(replica - 1 >= majority);
      vote.add(replica);
      vote.add(replica);
      quorum.acknowledge(replica, makeZxid(1, 5));
      const committed = replica >= majority ? makeZxid(1, 5) : ZXID_ZERO;
      expect(quorum.acknowledgedByQuorum()).toBe(committed);
    }
  });

  it('bug 15: observers do not count', () => {
    const quorum = new Quorum(ensemble(3, 4));
    const vote = new Vote(quorum);
    for (const replica of [1, 4, 5, 6, 7]) {
      vote.add(replica);
      quorum.acknowledge(replica, makeZxid(1, 5));
    }
    expect(vote.isWon).toBe(false);
    expect(quorum.acknowledgedByQuorum()).toBe(ZXID_ZERO);
  });

  it('commits what the slowest of the fastest majority has', () => {
    const quorum = new Quorum(ensemble(5));
    for (const [replica, counter] of [9, 3, 7, 1, 5].entries()) {
      quorum.acknowledge(replica + 1, makeZxid(1, counter));
    }
    expect(quorum.acknowledgedByQuorum()).toBe(makeZxid(1, 5));
    quorum.acknowledge(1, makeZxid(1, 2));
    expect(quorum.acknowledgedByQuorum()).toBe(makeZxid(1, 5));
  });
});
