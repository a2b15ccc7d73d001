import { parentPort } from 'node:worker_threads';
import type { RecipeName } from '../recipes/all-recipes.ts';
import type { Omissions } from '../simulation.ts';
import { reportOf } from './seed-report.ts';
import { runOf, SmallestRunSearch } from './smallest-run.ts';

/** What a thread is asked to do: one seed. */
export interface SeedTask {
  readonly seed: number;
  readonly recipe: RecipeName | null;
  readonly omit: Omissions;
  readonly findsSmallest: boolean;
}

async function run({ seed, recipe, omit, findsSmallest }: SeedTask): Promise<void> {
  const runOne = runOf(seed, recipe);
  const result = await runOne(omit);
  const isBroken = result.violations.length > 0;
  const smallest =
    isBroken && findsSmallest ? await new SmallestRunSearch(result, omit, runOne).find() : null;
  parentPort?.postMessage(reportOf(result, recipe, omit, smallest));
}

// What a run throws ends the thread, and so the tool.
parentPort?.on('message', (task: SeedTask) => void run(task));
