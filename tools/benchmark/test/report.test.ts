import { describe, expect, it } from 'vitest';
import type { Distribution } from '../src/arithmetic/distribution.ts';
import { figure, tableLines } from '../src/arithmetic/table.ts';
import type { LoadResult } from '../src/driver/load.ts';
import { divide, snapshotIntervals } from '../src/snapshot-stall.ts';
import { isOfLink } from '../src/stage-benchmark.ts';
import { CASES, isWanted } from '../src/whole-plan.ts';
import type { TargetName } from '../src/whole-plan.ts';
import { ratioOf } from '../src/whole-report.ts';
import type { CaseRounds } from '../src/whole-report.ts';

const NONE: Distribution = { count: 0, p50: 0, p99: 0, p999: 0, max: 0 };

function round(cpuMicroseconds: readonly number[]): LoadResult {
  return {
    operations: 1000,
    failed: 0,
    seconds: 1,
    serverCpuMicroseconds: cpuMicroseconds,
    driverCpuMicroseconds: 0,
    operationsPerRequest: 1,
    operationsPerAnswer: 1,
    longestSilenceMs: 0,
    latestArrivalMs: 0,
    reads: NONE,
    writes: NONE,
  };
}

function reads(target: TargetName, rounds: readonly LoadResult[]): CaseRounds {
  const [it] = CASES;
  if (it === undefined) throw new RangeError('no cases');
  return { target, case: it, rounds, processes: [], groupCommit: null };
}

describe('a ratio', () => {
  it('compares all processes of a round with the floor of the same round', () => {
    const floor = reads('floor', [round([1000]), round([4000]), round([2000])]);
    const split = reads('split', [round([1000, 2000]), round([6000, 6000]), round([8000, 8000])]);
    expect(ratioOf(split, floor)).toEqual({
      target: 'split',
      case: 'reads',
      overFloor: { median: 3, least: 3, most: 8 },
      aim: 4,
      isReached: true,
    });
  });

  it('is not told without a floor', () => {
    expect(ratioOf(reads('fused', [round([1])]), undefined)).toBeNull();
  });
});

describe('the choice of --only', () => {
  const [it0, it1] = CASES;

  it.each([
    [['fused-reads'], true, false],
    [['reads'], true, false],
    [['fused'], true, true],
    [['split'], false, false],
    [[], true, true],
  ] as const)('%j', (only, first, second) => {
    if (it0 === undefined || it1 === undefined) throw new RangeError('no cases');
    expect(isWanted(only, 'fused', it0)).toBe(first);
    expect(isWanted(only, 'fused', it1)).toBe(second);
  });
});

describe('operations around a snapshot', () => {
  const log = [
    { time: 100, msg: 'a snapshot begins' },
    { time: 150, msg: 'something else' },
    { time: 200, msg: 'a snapshot was written and verified' },
    { time: 300, msg: 'a snapshot begins' },
  ];

  it('are told by the log, an unfinished snapshot left out', () => {
    expect(snapshotIntervals(log)).toEqual([{ fromMs: 100, toMs: 200 }]);
  });

  it('count as disturbed when any of their time fell into it', () => {
    const before = [90, 9000, 0];
    const into = [90, 11_000, 0];
    const outOf = [200, 5000, 0];
    const samples = Float64Array.from([...before, ...into, ...outOf, 201, 1000, 0]);
    const counts = divide('reads', samples, snapshotIntervals(log)).map((it) => it.latency.count);
    expect(counts).toEqual([2, 2]);
  });
});

describe('a table', () => {
  it('aligns names to the left and figures to the right', () => {
    expect(
      tableLines([
        ['', 'a'],
        ['reads', '12'],
      ]),
    ).toEqual(['        a', 'reads  12']);
  });

  it('shows three digits that count', () => {
    expect([1_234_567, 12.345, 1.234, 0.1234].map(figure)).toEqual([
      '1,234,567',
      '12.3',
      '1.23',
      '0.123',
    ]);
  });

  it('knows the links of a stage by their ends', () => {
    expect(isOfLink('front-end, database: reads', 'database')).toBe(true);
    expect(isOfLink('front-end, database: reads', 'processor')).toBe(false);
  });
});
