import { linesOf } from '../record/restored-states.ts';
import { COUNTERS } from '../users/workload.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf } from './names.ts';

/**
 * P5, as an application would find out, without a look inside: each counter stands at the number of its
 * acknowledged increments that no restoration has undone; what a client never heard of may count or not.
 */
export function counters({ hasRecovered, history, log }: CheckedRun): string[] {
  const violations: string[] = [];
  // Only what was read behind everything else says how often everything was executed.
  if (!hasRecovered) return violations;
  // What a restoration has undone does not count.
  const isKept = linesOf(log).at(-1);
  for (const path of COUNTERS) {
    let acknowledged = 0;
    let unknown = 0;
    for (const { operation, settlement } of [...history.operations(), ...history.unary]) {
      if (operation.kind !== 'setData' || operation.path !== path) continue;
      const result = settlement?.result ?? null;
      if (result?.kind === 'dataSet') {
        if (isKept?.(result.stat.mzxid) === true) acknowledged++;
      } else if (result?.kind !== 'failed' || result.code === 'connectionLoss') unknown++;
    }
    const last = [...history.operations()].findLast(
      (it) =>
        it.operation.kind === 'getData' && it.operation.path === path && it.settlement !== null,
    );
    if (last?.settlement?.result.kind !== 'data') continue;
    const { version } = last.settlement.result.stat;
    if (version >= acknowledged && version <= acknowledged + unknown) continue;
    const counted = `${acknowledged} increments were acknowledged and ${unknown} not answered`;
    violations.push(`${nameOf(last)} shows ${version}, and ${counted}`);
  }
  return violations;
}
