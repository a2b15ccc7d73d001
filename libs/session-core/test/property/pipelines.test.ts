import { expect, test } from 'vitest';
import { PropertyRun } from './run.ts';
import type { Faults } from './run.ts';

const CALM: Faults = { percent: 0, kinds: [], overload: 0 };
const STAGES: Faults = { percent: 2, kinds: ['database', 'processor', 'term'], overload: 5 };
const ALL: Faults = { percent: 3, kinds: ['client', 'database', 'processor', 'term'], overload: 5 };
const PROCESSOR: Faults = { percent: 3, kinds: ['processor', 'term'], overload: 10 };

/** Clients check order, own reads, floors and events as they go; the log tells what ran how often. */
function check(seed: number, faults: Faults, steps: number): number {
  const run = new PropertyRun(seed, faults, { outstandingPerSession: 40 });
  run.run(steps);
  const what = `seed ${seed}`;
  const ran = new Set<string>();
  for (const entry of run.processor.committed) {
    if (entry.kind !== 'write') continue;
    const { operation, sequence, session } = entry;
    const name = `${session}:${sequence}`;
    expect(ran.has(name), `${what}: ${name} ran twice (P5)`).toBe(false);
    ran.add(name);
    const data = operation.kind === 'setData' ? String.fromCharCode(...operation.data) : '';
    expect(data, `${what}: ${name} ran as another write`).toBe(String(sequence));
  }
  let answered = 0;
  for (const client of run.clients) {
    expect(client.pending.length, `${what}: ${client.own} waits for ever`).toBe(0);
    answered += client.answered;
  }
  return answered;
}

function checkSeeds(faults: Faults, seeds: number, steps: number): void {
  let answered = 0;
  for (let seed = 1; seed <= seeds; seed++) answered += check(seed, faults, steps);
  expect(answered).toBeGreaterThan(seeds * 20);
}

test('P2, P3, P4, P5 hold for random pipelines when nothing breaks', () => {
  checkSeeds(CALM, 8, 3000);
});

test('P2, P5 hold, own later writes unseen, when processors and terms change', () => {
  checkSeeds(PROCESSOR, 12, 3000);
});

test('P2, P3, P4, P5 hold when the database and the processor come and go', () => {
  checkSeeds(STAGES, 20, 3000);
});

test('P2, P3, P4, P5 hold when the clients come and go as well', () => {
  checkSeeds(ALL, 40, 3000);
});
