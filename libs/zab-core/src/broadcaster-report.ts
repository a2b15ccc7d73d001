import type { ReplicaRole, Term } from '@paddock/model';
import type { BroadcasterFailure } from './broadcaster-effects.ts';
import type { BroadcasterStatus, ReplicaState, ZabPhase } from './broadcaster-status.ts';
import type { DatabaseLink } from './database-link.ts';
import type { Elections, RoleNow } from './elections.ts';
import type { Ensemble } from './ensemble.ts';
import type { Following } from './following.ts';
import type { Leadership } from './leadership.ts';

/** What a status is drawn from. */
export interface BroadcasterPicture {
  readonly ensemble: Ensemble;
  readonly role: ReplicaRole;
  readonly isRecovered: boolean;
  readonly leadership: Leadership | null;
  readonly following: Following | null;
  readonly elections: Elections;
  readonly roleNow: RoleNow;
  readonly term: Term;
  readonly processorAddress: string | null;
  readonly databases: readonly DatabaseLink[];
  readonly failure: BroadcasterFailure | null;
}

export function reportStatus(picture: BroadcasterPicture): BroadcasterStatus {
  const { ensemble, leadership, following, elections } = picture;
  const { epochs, history, memberships, self } = ensemble;
  const { rule, mayNotStand, identity } = elections.standing(picture.roleNow);
  const reachable = elections.electors.introduced.filter(
    (it) => it.identity !== null && rule.counts(it.identity),
  );
  return {
    role: stateOf(picture),
    phase: phaseOf(picture),
    leader:
      leadership === null ? (following?.isLed === true ? following.leader : null) : self.replica,
    epoch: leadership?.epoch ?? (following?.isLed === true ? following.epoch : epochs.current),
    acceptedEpoch: epochs.accepted,
    currentEpoch: epochs.current,
    lastProposed: history.last,
    durable: history.durable,
    committed: history.committed,
    term: picture.term,
    processorAddress: picture.processorAddress,
    databases: picture.databases.map(({ state, delivered, applied, window }) => ({
      state,
      delivered,
      applied,
      windowBytes: window.bytes,
    })),
    learners: (leadership?.learners.all ?? []).map((it) => ({
      replica: it.identity.replica,
      state: it.state,
      isVoter: rule.counts(it.identity),
      isSynchronized: it.isSynchronized,
      acknowledged: it.window.confirmed,
      windowBytes: it.window.bytes,
    })),
    configuration: memberships.isKnown ? memberships.current : null,
    reachableVoters: reachable.length + (rule.counts(self) ? 1 : 0),
    voters: identity.voters.length,
    foreign: elections.foreign,
    mayNotStand,
    failure: picture.failure,
  };
}

function stateOf({ leadership, following, role, ensemble }: BroadcasterPicture): ReplicaState {
  if (leadership !== null) return 'leader';
  if (following?.isLed !== true) return 'looking';
  const { memberships, self } = ensemble;
  return memberships.roleOf(self.replica, role) === 'observer' ? 'observer' : 'follower';
}

function phaseOf({ isRecovered, ensemble, leadership, following }: BroadcasterPicture): ZabPhase {
  if (!isRecovered) return 'recovering';
  if (leadership !== null) return leadership.phase;
  if (following?.phase === 'discovery') return 'discovery';
  if (following?.phase === 'synchronization') return 'synchronization';
  if (following?.phase === 'broadcast') return 'broadcast';
  return ensemble.memberships.isFormed ? 'election' : 'founding';
}
