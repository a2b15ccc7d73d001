// Where the processes of a server spend their time under one kind of load.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sumUp } from './arithmetic/cpu-profile.ts';
import type { ProfileSums, SelfTime } from './arithmetic/cpu-profile.ts';
import { figure, tableLines } from './arithmetic/table.ts';
import { INSPECTABLE } from './processes/profiler.ts';
import { pidsOf } from './processes/target.ts';
import { CASES, isWanted, TARGETS } from './whole-plan.ts';
import type { Case, TargetName } from './whole-plan.ts';
import type { Whole } from './whole.ts';

export interface ProfileSummary extends ProfileSums {
  readonly target: TargetName;
  readonly case: string;
  readonly process: string;
  readonly file: string;
  /** Microseconds of processor time an operation took of this process while it was profiled. */
  readonly cpuPerOperation: number;
}

const LISTED = 25;

async function profileOne(
  whole: Whole,
  name: TargetName,
  it: Case,
  directory: string,
): Promise<ProfileSummary[]> {
  const target = await whole.start(name, INSPECTABLE);
  // The compilers work before, and the load that is profiled starts warm.
  await whole.measure(name, it, 0);
  const profilers = await target.inspectors.profilersOf(pidsOf(target));
  await Promise.all(profilers.map((profiler) => profiler.start()));
  const loaded = await whole.measure(name, it, 1);
  const summaries: ProfileSummary[] = [];
  for (const profiler of profilers) {
    const at = target.processes.findIndex(({ pid }) => pid === profiler.pid);
    const process = target.processes[at]?.name.replace(/^replica 1 ?/, '') ?? '';
    const file = join(directory, `${name}-${it.name}-${process || name}.cpuprofile`);
    const text = await profiler.stop();
    writeFileSync(file, text);
    summaries.push({
      target: name,
      case: it.name,
      process: process || name,
      file,
      cpuPerOperation: (loaded.serverCpuMicroseconds[at] ?? 0) / loaded.operations,
      ...sumUp(text, LISTED),
    });
  }
  await whole.stop(name);
  return summaries;
}

/** A fresh server for each case, so that a profile holds one kind of work. */
export async function profileAll(
  whole: Whole,
  only: readonly string[],
  directory: string,
): Promise<ProfileSummary[]> {
  mkdirSync(directory, { recursive: true });
  const summaries: ProfileSummary[] = [];
  for (const it of CASES) {
    for (const name of TARGETS) {
      if (!isWanted(only, name, it)) continue;
      summaries.push(...(await profileOne(whole, name, it, directory)));
    }
  }
  return summaries;
}

function shares(times: readonly SelfTime[]): string[] {
  return tableLines(
    times.map(({ place, milliseconds, share }) => [
      `  ${place}`,
      `${figure(milliseconds)} ms`,
      `${figure(100 * share)} %`,
    ]),
  );
}

export function profileLines(summaries: readonly ProfileSummary[]): string[] {
  return summaries.flatMap((it) => [
    '',
    `${it.target} ${it.case}, ${it.process}: ${figure(it.cpuPerOperation)} µs an operation, ${it.file}`,
    ...shares(it.libraries),
    '',
    ...shares(it.functions),
  ]);
}
