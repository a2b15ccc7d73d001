import type { Stat, WatchEvent, WatchRegistration } from '@paddock/model';
import type { ZnodeStore } from '../znodes/znode-store.ts';
import { CHILDREN_EVENTS, ZNODE_EVENTS } from './event-history.ts';
import type { EventHistory } from './event-history.ts';

/** What became of a one-shot watch since its zxid: nothing, an event, or nobody can say. */
export type MissedEvent = WatchEvent | 'none' | 'compacted';

/**
 * Looks in the history first; where that does not reach back, compares the znode's zxids as ZooKeeper does, as far as
 * that is conclusive (H15).
 */
export function missedEvent(
  registration: WatchRegistration,
  history: EventHistory,
  znodes: ZnodeStore,
): MissedEvent {
  const { path, kind, from } = registration;
  const kinds = kind === 'children' ? CHILDREN_EVENTS : ZNODE_EVENTS;
  if (from >= history.floor) return history.first(path, from, kinds) ?? 'none';
  const row = znodes.find(path);
  const stat = row < 0 ? undefined : znodes.stat(row);
  if (stat !== undefined) return compare(registration, stat);
  // An existence watch may have been set on a znode that was not there.
  if (kind === 'exists') return 'compacted';
  // It was there at `from` and is gone: told with the zxid of the deletion, or the last that it can have had. What was
  // created meanwhile is another znode: its creation is no event for who watched the one before.
  const first = history.first(path, history.floor, kinds);
  if (first !== undefined && first.kind !== 'nodeCreated') return first;
  return { kind: 'nodeDeleted', path, zxid: history.floor };
}

function compare({ path, kind, from }: WatchRegistration, stat: Stat): WatchEvent | 'none' {
  if (kind === 'children') {
    return stat.pzxid > from ? { kind: 'nodeChildrenChanged', path, zxid: stat.pzxid } : 'none';
  }
  if (kind === 'exists' && stat.czxid > from) {
    return { kind: 'nodeCreated', path, zxid: stat.czxid };
  }
  return stat.mzxid > from ? { kind: 'nodeDataChanged', path, zxid: stat.mzxid } : 'none';
}
