import { isPersistent, watchKindOf } from '@paddock/model';
import type { ClientOperation, ClientWatchList, WatchKind, WatchedPath } from '@paddock/model';
import type { OperationRecord, SessionRecord } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf } from './names.ts';

/**
 * A list of watches names those that the client was told to have, and that no event has spent before the list came; and
 * it names nothing that the session has not asked for.
 */
export function watchesListed({ history }: CheckedRun): string[] {
  return history.sessions.flatMap(violationsOf);
}

function violationsOf({ deliveries, operations }: SessionRecord): string[] {
  const violations: string[] = [];
  /** One-shot watches that were set, by the answer of the read. */
  const set = new Map<OperationRecord, { readonly path: string; readonly kind: WatchKind }>();
  for (const delivery of deliveries) {
    if (delivery.kind === 'event') set.delete(delivery.operation);
    if (delivery.kind !== 'settled') continue;
    const record = delivery.operation;
    const result = record.settlement?.result;
    if (result === undefined) continue;
    if (record.operation.kind === 'getWatches' && result.kind === 'watches') {
      const { watches, more } = result;
      const asked = operations.slice(0, record.index + 1);
      for (const { path, kinds } of watches) {
        for (const kind of kinds) {
          if (asked.some((it) => sets(it.operation, path, kind))) continue;
          violations.push(`${nameOf(record)} lists a ${kind} watch of ${path} that was never set`);
        }
      }
      for (const it of set.values()) {
        if (!isInPage(it.path, record.operation, watches, more)) continue;
        const listed = watches.find(({ path }) => path === it.path);
        if (listed?.kinds.includes(it.kind) === true) continue;
        violations.push(`${nameOf(record)} lists no ${it.kind} watch of ${it.path}, which is set`);
      }
    }
    const kind = kindSetBy(record.operation);
    if (kind === null || isPersistent(kind) || !('path' in record.operation)) continue;
    const isAbsent = result.kind === 'failed' && result.code === 'noNode';
    const isSet = result.kind !== 'failed' || (record.operation.kind === 'exists' && isAbsent);
    if (isSet) set.set(record, { path: record.operation.path, kind });
  }
  return violations;
}

/** Null: none. One-shot watches of data and of existence are listed as one kind. */
function kindSetBy(operation: ClientOperation): WatchKind | null {
  if (!('watch' in operation)) return null;
  const kind = watchKindOf(operation);
  return kind === 'exists' ? 'data' : kind;
}

function sets(operation: ClientOperation, path: string, kind: WatchKind): boolean {
  return 'path' in operation && operation.path === path && kindSetBy(operation) === kind;
}

function isInPage(
  path: string,
  { path: prefix, after }: ClientWatchList,
  watches: readonly WatchedPath[],
  more: boolean,
): boolean {
  if (path <= after || !path.startsWith(prefix)) return false;
  return !more || path <= (watches.at(-1)?.path ?? '');
}
