import { maxZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { describe } from '../record/describe.ts';
import { isWrite } from '../record/history.ts';
import type { OperationRecord, UnaryRecord } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf } from './names.ts';

interface Point {
  readonly order: number;
  readonly record: OperationRecord | UnaryRecord;
  readonly isAnswer: boolean;
}

/** P1: what is asked after something was answered, to whomever, takes effect after it: a write or a sync (H13). */
export function realTimeOrder({ history }: CheckedRun): string[] {
  const points: Point[] = [];
  for (const record of [...history.operations(), ...history.unary]) {
    points.push({ order: record.submitted.order, record, isAnswer: false });
    const { settlement } = record;
    if (settlement !== null) points.push({ order: settlement.at.order, record, isAnswer: true });
  }
  points.sort((a, b) => a.order - b.order);
  const violations: string[] = [];
  const seenBefore = new Map<OperationRecord | UnaryRecord, Zxid>();
  let seen = ZXID_ZERO;
  for (const { record, isAnswer } of points) {
    if (!isAnswer) {
      seenBefore.set(record, seen);
      continue;
    }
    const { operation, settlement } = record;
    if (settlement === null || settlement.zxid === ZXID_ZERO) continue;
    const { zxid } = settlement;
    const before = seenBefore.get(record) ?? ZXID_ZERO;
    if (isWrite(operation) && zxid <= before) {
      violations.push(`${nameOfAny(record)} was asked when a later zxid had been seen`);
    }
    if (settlement.result.kind === 'synced' && zxid < before) {
      violations.push(`${nameOfAny(record)} is behind what had been seen when it was asked`);
    }
    seen = maxZxid(seen, zxid);
  }
  return violations;
}

function nameOfAny(record: OperationRecord | UnaryRecord): string {
  return 'session' in record ? nameOf(record) : `a call to ${describe(record.operation)}`;
}
