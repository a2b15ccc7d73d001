import { formatZxid } from '@paddock/model';
import type { CheckedRun } from './checked-run.ts';

/** Zab, total order: every replica delivers in the order of the zxids, none of them twice, none left out. */
export function totalOrder({ log }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const { replica, behind, zxids } of log.streams) {
    let position = behind === null ? undefined : log.positionBehind(behind);
    for (const zxid of zxids) {
      const expected = position === undefined ? undefined : log.entries[position];
      if (expected?.zxid !== zxid) {
        const due = expected === undefined ? 'nothing' : formatZxid(expected.zxid);
        violations.push(`replica ${replica} is handed ${formatZxid(zxid)} where ${due} is due`);
        break;
      }
      position = log.positionBehind(zxid);
    }
  }
  return violations;
}
