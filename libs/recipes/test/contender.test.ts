import { describe, expect, it } from 'vitest';
import { contendersOf } from '../src/contender.ts';

describe('those who stand in line', () => {
  it('are in the order of their numbers, whatever stands before the word', () => {
    const names = ['_c_9f-lock-0000000012', 'lock-0000000003', '_c_1a-lock-0000000007'];
    expect(contendersOf(names, 'lock-').map(({ number }) => number)).toEqual([3, 7, 12]);
  });

  it('are sorted by number where the digits are more than ten', () => {
    const names = ['lock-10000000000', 'lock-9999999999'];
    expect(contendersOf(names, 'lock-').map(({ name }) => name)).toEqual(names.toReversed());
  });

  it('are none of another word, and nothing without a number', () => {
    expect(contendersOf(['latch-0000000001', 'lock-', 'lock-one', 'other'], 'lock-')).toEqual([]);
  });
});
