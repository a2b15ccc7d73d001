import type { Zxid } from '@paddock/model';
import { describe } from '../record/describe.ts';
import { linesOf } from '../record/restored-states.ts';
import { SEQUENCE_PATH } from '../users/workload.ts';
import type { CheckedRun } from './checked-run.ts';

interface NumberedCreate {
  readonly number: number;
  readonly zxid: Zxid;
  readonly call: number;
  readonly answered: number;
}

/**
 * P1 and P5 of sequential creates under one parent, without a look inside: the numbers are given once each and without
 * gaps but for creates that nobody heard of, who asks after another one was answered gets a higher one, and each is
 * told as a number what its name ends with. A backup that is restored has the parent's counter as it was.
 */
export function linearizableSequences({ history, log }: CheckedRun): string[] {
  const violations: string[] = [];
  const creates: NumberedCreate[] = [];
  let unknown = 0;
  for (const { operation, settlement, submitted } of [...history.operations(), ...history.unary]) {
    if (operation.kind !== 'create' || operation.path !== SEQUENCE_PATH) continue;
    const { result } = settlement ?? {};
    if (settlement === null || result?.kind !== 'created') {
      if (result?.kind !== 'failed' || result.code !== 'sessionExpired') unknown++;
      continue;
    }
    const number = Number(result.path.slice(SEQUENCE_PATH.length));
    if (number !== result.counter) {
      violations.push(`${result.path} was told to have the number ${result.counter}`);
    }
    const { czxid: zxid } = result.stat;
    creates.push({ number, zxid, call: submitted.order, answered: settlement.at.order });
  }
  creates.sort((a, b) => a.number - b.number);
  for (const isOn of linesOf(log)) {
    checkLine(
      creates.filter(({ zxid }) => isOn(zxid)),
      unknown,
      violations,
    );
  }
  return violations;
}

function checkLine(
  creates: readonly NumberedCreate[],
  unknown: number,
  violations: string[],
): void {
  const highest = creates.at(-1)?.number ?? -1;
  if (highest + 1 > creates.length + unknown) {
    violations.push(`the number ${highest} was given, and ${creates.length} creates were answered`);
  }
  let lastCall = -1;
  let previous: NumberedCreate | null = null;
  for (const create of creates) {
    if (create.number === previous?.number) violations.push(`${describe(create)} is given twice`);
    if (create.answered < lastCall) {
      violations.push(`${describe(create)} was answered before a lower number was asked for`);
    }
    lastCall = Math.max(lastCall, create.call);
    previous = create;
  }
}
