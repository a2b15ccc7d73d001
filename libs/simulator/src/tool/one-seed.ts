import type { TraceLine } from '../kernel/trace.ts';
import type { RecipeName } from '../recipes/all-recipes.ts';
import { storyOf } from './many-seeds.ts';
import type { ToolOptions } from './options.ts';
import { reportOf } from './seed-report.ts';
import { runOf, SmallestRunSearch } from './smallest-run.ts';

/** Longer lines of a story are cut; with details they are not. */
const COLUMNS = 200;

/** Runs one seed, and tells its story where that is asked for; true: nothing was broken. */
export async function runOneSeed(
  seed: number,
  recipe: RecipeName | null,
  { omit, trace, details, json, shrink }: ToolOptions,
  print: (text: string) => void,
): Promise<boolean> {
  const read = (line: TraceLine): void => {
    if (line.isDetail && !details) return;
    const text = textOf(line);
    print(`${details ? text : text.slice(0, COLUMNS)}\n`);
  };
  const result = await runOf(seed, recipe, trace && !json ? read : undefined)(omit);
  const isBroken = result.violations.length > 0;
  const smallest =
    isBroken && shrink
      ? await new SmallestRunSearch(result, omit, runOf(seed, recipe)).find()
      : null;
  const report = reportOf(result, recipe, omit, smallest);
  if (json) print(`${JSON.stringify({ ...report, counts: Object.fromEntries(report.counts) })}\n`);
  else if (isBroken) print(storyOf(report));
  else print(`seed ${seed}${recipe === null ? '' : ` of ${recipe}`} keeps every promise\n`);
  return !isBroken;
}

function textOf({ atMs, who, what }: TraceLine): string {
  return `${atMs.toFixed(3).padStart(11)}  ${who.padEnd(24)} ${what}`;
}
