import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { CheckedRun } from './checked-run.ts';

/**
 * What a learner has acknowledged it has when it comes back, after a power cut too, unless a leader has told it to cut
 * its log or to begin anew: a proposal is durable before it is acknowledged.
 */
export function acknowledgedIsDurable({ broadcasts }: CheckedRun): string[] {
  const violations: string[] = [];
  const acknowledged = new Map<string, Zxid>();
  for (const { kind, replica, incarnation, zxid } of broadcasts.logClaims) {
    const name = `replica ${replica} (${incarnation})`;
    const before = acknowledged.get(name) ?? 0;
    if (kind === 'has' && zxid < before) {
      violations.push(
        `${name} had acknowledged up to ${formatZxid(acknowledged.get(name) ?? zxid)}, and has ${formatZxid(zxid)}`,
      );
    }
    // What it only says that it has may still be on its way to the disk.
    const isMore = kind === 'acknowledged' && zxid > before;
    const isLess = kind === 'toldToCut' && zxid < before;
    if (kind === 'repositioned' || isMore || isLess) acknowledged.set(name, zxid);
  }
  return violations;
}
