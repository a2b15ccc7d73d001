import type { EnsembleConfiguration } from '@paddock/model';
import type { DirectoryIdentity, EnsembleMember } from '@paddock/node-runtime';

/** Transaction kinds that this version emits (H24). */
const FORMAT_LEVEL = 1;

/** An ensemble of one is founded with its directory; of a larger one the incarnations are not known yet (H7). */
export function initialConfiguration(
  { clusterId, replica, incarnation }: DirectoryIdentity,
  ensemble: readonly EnsembleMember[],
): EnsembleConfiguration {
  if (ensemble.length === 0) {
    const self = { replica, incarnation, role: 'voter', address: '' } as const;
    return { clusterId, formatLevel: FORMAT_LEVEL, version: 1, members: [self], removed: [] };
  }
  const members = ensemble.map((member) => ({ ...member, incarnation: 0 }));
  return { clusterId: '', formatLevel: FORMAT_LEVEL, version: 0, members, removed: [] };
}
