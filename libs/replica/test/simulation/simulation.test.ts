import { describe, expect, it } from 'vitest';
import { Simulation } from './simulation.ts';

/** One seed: SEED=7 [TRACE=1]. Many: SEEDS=2000 [FIRST_SEED=1]. */
const { SEED, SEEDS, FIRST_SEED, TRACE } = process.env;
const FIXED_SEEDS = 40;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function report(seed: number, violations: readonly string[]): string {
  const file = 'libs/replica/test/simulation/simulation.test.ts';
  const replay = `SEED=${seed} TRACE=1 npx vitest run ${file}`;
  return [`seed ${seed}; to see what happened: ${replay}`, ...violations].join('\n');
}

const first = Number(SEED ?? FIRST_SEED ?? 1);
const count = SEED === undefined ? Number(SEEDS ?? FIXED_SEEDS) : 1;

describe('a replica and its users under faults', () => {
  it.each(Array.from({ length: count }, (_, i) => first + i))('seed %d keeps the promises', (seed) => {
    const { violations } = new Simulation(seed, { print: TRACE === undefined ? null : print }).run();
    expect(violations.length, report(seed, violations)).toBe(0);
  });
});
