import type { CheckedRun } from './checked-run.ts';

/** P6, H9: what was once delivered as committed and durable is there after every restart, the same bytes. */
export function committedStays({ log }: CheckedRun): string[] {
  return [...log.conflicts];
}
