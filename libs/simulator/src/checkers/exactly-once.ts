import { formatZxid } from '@paddock/model';
import type { SessionId, Transaction, Zxid } from '@paddock/model';
import type { CommittedLog } from '../record/committed-log.ts';
import { isWrite } from '../record/history.ts';
import type { OperationRecord } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf, nameOfSession } from './names.ts';

/** P5: a write is executed at most once; exactly once where its client was told so, and never where it was told not. */
export function exactlyOnce({ history, log, limits }: CheckedRun): string[] {
  const violations: string[] = [];
  const forgotten = forgottenSessions(log);
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
    // No outcome is lost while its session lives, within the window; and none before its tombstone is (H20).
    const mayBeLost =
      session.pipelineOperations > limits.windowCount ||
      (session.id !== null && forgotten.has(session.id));
    for (const record of session.operations) checkTold(record, executed, mayBeLost, violations);
  }
  return violations;
}

function checkTold(
  record: OperationRecord,
  executed: ReadonlyMap<number, Transaction>,
  mayBeLost: boolean,
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
  if (result.code === 'connectionLoss' && !mayBeLost) {
    violations.push(`${nameOf(record)}: ${result.reason}`);
  }
  if ((result.code === 'sessionExpired' || result.code === 'notReadOnly') && was) {
    violations.push(`${nameOf(record)} was told to be without effect, and was executed`);
  }
}

/** Those whose tombstones were dropped: what became of their last writes is not known any more. */
function forgottenSessions(log: CommittedLog): ReadonlySet<SessionId> {
  const ended = new Map<SessionId, Zxid>();
  const forgotten = new Set<SessionId>();
  const open = new Set<SessionId>();
  for (const { zxid, transaction, backup } of log.entries) {
    if (backup !== null) {
      for (const session of open) ended.set(session, zxid);
      open.clear();
    }
    if (transaction === null) continue;
    const { change } = transaction;
    if (change.kind === 'openSession') open.add(change.session);
    if (change.kind === 'closeSession') open.delete(change.session);
    if (change.kind === 'closeSession') ended.set(change.session, zxid);
    if (change.kind !== 'dropTombstones') continue;
    for (const [session, end] of ended) if (end <= change.through) forgotten.add(session);
  }
  return forgotten;
}
