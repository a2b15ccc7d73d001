import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { Quorum, Vote } from '../src/quorum.ts';
import type { VoterIdentity } from '../src/quorum.ts';

function voter(replica: number, incarnation = 1): VoterIdentity {
  return { replica, incarnation };
}

function ensemble(voters: number, observers = 0): EnsembleConfiguration {
  const members = Array.from({ length: voters + observers }, (_, i) => ({
    replica: i + 1,
    incarnation: 1,
    role: i < voters ? ('voter' as const) : ('observer' as const),
    address: '',
  }));
  return { clusterId: 'cluster', formatLevel: 1, version: 1, removed: [], members };
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
    const quorum = new Quorum([ensemble(voters)]);
    const vote = new Vote(quorum);
    for (let replica = 1; replica <= voters; replica++) {
      expect(vote.isWon).toBe(replica - 1 >= majority);
      vote.add(voter(replica));
      vote.add(voter(replica));
      quorum.acknowledge(voter(replica), makeZxid(1, 5));
      const committed = replica >= majority ? makeZxid(1, 5) : ZXID_ZERO;
      expect(quorum.acknowledgedByQuorum()).toBe(committed);
    }
  });

  it('bug 15: observers do not count', () => {
    const quorum = new Quorum([ensemble(3, 4)]);
    const vote = new Vote(quorum);
    for (const replica of [1, 4, 5, 6, 7]) {
      vote.add(voter(replica));
      quorum.acknowledge(voter(replica), makeZxid(1, 5));
    }
    expect(vote.isWon).toBe(false);
    expect(quorum.acknowledgedByQuorum()).toBe(ZXID_ZERO);
  });

  it('H7: another life of a voter does not count', () => {
    const quorum = new Quorum([ensemble(3)]);
    const vote = new Vote(quorum);
    for (const it of [voter(1), voter(2, 2)]) {
      vote.add(it);
      quorum.acknowledge(it, makeZxid(1, 5));
    }
    expect(vote.isWon).toBe(false);
    expect(quorum.acknowledgedByQuorum()).toBe(ZXID_ZERO);
  });

  it('H11: of two configurations is one of each', () => {
    const [before, after] = [ensemble(3), ensemble(5)];
    const quorum = new Quorum([before, after]);
    expect(quorum.isWon([voter(3), voter(4), voter(5)])).toBe(false);
    expect(quorum.isWon([voter(1), voter(2)])).toBe(false);
    expect(quorum.isWon([voter(1), voter(2), voter(5)])).toBe(true);
    for (const replica of [3, 4, 5]) quorum.acknowledge(voter(replica), makeZxid(1, 5));
    expect(quorum.acknowledgedByQuorum()).toBe(ZXID_ZERO);
    quorum.acknowledge(voter(1), makeZxid(1, 3));
    expect(quorum.acknowledgedByQuorum()).toBe(makeZxid(1, 3));
  });

  it('commits what the slowest of the fastest majority has', () => {
    const quorum = new Quorum([ensemble(5)]);
    for (const [replica, counter] of [9, 3, 7, 1, 5].entries()) {
      quorum.acknowledge(voter(replica + 1), makeZxid(1, counter));
    }
    expect(quorum.acknowledgedByQuorum()).toBe(makeZxid(1, 5));
    quorum.acknowledge(voter(1), makeZxid(1, 2));
    expect(quorum.acknowledgedByQuorum()).toBe(makeZxid(1, 5));
  });
});
