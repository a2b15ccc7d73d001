// What operators ask of the ensemble's members, and are answered.
import { paddock } from '@paddock/contracts';
import type {
  MembersAnswer,
  MembersRefusal,
  MembershipChange,
  MembershipPlan,
  MembersPicture,
  MemberState,
  MemberStep,
  QuorumOutlook,
  ReplicaMember,
  ReplicaRole,
} from '@paddock/model';
import { countOf, ordinalOf } from './fields.ts';
import { WireError } from './wire-error.ts';

const wire = paddock.admin.v1;

type WireChange = paddock.admin.v1.MembershipChange.$Properties;
type WireStep = paddock.admin.v1.MemberStep.$Properties;
type WireMember = paddock.admin.v1.Member.$Properties;
type WireOutlook = paddock.admin.v1.QuorumOutlook.$Properties;
type WireRefusal = paddock.admin.v1.Refusal.$Properties;
type Refused = Extract<MembersAnswer, { kind: 'refused' }>;

const { RefusalCode, Role } = wire;

const CODES: Readonly<Record<MembersRefusal, paddock.admin.v1.RefusalCode>> = {
  notLeader: RefusalCode.REFUSAL_CODE_NOT_LEADER,
  notReady: RefusalCode.REFUSAL_CODE_NOT_READY,
  changeInProgress: RefusalCode.REFUSAL_CODE_CHANGE_IN_PROGRESS,
  versionMismatch: RefusalCode.REFUSAL_CODE_VERSION_MISMATCH,
  newConfigNoQuorum: RefusalCode.REFUSAL_CODE_NEW_CONFIG_NO_QUORUM,
  notSynchronized: RefusalCode.REFUSAL_CODE_NOT_SYNCHRONIZED,
  noSuchMember: RefusalCode.REFUSAL_CODE_NO_SUCH_MEMBER,
  alreadyMember: RefusalCode.REFUSAL_CODE_ALREADY_MEMBER,
  invalid: RefusalCode.REFUSAL_CODE_INVALID,
  interrupted: RefusalCode.REFUSAL_CODE_INTERRUPTED,
  backupNotHeld: RefusalCode.REFUSAL_CODE_BACKUP_NOT_HELD,
  unknownOutcome: RefusalCode.REFUSAL_CODE_UNKNOWN_OUTCOME,
};

export function writeChange({ version, steps }: MembershipChange): WireChange {
  return { version, steps: steps.map(writeStep) };
}

function writeStep(step: MemberStep): WireStep {
  switch (step.kind) {
    case 'add':
      return {
        add: { replica: step.replica, role: writeRole(step.role), address: step.address },
      };
    case 'remove':
      return { remove: step.replica };
    case 'promote':
      return { promote: step.replica };
    case 'demote':
      return { demote: step.replica };
  }
}

export function readChange(
  change: paddock.admin.v1.MembershipChange.$Shape | null | undefined,
): MembershipChange {
  const version = change?.version ?? null;
  return {
    version: version === null ? null : countOf(version, 'version'),
    steps: (change?.steps ?? []).map(readStep),
  };
}

function readStep(step: paddock.admin.v1.MemberStep.$Shape): MemberStep {
  switch (step.kind) {
    case 'add': {
      const { replica, role, address } = step.add;
      return {
        kind: 'add',
        replica: ordinalOf(replica, 'added replica'),
        role: readRole(role),
        address: address ?? '',
      };
    }
    case 'remove':
      return { kind: 'remove', replica: ordinalOf(step.remove, 'removed replica') };
    case 'promote':
      return { kind: 'promote', replica: ordinalOf(step.promote, 'promoted replica') };
    case 'demote':
      return { kind: 'demote', replica: ordinalOf(step.demote, 'demoted replica') };
    default:
      throw new WireError('member step', 'has no kind');
  }
}

function writeRole(role: ReplicaRole): paddock.admin.v1.Role {
  return role === 'voter' ? Role.ROLE_VOTER : Role.ROLE_OBSERVER;
}

function readRole(role: paddock.admin.v1.Role | null | undefined): ReplicaRole {
  if (role === Role.ROLE_VOTER) return 'voter';
  if (role === Role.ROLE_OBSERVER) return 'observer';
  throw new WireError('role', 'is neither voter nor observer');
}

