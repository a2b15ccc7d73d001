import { formatZxid } from '@paddock/model';
import type { CheckedRun } from './checked-run.ts';

/** Zab, agreement: what one replica delivers all do, once nothing breaks, and they make the same of it (P1). */
export function agreement({ finalStates, hasRecovered, log }: CheckedRun): string[] {
  const violations: string[] = [];
  const [first] = finalStates;
  for (const { replica, applied, digest } of hasRecovered ? finalStates : []) {
    if (applied !== log.last) {
      violations.push(
        `replica ${replica} ends at ${formatZxid(applied)} of ${formatZxid(log.last)}`,
      );
    } else if (digest !== first?.digest) {
      violations.push(
        `replica ${replica} comes to ${digest}, another one to ${first?.digest ?? ''}`,
      );
    }
  }
  return violations;
}
