import type { EnsembleConfiguration } from '@paddock/model';
import type { BroadcasterFailure } from './broadcaster-effects.ts';

/** The replica that a broadcaster belongs to, as its data directory says (H7). */
export interface ReplicaIdentity {
  readonly replica: number;
  readonly incarnation: number;
}

/** Why this replica cannot serve under the configuration; null: it can. */
export function membershipFailure(
  configuration: EnsembleConfiguration,
  self: ReplicaIdentity,
): BroadcasterFailure | null {
  const member = configuration.members.find((candidate) => candidate.replica === self.replica);
  if (member?.role !== 'voter') {
    return {
      code: 'notVoter',
      reason: `replica ${self.replica} is not a voter of ensemble ${configuration.clusterId}`,
    };
  }
  if (member.incarnation !== self.incarnation) {
    return {
      code: 'notVoter',
      reason:
        `replica ${self.replica} is listed with incarnation ${member.incarnation}, its data ` +
        `directory has ${self.incarnation}: an emptied disk is a new voter (H7)`,
    };
  }
  if (configuration.members.length > 1) {
    return {
      code: 'unsupportedEnsemble',
      reason:
        `the ensemble has ${configuration.members.length} members: this version elects no leader ` +
        'and replicates to no other replica; it serves an ensemble of one',
    };
  }
  return null;
}
