import { formatZxid, isPersistent } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { shownWithEvents, watchSetBy } from '../record/history.ts';
import type { DeliveryRecord, OperationRecord, SessionRecord } from '../record/history.ts';
import { isGuarded } from '../users/guarded-workload.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf } from './names.ts';
import { WatchedChanges } from './watched-changes.ts';

/**
 * P4 and P9: a persistent watch is told every change behind the read that set it, each once, in the order of their
 * zxids, and each before the first answer on its session that could show it; or that some cannot be told any more. What
 * not everybody may see is left out: whoever sees it is told by who he is when it is told.
 */
export function persistentWatchesAreComplete({ history, log }: CheckedRun): string[] {
  const changes = new WatchedChanges(log);
  return history.sessions.flatMap((session) =>
    session.operations.flatMap((record) => checkWatch(record, session, changes)),
  );
}

function checkWatch(
  record: OperationRecord,
  session: SessionRecord,
  changes: WatchedChanges,
): string[] {
  const watch = watchSetBy(record);
  if (watch === null || !isPersistent(watch.kind)) return [];
  const due = new Map<Zxid, Set<string>>();
  for (const { zxid, event, path } of changes.toldBy(watch.kind, watch.path, watch.from)) {
    if (isGuarded(path)) continue;
    const keys = due.get(zxid);
    if (keys === undefined) due.set(zxid, new Set([`${event} ${path}`]));
    else keys.add(`${event} ${path}`);
  }
  const account = new Account([...due].sort(([a], [b]) => a - b));
  const endMs = session.deliveries.find(isEnd)?.at.ms ?? Infinity;
  for (const delivery of session.deliveries) {
    if (delivery.kind === 'event' && delivery.operation === record) {
      const { event } = delivery;
      if (!('path' in event) || !isGuarded(event.path)) account.told(event);
    } else if (delivery.kind === 'settled' && delivery.at.ms < endMs) {
      account.shown(shownWithEvents(delivery.operation), nameOf(delivery.operation));
    }
  }
  return account.violations.map((it) => `${nameOf(record)} ${it}`);
}

type ToldEvent = Extract<DeliveryRecord, { readonly kind: 'event' }>['event'];

/** What is due to one watch, in order, and how far it was told. */
class Account {
  readonly violations: string[] = [];
  readonly #due: (readonly [Zxid, Set<string>])[];
  /** It was told that some cannot be told: nobody says which. */
  #isLenient = false;

  constructor(due: readonly (readonly [Zxid, Set<string>])[]) {
    this.#due = [...due];
  }

  told({ kind, path, zxid }: ToldEvent): void {
    if (kind === 'sessionEnded') return;
    if (kind === 'compacted') {
      this.#isLenient = true;
      return;
    }
    while (this.#due[0] !== undefined && this.#due[0][0] < zxid) {
      const [missed, keys] = this.#due[0];
      if (!this.#isLenient && keys.size > 0) {
        this.violations.push(
          `is told of ${formatZxid(zxid)} and never of ${nameOfAll(missed, keys)}`,
        );
      }
      this.#due.shift();
    }
    const next = this.#due[0];
    const isDue = next?.[0] === zxid && next[1].delete(`${kind} ${path}`);
    if (!isDue) {
      this.violations.push(`is told of ${kind} ${path} @${formatZxid(zxid)} without reason`);
    }
    this.#isLenient = false;
  }

  shown(zxid: Zxid, by: string): void {
    if (this.#isLenient) return;
    for (const [due, keys] of this.#due) {
      if (due > zxid) return;
      if (keys.size === 0) continue;
      this.violations.push(`hears of ${nameOfAll(due, keys)} only behind ${by}`);
      keys.clear();
    }
  }
}

function nameOfAll(zxid: Zxid, keys: ReadonlySet<string>): string {
  return `${[...keys].join(', ')} @${formatZxid(zxid)}`;
}

function isEnd(delivery: DeliveryRecord): boolean {
  return delivery.kind === 'state' && (delivery.state === 'expired' || delivery.state === 'closed');
}
