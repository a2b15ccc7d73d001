import { formatZxid, maxZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { describe } from '../record/describe.ts';
import { shownBy } from '../record/history.ts';
import type { History, Moment, OperationRecord, UnaryRecord } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf } from './names.ts';

/**
 * H13, without a look inside: a linearizable read shows no less than what anybody had been told when it was asked, and
 * one of bounded staleness no less than what anybody had been told so many milliseconds before.
 */
export function readsAreFreshEnough({ history }: CheckedRun): string[] {
  const violations: string[] = [];
  const told = new Told(history);
  for (const record of [...history.operations(), ...history.unary]) {
    const { operation, settlement, submitted } = record;
    const shown = shownBy(settlement);
    if (shown === ZXID_ZERO || !('consistency' in operation)) continue;
    const { consistency } = operation;
    const accepts = isOfSession(record)
      ? record.session.acceptsReadOnly
      : operation.acceptsReadOnly === true;
    if ('readOnly' in record && !(accepts && consistency.kind === 'local')) {
      violations.push(`${nameOfAny(record)} is answered read-only, which it does not accept`);
    }
    if (consistency.kind === 'local') continue;
    const least =
      consistency.kind === 'linearizable'
        ? told.before(({ order }) => order < submitted.order)
        : told.before(({ ms }) => ms < submitted.ms - consistency.ms);
    if (shown >= least) continue;
    const how = describe(consistency);
    violations.push(
      `${nameOfAny(record)} (${how}) shows ${formatZxid(shown)}, ${formatZxid(least)} was known`,
    );
  }
  return violations;
}

/** The highest zxid that anybody had been told, by time. */
class Told {
  readonly #moments: Moment[] = [];
  readonly #highest: Zxid[] = [];

  constructor(history: History) {
    const settlements = [...history.operations(), ...history.unary].flatMap((it) =>
      it.settlement === null ? [] : [it.settlement],
    );
    settlements.sort((a, b) => a.at.order - b.at.order);
    let highest = ZXID_ZERO;
    for (const settlement of settlements) {
      highest = maxZxid(highest, shownBy(settlement));
      this.#moments.push(settlement.at);
      this.#highest.push(highest);
    }
  }

  /** `isBefore` is true of all moments up to one. */
  before(isBefore: (moment: Moment) => boolean): Zxid {
    let low = 0;
    let high = this.#moments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const moment = this.#moments[middle];
      if (moment !== undefined && isBefore(moment)) low = middle + 1;
      else high = middle;
    }
    return this.#highest[low - 1] ?? ZXID_ZERO;
  }
}

function nameOfAny(record: OperationRecord | UnaryRecord): string {
  return 'session' in record ? nameOf(record) : `a call to ${describe(record.operation)}`;
}

function isOfSession(record: OperationRecord | UnaryRecord): record is OperationRecord {
  return 'session' in record;
}
