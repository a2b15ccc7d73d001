import { describe, expect, it } from 'vitest';
import { randomRun } from './random-run.ts';

const FIRST = Number(process.env['SEED'] ?? '1');
const SEEDS = process.env['SEED'] === undefined ? Number(process.env['SEEDS'] ?? '40') : 1;
const print =
  process.env['TRACE'] === undefined
    ? undefined
    : (line: string) => void process.stdout.write(`${line}\n`);

describe('an ensemble of broadcasters whose members change under faults', () => {
  for (let seed = FIRST; seed < FIRST + SEEDS / 2; seed++) {
    it(`agrees, loses nothing and recovers (seed ${seed})`, () => {
      expect(randomRun(seed, { print, members: true }).ensemble.violations).toEqual([]);
    });
  }
});

describe('an ensemble of broadcasters under faults', () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    it(`agrees, loses nothing and recovers (seed ${seed})`, () => {
      expect(randomRun(seed, { print }).ensemble.violations).toEqual([]);
    });
  }
});
