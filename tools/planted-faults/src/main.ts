import { FaultRuns, isCaught, sightingOf } from './fault-run.ts';
import type { FaultRun } from './fault-run.ts';
import { ALL_FAULTS } from './all-faults.ts';
import { HELP, readOptions, ToolOptionError } from './options.ts';
import type { ToolOptions } from './options.ts';
import { writePage } from './page.ts';
import { PlantingError } from './planted-fault.ts';
import { readRecord, writeRecord } from './record.ts';
import type { Sighting } from './record.ts';
import { failingTests } from './test-run.ts';
import { WorkspaceCopy } from './workspace-copy.ts';

async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
    return true;
  }
  if (options.list) {
    list();
    return true;
  }
  const copy = new WorkspaceCopy();
  try {
    return options.tests ? await nameTests(copy, options) : await run(copy, options);
  } finally {
    copy.remove();
  }
}

function list(): void {
  const record = readRecord();
  for (const { id, breaks, fault } of ALL_FAULTS) {
    console.log(`${id} (${breaks.join(', ')}): ${fault}; ${JSON.stringify(record.get(id))}`);
  }
}

/** Plants each fault, and says by what it is caught; true: all of them are. */
async function run(copy: WorkspaceCopy, options: ToolOptions): Promise<boolean> {
  const record = new Map<string, Sighting>(readRecord());
  const endsAtMs = performance.now() + options.maxMs;
  const planted = new FaultRuns(copy, options);
  const runs: FaultRun[] = [];
  const { faults, unseen, json, verify, write } = options;
  for (const fault of faults) {
    if (unseen && record.has(fault.id)) continue;
    if (performance.now() >= endsAtMs) break;
    const done = verify
      ? await planted.verify(fault, record.get(fault.id))
      : await planted.run(fault);
    runs.push(done);
    if (!json) console.log(textOf(done));
    const sighting = sightingOf(done);
    if (sighting !== undefined) record.set(fault.id, sighting);
    // Each at once, so that what was found stays when the rest is interrupted.
    if (write) save(record);
  }
  if (write) save(record);
  const missed = runs.filter((it) => !isCaught(it));
  if (json) console.log(JSON.stringify({ faults: runs.length, missed: missed.length, runs }));
  else console.log(`${runs.length} faults planted, ${missed.length} not caught`);
  return missed.length === 0;
}

function save(record: ReadonlyMap<string, Sighting>): void {
  writeRecord(
    record,
    ALL_FAULTS.map(({ id }) => id),
  );
  writePage(record);
}

function textOf(done: FaultRun): string {
  const { id, seeds, testFails, wallMs } = done;
  const verdict = isCaught(done) ? 'caught' : 'NOT CAUGHT';
  const test =
    testFails === null ? '' : testFails ? ', its test fails' : ', its test does not fail';
  return `${id}: ${verdict}: ${seedText(seeds)}${test} (${(wallMs / 1000).toFixed(1)} s)`;
}

function seedText(seeds: FaultRun['seeds']): string {
  switch (seeds.kind) {
    case 'caught':
      return `seed ${seeds.seed} (${seeds.checkers.join(', ')})`;
    case 'missed':
      return `none of ${seeds.seeds} seeds`;
    case 'unsound':
      return `seed ${seeds.seed} breaks a promise without the fault as well`;
    case 'broken':
      return seeds.reason;
  }
}

/** For whoever looks for a test that a fault makes fail; true: each has one. */
async function nameTests(copy: WorkspaceCopy, options: ToolOptions): Promise<boolean> {
  let haveAll = true;
  for (const fault of options.faults) {
    const library = `${fault.file.split('/').slice(0, 2).join('/')}/`;
    const paths = options.testsIn ?? [library];
    const failing = await copy.with(fault, () => failingTests(copy, paths, null));
    console.log(`${fault.id}: ${failing.length} tests of ${paths.join(', ')} fail`);
    for (const { file, name } of failing) console.log(`  ${file}: ${name}`);
    if (failing.length === 0) haveAll = false;
  }
  return haveAll;
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  const isMistake =
    error instanceof ToolOptionError ||
    error instanceof PlantingError ||
    error instanceof TypeError;
  process.stderr.write(`planted-faults: ${isMistake ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
