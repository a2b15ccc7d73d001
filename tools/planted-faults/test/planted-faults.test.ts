import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ALL_FAULTS, WITHOUT_FAULT } from '../src/all-faults.ts';
import { FaultRuns, isCaught } from '../src/fault-run.ts';
import { PAGE, pageOf } from '../src/page.ts';
import { plant } from '../src/planted-fault.ts';
import { readRecord } from '../src/record.ts';
import { root, WorkspaceCopy } from '../src/workspace-copy.ts';

/** PLANTED=all plants every fault, at the seed that is recorded and by its test: half an hour of processor time. */
const { PLANTED } = process.env;

/** Broken in nearly every run, each seen by a different kind of checker. */
const SAMPLE = ['ack-before-sync', 'sync-without-round', 'read-before-own-write'];
const SAMPLE_SEEDS = 5;
const PATIENCE_MS = 300_000;

const record = readRecord();

function sourceOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

describe('the list of planted faults', () => {
  it.each(ALL_FAULTS)('$id can be planted in the sources of today', (fault) => {
    const source = sourceOf(fault.file);
    expect(plant(fault, source)).not.toBe(source);
  });

  it('names each fault once', () => {
    const ids = ALL_FAULTS.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  });

  it('breaks every rule of the protocol and every promise at least once, or says why not', () => {
    const all = [
      ...Array.from({ length: 25 }, (_, i) => `H${i + 1}`),
      ...Array.from({ length: 10 }, (_, i) => `P${i + 1}`),
    ];
    const broken = new Set([
      ...ALL_FAULTS.flatMap((it) => it.breaks),
      ...Object.keys(WITHOUT_FAULT),
    ]);
    expect(all.filter((it) => !broken.has(it))).toEqual([]);
    expect([...broken].filter((it) => !all.includes(it))).toEqual([]);
  });

  it('names tests that are there', () => {
    const missing = ALL_FAULTS.filter(({ test }) => {
      if (test === undefined) return false;
      return !sourceOf(test.file).includes(test.name);
    });
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('has of each fault a seed that shows it, or a test that fails with it', () => {
    const without = ALL_FAULTS.filter(({ id, test }) => {
      const seen = record.get(id);
      return test === undefined && (seen === undefined || 'missedBy' in seen);
    });
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  it('has thirty faults and more that the simulator shows', () => {
    const shown = ALL_FAULTS.filter(({ id }) => {
      const seen = record.get(id);
      return seen !== undefined && 'seed' in seen;
    });
    expect(shown.length).toBeGreaterThanOrEqual(30);
  });

  it('is what the page says', () => {
    expect(sourceOf(PAGE)).toBe(pageOf(record));
  });
});

describe('a planted fault', () => {
  const copy = new WorkspaceCopy();
  const planted = new FaultRuns(copy, { first: 1, seeds: SAMPLE_SEEDS, jobs: 1 });

  afterAll(() => {
    copy.remove();
  });

  const sample = ALL_FAULTS.filter(({ id }) => PLANTED === 'all' || SAMPLE.includes(id));

  it.each(sample)('$id is caught', { timeout: PATIENCE_MS }, async (fault) => {
    const run = await planted.verify(fault, record.get(fault.id));
    expect(isCaught(run), JSON.stringify(run)).toBe(true);
  });
});
