import { describe, expect, it } from 'vitest';
import { cpuTicksIn } from '../src/arithmetic/cpu-time.ts';

const BEHIND = 'R 1 1 1 0 -1 4194304 101 0 0 0 250 42 7 7 20 0 1 0 237277 3133440 390';

describe('the account of a process', () => {
  it('is the sum of user and system time, without that of its children', () => {
    expect(cpuTicksIn(`4711 (node) ${BEHIND}`)).toBe(292);
  });

  it('is found behind a name with spaces and parentheses', () => {
    expect(cpuTicksIn(`4711 (a (b) c) ${BEHIND}`)).toBe(292);
  });

  it('is refused where there is none', () => {
    expect(() => cpuTicksIn('4711 (node) R 1 1')).toThrow(TypeError);
  });
});
