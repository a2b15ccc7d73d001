import { formatZxid } from '@paddock/model';
import { watchSetBy } from '../record/history.ts';
import type { DeliveryRecord } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf } from './names.ts';
import { WatchedChanges } from './watched-changes.ts';

type Told = Extract<DeliveryRecord, { readonly kind: 'event' }>;

/** What a watch is told has happened, behind the read that set it, and events come in the order of their zxids (P4). */
export function eventsAreTrue({ history, log }: CheckedRun): string[] {
  const changes = new WatchedChanges(log);
  const violations: string[] = [];
  for (const session of history.sessions) {
    for (const delivery of session.deliveries) {
      if (delivery.kind === 'event' && !isTrue(delivery, changes)) {
        const { kind, zxid } = delivery.event;
        violations.push(`${nameOf(delivery.operation)} is told of ${kind} @${formatZxid(zxid)}`);
      }
    }
  }
  return violations;
}

function isTrue({ operation, event }: Told, changes: WatchedChanges): boolean {
  const { kind, path, zxid } = event;
  if (kind === 'compacted' || kind === 'sessionEnded') return true;
  const from = watchSetBy(operation)?.from ?? 0;
  return changes.of(path).some((change) => {
    if (change.zxid <= from) return false;
    if (change.event === kind && change.zxid === zxid) return true;
    // Where the history does not reach back, the znode's zxids are compared, as ZooKeeper does (H15): a deletion is
    // told with the last zxid that it can have had, and of a znode that was created anew it shows that it is another.
    if (change.event === 'nodeDeleted') return kind === 'nodeDeleted' && change.zxid <= zxid;
    return change.event === 'nodeCreated' && change.zxid === zxid;
  });
}
