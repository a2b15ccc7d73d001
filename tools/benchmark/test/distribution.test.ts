import { describe, expect, it } from 'vitest';
import { distributionOf, percentile } from '../src/arithmetic/distribution.ts';
import { repeated } from '../src/arithmetic/repeated.ts';
import { Samples } from '../src/arithmetic/samples.ts';

describe('a distribution', () => {
  it('names the sample that the given share of all does not exceed', () => {
    const sorted = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
    expect(percentile(sorted, 0.5)).toBe(500);
    expect(percentile(sorted, 0.99)).toBe(990);
    expect(percentile(sorted, 0.999)).toBe(999);
    expect(percentile(sorted, 1)).toBe(1000);
  });

  it('takes the only sample for every percentile', () => {
    expect(distributionOf(Float64Array.of(7))).toEqual({
      count: 1,
      p50: 7,
      p99: 7,
      p999: 7,
      max: 7,
    });
  });

  it('sorts by value, not as text', () => {
    expect(distributionOf(Float64Array.of(100, 9, 20)).p50).toBe(20);
  });

  it('is zero where there are no samples', () => {
    expect(distributionOf(new Float64Array(0)).max).toBe(0);
  });
});

describe('repeated figures', () => {
  it('have the middle one of an odd number as their median', () => {
    expect(repeated([3, 1, 20])).toEqual({ median: 3, least: 1, most: 20 });
  });

  it('have the mean of the middle two of an even number as their median', () => {
    expect(repeated([4, 1, 2, 9]).median).toBe(3);
  });
});

describe('samples', () => {
  it('are all kept, also beyond the room they started with', () => {
    const samples = new Samples();
    for (let i = 0; i < 100_000; i++) samples.push(i);
    expect(samples.length).toBe(100_000);
    expect(samples.view().at(-1)).toBe(99_999);
    expect(samples.view()[65_535]).toBe(65_535);
  });
});
