import type { CheckedRun } from './checked-run.ts';

/**
 * Zab, prefix consistency, and with it total order: of what two replicas deliver one is a prefix of the other, and what
 * was once delivered as committed is there after every restart, the same bytes (P1, P6, H9).
 */
export function prefixConsistency({ log }: CheckedRun): string[] {
  return [...log.conflicts];
}
