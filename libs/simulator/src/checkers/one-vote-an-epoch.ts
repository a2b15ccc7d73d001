import type { CheckedRun } from './checked-run.ts';

/** A vote accepts the epoch durably: each life of a voter's disk gives it to one candidate, whatever restarts. */
export function oneVoteAnEpoch({ broadcasts }: CheckedRun): string[] {
  const violations: string[] = [];
  const given = new Map<string, string>();
  for (const { replica, incarnation, epoch, candidate } of broadcasts.votes) {
    const key = `replica ${replica} (${incarnation}) votes in epoch ${epoch}`;
    const other = given.get(key);
    if (other !== undefined && other !== candidate) {
      violations.push(`${key} for ${other} and for ${candidate}`);
    }
    given.set(key, candidate);
  }
  return violations;
}
