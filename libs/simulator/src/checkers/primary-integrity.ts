import { epochOf, formatTerm, formatZxid, termEpoch } from '@paddock/model';
import type { CheckedRun } from './checked-run.ts';

/**
 * Zab, primary integrity: before a primary proposes, it has everything of earlier primaries that is ever delivered. Its
 * term names where its history ends; nothing of an earlier epoch may be committed behind that.
 */
export function primaryIntegrity({ broadcasts, log }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const { replica, term, lastProposed } of broadcasts.grants) {
    const epoch = termEpoch(term);
    const missed = log.entries.findLast(({ zxid }) => epochOf(zxid) < epoch);
    if (missed === undefined || missed.zxid <= lastProposed) continue;
    const begins = `term ${formatTerm(term)} of replica ${replica} begins behind`;
    const is = `${formatZxid(missed.zxid)} is delivered all the same`;
    violations.push(`${begins} ${formatZxid(lastProposed)}, and ${is}`);
  }
  return violations;
}
