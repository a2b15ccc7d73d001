import { parentPort } from 'node:worker_threads';
import type { Omissions } from '../simulation.ts';
import { reportOf } from './seed-report.ts';
import { runOf, SmallestRunSearch } from './smallest-run.ts';

/** What a thread is asked to do: one seed. */
export interface SeedTask {
  readonly seed: number;
  readonly omit: Omissions;
  readonly findsSmallest: boolean;
}

function run({ seed, omit, findsSmallest }: SeedTask): void {
  const runOne = runOf(seed);
  const result = runOne(omit);
  const isBroken = result.violations.length > 0;
  const smallest =
    isBroken && findsSmallest ? new SmallestRunSearch(result, omit, runOne).find() : null;
  parentPort?.postMessage(reportOf(result, omit, smallest));
}

parentPort?.on('message', run);
