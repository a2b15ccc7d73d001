import type {
  EnsembleConfiguration,
  MembershipChange,
  MembershipPlan,
  MembersRefusal,
  MemberStep,
  QuorumOutlook,
  ReplicaMember,
} from '@paddock/model';
import { sameVoter, votersOf } from './quorum.ts';
import type { VoterIdentity } from './quorum.ts';

/** Those removed are remembered, so many of the newest. */
const REMOVED_MAX = 1024;

/** Who is there while a change is planned. */
export interface Attendance {
  readonly leader: VoterIdentity;
  /** Every learner that is connected. */
  readonly learners: readonly VoterIdentity[];
  /** Those with the leader's history, itself included. */
  readonly synchronized: readonly VoterIdentity[];
}

export interface Refusal {
  readonly code: MembersRefusal;
  readonly reason: string;
}

export type Planned =
  { readonly plan: MembershipPlan; readonly refusal: null } | { readonly refusal: Refusal };

/** What the change would come to, or why it cannot be made. */
export function planChange(
  current: EnsembleConfiguration,
  { version, steps }: MembershipChange,
  attendance: Attendance,
): Planned {
  if (version !== null && version !== current.version) {
    const reason = `the configuration has version ${current.version}, the change is made from ${version}`;
    return refuse('versionMismatch', reason);
  }
  if (steps.length === 0) return refuse('invalid', 'the change has no steps');
  let members = current.members;
  const removed = [...current.removed];
  const seen = new Set<number>();
  for (const step of steps) {
    if (seen.has(step.replica)) {
      return refuse('invalid', `replica ${step.replica} comes twice in the change`);
    }
    seen.add(step.replica);
    const taken = takeStep(members, step, attendance);
    if ('code' in taken) return { refusal: taken };
    members = taken.members;
    removed.push(...taken.removed);
  }
  const configuration = {
    ...current,
    version: current.version + 1,
    members,
    removed: removed.slice(-REMOVED_MAX),
  };
  return weigh(current, configuration, attendance);
}

/** The quorum of a configuration, with those who are there. */
export function outlookOf(
  configuration: EnsembleConfiguration,
  synchronized: readonly VoterIdentity[],
): QuorumOutlook {
  const voters = votersOf(configuration);
  const quorum = Math.floor(voters.length / 2) + 1;
  const here = voters.filter((voter) => synchronized.some((it) => sameVoter(it, voter)));
  return {
    voters: numbersOf(voters),
    quorum,
    synchronized: numbersOf(here),
    indispensable: here.length <= quorum ? numbersOf(here) : [],
  };
}

function weigh(
  current: EnsembleConfiguration,
  configuration: EnsembleConfiguration,
  { leader, synchronized }: Attendance,
): Planned {
  const voters = votersOf(configuration);
  if (voters.length === 0) return refuse('invalid', 'an ensemble has at least one voter');
  const unreachable = configuration.members.find((it) => it.address === '');
  if (configuration.members.length > 1 && unreachable !== undefined) {
    const reason = `replica ${unreachable.replica} has no address at which others could dial it`;
    return refuse('invalid', reason);
  }
  const after = outlookOf(configuration, synchronized);
  // It could be logged, but not committed: nothing behind it could be either.
  if (after.synchronized.length < after.quorum) {
    const reason =
      `${after.quorum} of the voters ${after.voters.join(', ')} have to be synchronized, ` +
      `${after.synchronized.join(', ') || 'none'} ${after.synchronized.length === 1 ? 'is' : 'are'}`;
    return refuse('newConfigNoQuorum', reason);
  }
  const before = outlookOf(current, synchronized);
  const replacesLeader = !voters.some((it) => sameVoter(it, leader));
  return { plan: { configuration, before, after, replacesLeader }, refusal: null };
}

interface Step {
  readonly members: readonly ReplicaMember[];
  readonly removed: readonly VoterIdentity[];
}

function takeStep(
  members: readonly ReplicaMember[],
  step: MemberStep,
  { learners, synchronized }: Attendance,
): Step | Refusal {
  const { replica } = step;
  const listed = members.find((it) => it.replica === replica);
  if (step.kind === 'add') {
    if (listed !== undefined) {
      return { code: 'alreadyMember', reason: `replica ${replica} is listed` };
    }
    const present = synchronized.find((it) => it.replica === replica);
    if (present === undefined) return notSynchronized(replica);
    const { role, address } = step;
    return { members: [...members, { ...lifeOf(present), role, address }], removed: [] };
  }
  if (step.kind === 'remove') {
    const present = learners.filter((it) => it.replica === replica).map(lifeOf);
    if (listed === undefined && present.length === 0) return noSuchMember(replica);
    const gone = present.filter((it) => listed === undefined || !sameVoter(it, listed));
    if (listed !== undefined) gone.push(lifeOf(listed));
    return { members: members.filter((it) => it !== listed), removed: gone };
  }
  if (listed === undefined) return noSuchMember(replica);
  const role = step.kind === 'promote' ? 'voter' : 'observer';
  if (listed.role === role) {
    return { code: 'invalid', reason: `replica ${replica} is ${withArticle(role)} already` };
  }
  const isHere = synchronized.some((it) => sameVoter(it, listed));
  if (step.kind === 'promote' && !isHere) return notSynchronized(replica);
  return { members: members.map((it) => (it === listed ? { ...it, role } : it)), removed: [] };
}

function withArticle(role: 'voter' | 'observer'): string {
  return role === 'voter' ? 'a voter' : 'an observer';
}

function notSynchronized(replica: number): Refusal {
  const reason = `replica ${replica} is not here with all that the leader has: start it, and let it learn first`;
  return { code: 'notSynchronized', reason };
}

function noSuchMember(replica: number): Refusal {
  return { code: 'noSuchMember', reason: `replica ${replica} is not listed` };
}

function refuse(code: MembersRefusal, reason: string): Planned {
  return { refusal: { code, reason } };
}

function lifeOf({ replica, incarnation }: VoterIdentity): VoterIdentity {
  return { replica, incarnation };
}

function numbersOf(voters: readonly VoterIdentity[]): readonly number[] {
  return voters.map((it) => it.replica).sort((a, b) => a - b);
}
