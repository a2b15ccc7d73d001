import { formatZxid } from '@paddock/model';
import type { Transaction } from '@paddock/model';
import { isWrite } from '../history.ts';
import type { OperationRecord } from '../history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf, nameOfSession } from './names.ts';

/** P5: a write is executed at most once; exactly once where its client was told so, and never where it was told not. */
export function exactlyOnce({ history, log }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const session of history.sessions) {
    const executed = new Map<number, Transaction>();
    for (const transaction of session.id === null ? [] : log.of(session.id)) {
      const { sequence, zxid } = transaction;
      const first = executed.get(sequence);
      if (first !== undefined) {
        const twice = `${formatZxid(first.zxid)} and ${formatZxid(zxid)}`;
        violations.push(`write ${sequence} of ${nameOfSession(session)} was executed at ${twice}`);
      }
      executed.set(sequence, transaction);
    }
    for (const record of session.operations) checkTold(record, executed, violations);
  }
  return violations;
}

function checkTold(
  record: OperationRecord,
  executed: ReadonlyMap<number, Transaction>,
  violations: string[],
): void {
  const { operation, settlement, sequence } = record;
  if (!isWrite(operation) || settlement === null) return;
  const { result } = settlement;
  const was = sequence > 0 && executed.has(sequence);
  if (result.kind !== 'failed') {
    // A close of a session that had expired is done as well (H19).
    if (!was && result.kind !== 'closed') violations.push(`${nameOf(record)} was never executed`);
    return;
  }
  // The window is never smaller than what may be outstanding, so no outcome is lost while its session lives.
  if (result.code === 'connectionLoss') violations.push(`${nameOf(record)}: ${result.reason}`);
  if (result.code === 'sessionExpired' && was) {
    violations.push(`${nameOf(record)} was told to be without effect, and was executed`);
  }
}
