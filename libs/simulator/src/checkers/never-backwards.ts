import { maxZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { isWrite, shownBy } from '../record/history.ts';
import type { History, OperationRecord } from '../record/history.ts';
import { mayBeAskedAgain } from './asked-again.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf } from './names.ts';

/** P3: what a session is told never names a lower zxid than what it was told before, whatever it was connected to. */
export function neverBackwards({ history }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const session of history.sessions) {
    let seen: Zxid = ZXID_ZERO;
    for (const delivery of session.deliveries) {
      if (delivery.kind === 'state') continue;
      const zxid =
        delivery.kind === 'event' ? delivery.event.zxid : shownBy(delivery.operation.settlement);
      if (zxid === ZXID_ZERO) continue;
      // An outcome names the write's own place: one that was lost comes behind reads that were asked again.
      const isOld = delivery.kind === 'settled' && mayBeOld(delivery.operation, history);
      if (zxid < seen && !isOld) {
        const what = delivery.kind === 'event' ? `the ${delivery.event.kind} for` : 'the answer of';
        violations.push(`${what} ${nameOf(delivery.operation)} goes behind what was seen`);
      }
      seen = maxZxid(seen, zxid);
    }
  }
  return violations;
}

function mayBeOld(operation: OperationRecord, history: History): boolean {
  return isWrite(operation.operation) && mayBeAskedAgain(operation, history);
}
