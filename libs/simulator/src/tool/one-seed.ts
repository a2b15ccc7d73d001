import type { TraceLine } from '../kernel/trace.ts';
import { Simulation } from '../simulation.ts';
import { storyOf } from './many-seeds.ts';
import type { ToolOptions } from './options.ts';
import { reportOf } from './seed-report.ts';
import { runOf, SmallestRunSearch } from './smallest-run.ts';

/** Longer lines of a story are cut; with details they are not. */
const COLUMNS = 200;

/** Runs one seed, and tells its story where that is asked for; true: nothing was broken. */
export function runOneSeed(
  seed: number,
  { omit, trace, details, json, shrink }: ToolOptions,
  print: (text: string) => void,
): boolean {
  const read = (line: TraceLine): void => {
    if (line.isDetail && !details) return;
    const text = textOf(line);
    print(`${details ? text : text.slice(0, COLUMNS)}\n`);
  };
  const result = new Simulation(seed, trace && !json ? { omit, read } : { omit }).run();
  const isBroken = result.violations.length > 0;
  const smallest =
    isBroken && shrink ? new SmallestRunSearch(result, omit, runOf(seed)).find() : null;
  const report = reportOf(result, omit, smallest);
  if (json) print(`${JSON.stringify({ ...report, counts: Object.fromEntries(report.counts) })}\n`);
  else if (isBroken) print(storyOf(report));
  else print(`seed ${seed} keeps every promise\n`);
  return !isBroken;
}

function textOf({ atMs, who, what }: TraceLine): string {
  return `${atMs.toFixed(3).padStart(11)}  ${who.padEnd(24)} ${what}`;
}
