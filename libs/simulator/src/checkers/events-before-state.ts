import { formatZxid, ZXID_ZERO } from '@paddock/model';
import { shownWithEvents, watchSetBy } from '../record/history.ts';
import type { DeliveryRecord, OperationRecord, SessionRecord } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf } from './names.ts';
import { WatchedChanges } from './watched-changes.ts';

/**
 * P4 and P9: whoever watches is told of the first change behind its read, at the latest right before the first answer
 * on its session that could show it. Since every run ends with reads of everything, no watch that missed one passes.
 */
export function eventsBeforeState({ history, log }: CheckedRun): string[] {
  const changes = new WatchedChanges(log);
  return history.sessions.flatMap((session) => checkSession(session, changes));
}

function checkSession(session: SessionRecord, changes: WatchedChanges): string[] {
  const violations: string[] = [];
  const waiting = new Set<OperationRecord>();
  const endMs = session.deliveries.find(isEnd)?.at.ms ?? Infinity;
  for (const delivery of session.deliveries) {
    if (delivery.kind === 'state') continue;
    const { operation } = delivery;
    if (delivery.kind === 'event' && isPersistentWatch(operation)) continue;
    if (delivery.kind === 'event') {
      if (!waiting.delete(operation)) violations.push(`${nameOf(operation)} is told twice`);
      continue;
    }
    // Last outcomes come along with the session's end, which is all that its watches are told.
    const zxid = delivery.at.ms < endMs ? shownWithEvents(operation) : ZXID_ZERO;
    for (const watcher of waiting) {
      const watch = watchSetBy(watcher);
      if (watch === null) continue;
      const change = changes.firstFor(watch.kind, watch.path, watch.from);
      if (change === undefined || change.zxid > zxid) continue;
      waiting.delete(watcher);
      const missed = `${change.event} @${formatZxid(change.zxid)}`;
      violations.push(
        `${nameOf(operation)} is answered before ${nameOf(watcher)} hears of ${missed}`,
      );
    }
    if (watchSetBy(operation) !== null && !isPersistentWatch(operation)) waiting.add(operation);
  }
  return violations;
}

/** Those have a checker of their own. */
function isPersistentWatch({ operation }: OperationRecord): boolean {
  return 'mode' in operation && operation.kind === 'exists';
}

function isEnd(delivery: DeliveryRecord): boolean {
  return delivery.kind === 'state' && (delivery.state === 'expired' || delivery.state === 'closed');
}
