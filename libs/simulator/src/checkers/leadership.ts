import type { CheckedRun } from './checked-run.ts';

/** Zab, leadership: an epoch has one leader, and one life of it. */
export function leadership({ broadcasts }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const [epoch, leaders] of broadcasts.leaders) {
    if (leaders.size > 1) violations.push(`epoch ${epoch} is led by ${[...leaders].join(' and ')}`);
  }
  return violations;
}
