import { memberOf, membershipOf } from './status-account.ts';
import type { Membership, ReplicaAccount, StageAccount } from './status-account.ts';

type Learners = NonNullable<StageAccount['learners']>;

export interface KnownEnsemble {
  readonly accounts: readonly ReplicaAccount[];
  readonly leading: ReplicaAccount | null;
  /** As the leader lists them. */
  readonly learners: Learners;
  readonly membership: Membership | null;
}

export interface Remarks {
  /** What somebody must look at, in words. */
  readonly alarms: readonly string[];
  /** What is worth knowing, and no harm. */
  readonly notices: readonly string[];
}

export function remarksOn({ accounts, leading, learners, membership }: KnownEnsemble): Remarks {
  return {
    alarms: [...twins(leading, learners), ...accounts.flatMap((it) => alarmsOf(it, membership))],
    notices: [...notAdmitted(learners, membership), ...outsiders(accounts, membership)],
  };
}

function alarmsOf(it: ReplicaAccount, ensemble: Membership | null): readonly string[] {
  const alarms: string[] = [];
  const own = membershipOf(it)?.clusterId ?? '';
  const theirs = ensemble?.clusterId ?? '';
  if (own !== '' && theirs !== '' && own !== theirs) {
    alarms.push(`replica ${it.id} belongs to another ensemble: ${own}, not ${theirs}`);
  }
  const verdict = it.stages['replicated-database']?.verdict;
  if (verdict === 'contradicted') {
    alarms.push(
      `the database of replica ${it.id} differs from those of a majority; it serves nobody and fetches a snapshot`,
    );
  } else if (verdict === 'undecided') {
    alarms.push(
      `replica ${it.id}: no majority of databases agrees on a digest; no snapshot is taken or removed until one does`,
    );
  }
  return alarms;
}

/** Two lives of one replica are connected: two files have one number, or two directories one replica. */
function twins(leading: ReplicaAccount | null, learners: Learners): string[] {
  const numbers = learners.map(({ replica }) => replica);
  if (leading !== null) numbers.push(leading.id);
  const twice = new Set(numbers.filter((it, index) => numbers.indexOf(it) !== index));
  return [...twice].map(
    (replica) => `replica ${replica} is there twice: give one of the two another number`,
  );
}

/** Voters that are none yet: an emptied disk is admitted once it has all that is committed (H7). */
function notAdmitted(learners: Learners, membership: Membership | null): string[] {
  const strangers = learners.filter(
    ({ replica, isVoter }) => !isVoter && memberOf(membership, replica)?.role === 'voter',
  );
  return strangers.map(
    ({ replica }) =>
      `replica ${replica} came back with an empty disk, and votes again once it is admitted`,
  );
}

/** Configured as voters in an ensemble that was founded without them. */
function outsiders(accounts: readonly ReplicaAccount[], membership: Membership | null): string[] {
  if (membership === null || membership.clusterId === '') return [];
  const outside = accounts.filter(
    ({ id, stages }) =>
      stages['zab-broadcaster']?.role === 'follower' && memberOf(membership, id) === undefined,
  );
  return outside.map(
    ({ id }) =>
      `replica ${id} is none of the voters that the ensemble was founded with: it serves, and does not vote`,
  );
}