export function writeMember({ replica, incarnation, role, address }: ReplicaMember): WireMember {
  return { replica, incarnation, role: writeRole(role), address };
}

function readMember(member: WireMember): ReplicaMember {
  return {
    replica: ordinalOf(member.replica, 'member'),
    incarnation: countOf(member.incarnation, 'incarnation'),
    role: readRole(member.role),
    address: member.address ?? '',
  };
}

function writeOutlook(outlook: QuorumOutlook): WireOutlook {
  const { voters, quorum, synchronized, indispensable } = outlook;
  return {
    voters: [...voters],
    quorum,
    synchronized: [...synchronized],
    indispensable: [...indispensable],
  };
}

function readOutlook(outlook: WireOutlook | null | undefined): QuorumOutlook {
  return {
    voters: outlook?.voters ?? [],
    quorum: countOf(outlook?.quorum, 'quorum'),
    synchronized: outlook?.synchronized ?? [],
    indispensable: outlook?.indispensable ?? [],
  };
}

export function writeRefusal({ code, reason, leaderAddress }: Refused): WireRefusal {
  return { code: CODES[code], reason, leaderAddress };
}

export function readRefusal({ code, reason, leaderAddress }: WireRefusal): Refused {
  const named = Object.entries(CODES).find(([, number]) => number === code)?.[0];
  const known = isRefusal(named) ? named : 'unknownOutcome';
  return {
    kind: 'refused',
    code: known,
    reason: reason ?? '',
    leaderAddress: leaderAddress ?? '',
  };
}

function isRefusal(name: string | undefined): name is MembersRefusal {
  return name !== undefined && name in CODES;
}

export function writePicture(picture: MembersPicture): paddock.admin.v1.ListResponse.$Properties {
  return {
    version: picture.configuration.version,
    changing: picture.isChanging,
    outlook: writeOutlook(picture.outlook),
    members: picture.members.map((it) => ({
      member: it.listed === null ? { replica: it.replica } : writeMember(it.listed),
      leads: it.isLeader,
      synchronized: it.isSynchronized,
    })),
  };
}

/** The members as a client is told of them. */
export interface MembersList {
  readonly version: number;
  readonly isChanging: boolean;
  readonly outlook: QuorumOutlook;
  readonly members: readonly MemberState[];
}

export function readPicture(response: paddock.admin.v1.ListResponse.$Properties): MembersList {
  return {
    version: countOf(response.version, 'version'),
    isChanging: response.changing ?? false,
    outlook: readOutlook(response.outlook),
    members: (response.members ?? []).map(({ member, leads, synchronized }) => ({
      replica: ordinalOf(member?.replica, 'member'),
      listed: isListed(member) ? readMember(member) : null,
      isLeader: leads ?? false,
      isSynchronized: synchronized ?? false,
    })),
  };
}

function isListed(member: WireMember | null | undefined): member is WireMember {
  const role = member?.role ?? Role.ROLE_UNSPECIFIED;
  return role !== Role.ROLE_UNSPECIFIED;
}

export function writePlan(plan: MembershipPlan): paddock.admin.v1.PlanResponse.$Properties {
  return {
    version: plan.configuration.version,
    members: plan.configuration.members.map(writeMember),
    before: writeOutlook(plan.before),
    after: writeOutlook(plan.after),
    replacesLeader: plan.replacesLeader,
  };
}

/** A version of the configuration, and who is listed by it. */
export interface ListedMembers {
  readonly version: number;
  readonly members: readonly ReplicaMember[];
}

/** What a change would come to, as a client is told of it. */
export interface MembersPlan extends ListedMembers {
  readonly before: QuorumOutlook;
  readonly after: QuorumOutlook;
  readonly replacesLeader: boolean;
}

export function readPlan(response: paddock.admin.v1.PlanResponse.$Properties): MembersPlan {
  return {
    ...readListed(response),
    before: readOutlook(response.before),
    after: readOutlook(response.after),
    replacesLeader: response.replacesLeader ?? false,
  };
}

export function readListed(
  response: Pick<paddock.admin.v1.ChangeResponse.$Properties, 'version' | 'members'>,
): ListedMembers {
  return {
    version: countOf(response.version, 'version'),
    members: (response.members ?? []).map(readMember),
  };
}
