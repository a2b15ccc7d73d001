import type { CheckedRun } from './checked-run.ts';

/** What a broadcaster has told others that it accepted it has accepted for good: it was durable before it was said. */
export function epochsNeverGoBack({ broadcasts }: CheckedRun): string[] {
  const violations: string[] = [];
  const highest = new Map<string, number>();
  for (const { replica, incarnation, acceptedEpoch } of broadcasts.promises) {
    const name = `replica ${replica} (${incarnation})`;
    const before = highest.get(name) ?? 0;
    if (acceptedEpoch < before) {
      violations.push(`${name} had accepted epoch ${before}, and says ${acceptedEpoch}`);
    }
    highest.set(name, Math.max(before, acceptedEpoch));
  }
  return violations;
}
