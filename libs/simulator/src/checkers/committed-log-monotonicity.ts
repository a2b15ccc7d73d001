import { formatZxid } from '@paddock/model';
import type { CheckedRun } from './checked-run.ts';

/** Zab, committed-log monotonicity: what is committed shrinks on no link, and at no replica while its disk lives. */
export function committedLogMonotonicity({ broadcasts, log }: CheckedRun): string[] {
  const violations = [...broadcasts.commitsGoneBack];
  for (const { replica, behind, zxids } of log.streams) {
    const first = zxids[0];
    if (behind === null || first === undefined || first > behind) continue;
    violations.push(
      `replica ${replica} has ${formatZxid(behind)}, and is handed ${formatZxid(first)}`,
    );
  }
  return violations;
}
