import { ZXID_ZERO } from '@paddock/model';
import { isWrite, shownBy } from '../record/history.ts';
import type { History, SessionRecord } from '../record/history.ts';
import { mayBeAskedAgain } from './asked-again.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf, nameOfSession } from './names.ts';

/**
 * P2: a session is answered in the order in which it asks, its writes take effect in that order, and its reads show
 * its earlier writes and none of its later ones; but for a read whose answer was lost and that was asked again.
 */
export function sessionOrder({ history, log }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const session of history.sessions) {
    answeredInOrder(session, violations);
    readsBetweenWrites(session, history, violations);
    if (session.id === null) continue;
    let sequence = 0;
    for (const transaction of log.of(session.id)) {
      sequence++;
      if (transaction.sequence === sequence) continue;
      const name = nameOfSession(session);
      violations.push(`write ${transaction.sequence} of ${name} stands where ${sequence} belongs`);
    }
  }
  return violations;
}

function answeredInOrder(session: SessionRecord, violations: string[]): void {
  const due = session.operations.filter((it) => it.withdrawn !== true).values();
  for (const delivery of session.deliveries) {
    if (delivery.kind !== 'settled') continue;
    const next = due.next().value;
    if (delivery.operation === next) continue;
    violations.push(`${nameOf(delivery.operation)} is answered where #${next?.index} is due`);
  }
}

function readsBetweenWrites(session: SessionRecord, history: History, violations: string[]): void {
  const { operations } = session;
  for (const read of operations) {
    const shown = shownBy(read.settlement);
    if (isWrite(read.operation) || shown === ZXID_ZERO) continue;
    for (const write of operations) {
      const zxid = write.settlement?.zxid ?? 0;
      if (!isWrite(write.operation) || zxid === 0) continue;
      if (write.index < read.index && shown < zxid) {
        violations.push(`${nameOf(read)} does not show the earlier ${nameOf(write)}`);
      }
      if (write.index < read.index || shown < zxid) continue;
      // A sync names its session's floor, which is no state that it shows.
      if (read.operation.kind === 'sync' || mayBeAskedAgain(read, history)) continue;
      violations.push(`${nameOf(read)} shows the later ${nameOf(write)}`);
    }
  }
}
