import { describe, expect, it } from 'vitest';
import { FAULTS } from '../src/faults/faults.ts';
import { Simulation } from '../src/simulation.ts';
import type { SimulationResult } from '../src/simulation.ts';

/** One seed: SEED=7 [TRACE=1]. Many: SEEDS=2000 [FIRST_SEED=1]. */
const { SEED, SEEDS, FIRST_SEED, TRACE } = process.env;
const FIXED_SEEDS = 40;

const first = Number(SEED ?? FIRST_SEED ?? 1);
const count = SEED === undefined ? Number(SEEDS ?? FIXED_SEEDS) : 1;
const isFixed = SEED === undefined && SEEDS === undefined && FIRST_SEED === undefined;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function report({ seed, violations }: SimulationResult): string {
  const file = 'libs/replica/test/simulation/simulation.test.ts';
  const replay = `SEED=${seed} TRACE=1 npx vitest run ${file}`;
  return [`seed ${seed}; to see what happened: ${replay}`, ...violations].join('\n');
}

describe('a replica and its users under faults', () => {
  const seen = new Map<string, number>();

  it.each(Array.from({ length: count }, (_, i) => first + i))(
    'seed %d keeps every promise',
    (seed) => {
      const result = new Simulation(seed, { print: TRACE === undefined ? null : print }).run();
      for (const [what, times] of result.counts) seen.set(what, (seen.get(what) ?? 0) + times);
      expect(result.violations.length, report(result)).toBe(0);
    },
  );

  // Who changes what is drawn shall see if the runs have become tame.
  it.runIf(isFixed)('has met every kind of fault, and what faults lead to, in these runs', () => {
    const met = [
      ...FAULTS.map((fault) => `fault: ${fault}`),
      ...['opened', 'resumed', 'closed', 'synced', 'a snapshot rotted'],
      ...['client: lost', 'client: expired', 'client: suspended', 'client: closed'],
      ...['event: nodeCreated', 'event: nodeDeleted', 'event: nodeDataChanged'],
      ...['event: nodeChildrenChanged', 'event: compacted', 'watch stream: compacted'],
      ...['failed: badVersion', 'failed: notEmpty', 'failed: nodeExists', 'failed: quotaExceeded'],
      ...['failed: sessionExpired', 'unary: dataSet', 'unary: synced'],
    ];
    expect(met.filter((what) => (seen.get(what) ?? 0) === 0)).toEqual([]);
  });
});

describe('a seed', () => {
  it('runs the same way each time', () => {
    const trace = (): { readonly hash: string; readonly lines: number } => {
      let lines = 0;
      const { traceHash } = new Simulation(11, {
        print: () => {
          lines++;
        },
      }).run();
      return { hash: traceHash, lines };
    };
    const once = trace();
    expect(once.lines).toBeGreaterThan(1000);
    expect(trace()).toEqual(once);
  });

  it('runs another way than the next one, and the same whether or not somebody reads its trace', () => {
    const read = new Simulation(12, { print: () => undefined }).run();
    const unread = new Simulation(12).run();
    expect([...unread.counts]).toEqual([...read.counts]);
    expect(unread.virtualMs).toBe(read.virtualMs);
    expect([...new Simulation(13).run().counts]).not.toEqual([...read.counts]);
  });
});
