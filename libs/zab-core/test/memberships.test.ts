import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration } from '@paddock/model';
import { expect, it } from 'vitest';
import { Memberships } from '../src/memberships.ts';
import type { VoterIdentity } from '../src/quorum.ts';

const CHANGED_AT = makeZxid(1, 5);

function voter(replica: number, incarnation = 1): VoterIdentity {
  return { replica, incarnation };
}

function ensembleOf(...voters: readonly VoterIdentity[]): EnsembleConfiguration {
  const members = voters.map((it) => ({ ...it, role: 'voter' as const, address: '' }));
  return { clusterId: 'cluster', formatLevel: 1, version: 1, removed: [], members };
}

/** Two of three voters are replaced at once, so that neither majority has one of the other. */
function changing(): Memberships {
  const memberships = new Memberships();
  const before = ensembleOf(voter(1), voter(2), voter(3));
  memberships.recover([{ zxid: ZXID_ZERO, configuration: before }], ZXID_ZERO);
  memberships.append(CHANGED_AT, ensembleOf(voter(1), voter(2, 7), voter(3, 7)));
  return memberships;
}

const OLD = [voter(2), voter(3)];
const NEW = [voter(2, 7), voter(3, 7)];

it('H11: from its append on a change needs a majority of the new voters', () => {
  expect(changing().quorum().isWon(OLD)).toBe(false);
  expect(changing().quorum().isWon(NEW)).toBe(false);
  expect(
    changing()
      .quorum()
      .isWon([...OLD, ...NEW]),
  ).toBe(true);
});

it('H11: a change that is committed needs the old voters no more', () => {
  const memberships = changing();
  memberships.settle(CHANGED_AT);
  expect(memberships.quorum().isWon(NEW)).toBe(true);
  expect(memberships.quorum().isWon(OLD)).toBe(false);
});

it('H11: a change that is cut off is forgotten', () => {
  const memberships = changing();
  memberships.truncate(makeZxid(1, 4));
  expect(memberships.quorum().isWon(OLD)).toBe(true);
  expect(memberships.isVoter(voter(2, 7))).toBe(false);
});
