import type { EnsembleConfiguration, StageEvent } from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import type { EnsembleMember } from '@paddock/node-runtime';

/**
 * Compares the voters that the configuration file lists with those of the ensemble that the log belongs to, which are
 * the ones that count. Throws an OperatorError where the file lists none and there are others; otherwise says what an
 * operator should know.
 */
export function compareVoters(
  listed: readonly EnsembleMember[],
  { clusterId, members }: EnsembleConfiguration,
): StageEvent | null {
  if (clusterId === '') return null;
  const voters = votersIn(members);
  if (listed.length === 0) {
    if (voters.length === 1) return null;
    throw new OperatorError(
      `the data are of an ensemble with voters ${voters.join(', ')}, which the configuration does not list: ` +
        'add "ensemble", or serve from another directory',
    );
  }
  const wanted = votersIn(listed);
  if (wanted.join() === voters.join()) return null;
  return {
    level: 'warn',
    message:
      'the configuration lists other voters than the ensemble was founded with, which are those that count',
    detail: { listed: wanted.join(', '), voters: voters.join(', ') },
  };
}

function votersIn(members: readonly Pick<EnsembleMember, 'replica' | 'role'>[]): readonly number[] {
  return members
    .filter(({ role }) => role === 'voter')
    .map(({ replica }) => replica)
    .sort((a, b) => a - b);
}
