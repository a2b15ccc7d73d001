import type { EnsembleConfiguration, MemberStep } from '@paddock/model';
import { isListed } from './simulated-disks.ts';
import type { SimulatedEnsemble } from './simulated-ensemble.ts';

/** Asks for one to three steps at once, of replicas that the draw names; what cannot be is refused. */
export function changeMembers(ensemble: SimulatedEnsemble): void {
  const { leader, chance } = ensemble;
  const configuration = leader?.configuration ?? null;
  if (leader === undefined || configuration === null || !areWhole(ensemble, configuration)) return;
  const steps: MemberStep[] = [];
  const count = chance.pick([1, 1, 2, 3]) ?? 1;
  for (const replica of chance.shuffled(ensemble.replicas).slice(0, count)) {
    steps.push(someStep(ensemble, configuration, replica));
  }
  if (!leavesFounder(ensemble, configuration, steps)) return;
  const version = chance.real() < 0.5 ? configuration.version : null;
  leader.ask({ kind: 'change', change: { version, steps } });
}

export function transferLeadership(ensemble: SimulatedEnsemble): void {
  const replica = ensemble.chance.pick(ensemble.replicas) ?? 1;
  ensemble.leader?.ask({ kind: 'transfer', replica });
}

/** Nobody's disk is being replaced: the voters have those that are listed, and know it. */
function areWhole(ensemble: SimulatedEnsemble, { members }: EnsembleConfiguration): boolean {
  return members.every(({ role, replica, incarnation }) => {
    const disks = ensemble.disksOf(replica);
    if (disks?.incarnation !== incarnation) return false;
    return role !== 'voter' || isListed(disks, replica, incarnation);
  });
}

function someStep(
  ensemble: SimulatedEnsemble,
  { members }: EnsembleConfiguration,
  replica: number,
): MemberStep {
  const { chance } = ensemble;
  const listed = members.find((it) => it.replica === replica);
  if (listed === undefined) {
    const role = chance.real() < 0.7 ? 'voter' : 'observer';
    return { kind: 'add', replica, role, address: `broadcaster ${replica}` };
  }
  if (chance.real() < 0.4) return { kind: 'remove', replica };
  return { kind: listed.role === 'voter' ? 'demote' : 'promote', replica };
}

/** Empty replicas whose files list one another, and nobody else, would found an ensemble of their own. */
function leavesFounder(
  ensemble: SimulatedEnsemble,
  { members }: EnsembleConfiguration,
  steps: readonly MemberStep[],
): boolean {
  const gone = steps.flatMap((it) => (it.kind === 'remove' ? it.replica : []));
  return members.some((it) => ensemble.founders.includes(it.replica) && !gone.includes(it.replica));
}
