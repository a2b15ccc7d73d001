import { describe, expect, it } from 'vitest';
import { longestGap, STEPS, stepsAfter } from '../src/ensemble/fail-over.ts';

describe('the longest time without an answer', () => {
  it('is one that ends behind the kill, though it may have begun before it', () => {
    expect(longestGap([0, 900, 1000, 1010, 1200, 1205], 1005)).toEqual({ ms: 190, endedMs: 1200 });
    expect(longestGap([0, 900, 1000], 950)).toEqual({ ms: 100, endedMs: 1000 });
  });

  it('is none where nothing is answered any more', () => {
    expect(longestGap([0, 900], 950)).toEqual({ ms: 0, endedMs: 950 });
  });
});

describe('the steps of a fail-over', () => {
  it('are taken from whichever replica says them first, and only behind the kill', () => {
    const lost = STEPS[0].says;
    const leads = STEPS[1].says;
    const steps = stepsAfter(
      [
        [
          { time: 90, msg: lost },
          { time: 130, msg: lost },
        ],
        [
          { time: 110, msg: lost },
          { time: 150, msg: leads },
        ],
      ],
      100,
    );
    expect(steps).toEqual([10, 50, NaN, NaN, NaN]);
  });
});
