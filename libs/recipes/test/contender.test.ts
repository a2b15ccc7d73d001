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

  it('are of several words, and of one sequence', () => {
    const names = ['_c_1-__READ__0000000007', '__WRIT__0000000003', 'x__READ__0000000001-'];
    const contenders = contendersOf(names, '__READ__', '__WRIT__');
    expect(contenders.map(({ number }) => number)).toEqual([3, 7]);
  });

  it('are none of another word, and nothing without a number', () => {
    expect(contendersOf(['latch-0000000001', 'lock-', 'lock-one', 'other'], 'lock-')).toEqual([]);
  });
});
