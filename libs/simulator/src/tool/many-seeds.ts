import { replayCommand } from './seed-report.ts';
import type { SeedReport } from './seed-report.ts';
import { SeedPool } from './seed-pool.ts';
import type { ToolOptions } from './options.ts';

const MICROSECONDS = 1e6;
/** Violations of one seed that are printed. */
const SHOWN = 5;
const TOLD_EVERY = 100;

/** Runs many seeds and says what they came to; true: nothing was broken. */
export async function runManySeeds(
  options: ToolOptions,
  print: (text: string) => void,
): Promise<boolean> {
  const counts = new Map<string, number>();
  const failures: SeedReport[] = [];
  const startedMs = performance.now();
  let done = 0;
  let virtualMs = 0;
  const told = (report: SeedReport): void => {
    done++;
    virtualMs += report.virtualMs;
    for (const [what, times] of report.counts) counts.set(what, (counts.get(what) ?? 0) + times);
    if (report.violations.length > 0) {
      failures.push(report);
      if (!options.json) print(storyOf(report));
    } else if (!options.json && done % TOLD_EVERY === 0) {
      print(`${done} runs, ${failures.length} of them failed\n`);
    }
  };
  const { first, seeds: count, smallest: smallestRuns } = options;
  await new SeedPool({ ...options, first, count, smallestRuns }, told).run();
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / MICROSECONDS;
  const summary = {
    seeds: done,
    failed: failures.length,
    firstSeed: first,
    simulatedSeconds: Math.round(virtualMs / 1000),
    cpuSeconds: Math.round(cpuSeconds * 10) / 10,
    wallSeconds: Math.round((performance.now() - startedMs) / 100) / 10,
    simulatedSecondsPerCpuSecond: Math.round(virtualMs / 1000 / cpuSeconds),
    operations: operationsOf(counts),
  };
  if (options.json) {
    const told_ = failures.map((it) => ({ ...it, replay: replayOf(it) }));
    print(
      `${JSON.stringify({ ...summary, failures: told_, counts: Object.fromEntries(counts) })}\n`,
    );
  } else {
    print(summaryOf(summary));
  }
  return failures.length === 0;
}

function replayOf({ seed, recipe, omit, smallest }: SeedReport): string {
  return replayCommand(seed, recipe, smallest?.omit ?? omit);
}

export function storyOf(report: SeedReport): string {
  const { seed, recipe, smallest } = report;
  const violations = smallest?.violations ?? report.violations;
  const lines = [
    `seed ${seed}${recipe === null ? '' : ` of ${recipe}`} fails`,
    ...violations.slice(0, SHOWN).map((it) => `  ${it}`),
  ];
  if (violations.length > SHOWN) lines.push(`  and ${violations.length - SHOWN} more`);
  if (smallest !== null) {
    const { faults, users, workMs, tries } = smallest;
    const is = `${users} users, ${workMs} ms, ${faults.length} faults`;
    lines.push(`  the smallest run of ${tries} that fails so: ${is}`);
    for (const fault of faults) lines.push(`    ${fault}`);
  }
  lines.push(`  ${replayOf(report)}`, '');
  return lines.join('\n');
}

function operationsOf(counts: ReadonlyMap<string, number>): number {
  let operations = 0;
  for (const [what, times] of counts) if (what.startsWith('operations on ')) operations += times;
  return operations;
}

interface Summary {
  readonly seeds: number;
  readonly failed: number;
  readonly simulatedSeconds: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly simulatedSecondsPerCpuSecond: number;
  /** Those that were answered, and held against the reference. */
  readonly operations: number;
}

function summaryOf(it: Summary): string {
  const speed = `${it.simulatedSecondsPerCpuSecond} simulated seconds a second of CPU`;
  const took = `${it.simulatedSeconds} s simulated in ${it.cpuSeconds} s of CPU, ${it.wallSeconds} s by the clock`;
  const { operations } = it;
  return `${it.seeds} seeds done, ${it.failed} failed, ${operations} operations; ${took} (${speed})\n`;
}
