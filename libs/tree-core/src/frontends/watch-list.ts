import type { ReadOperation, ReadResult, WatchKind, ZnodePath } from '@paddock/model';
import type { Few } from '../watches/few.ts';
import type { LiveSession } from './live-session.ts';

/** What the names of one page may take, about. */
const PAGE_BYTES = 256 * 1024;
const PATH_BYTES = 32;

/** The watches that would fire now; a call without a session has none. */
export function watchesOf(
  live: LiveSession | null,
  { path, after, limit }: Extract<ReadOperation, { readonly kind: 'getWatches' }>,
): ReadResult {
  const kinds = new Map<ZnodePath, WatchKind[]>();
  const collect = (paths: Few<ZnodePath> | null, kind: WatchKind): void => {
    for (const it of paths ?? []) {
      if (it <= after || !it.startsWith(path)) continue;
      const known = kinds.get(it);
      if (known === undefined) kinds.set(it, [kind]);
      else known.push(kind);
    }
  };
  if (live !== null) {
    collect(live.znodeWatches, 'data');
    collect(live.childWatches, 'children');
    collect(live.persistentWatches, 'persistent');
    collect(live.recursiveWatches, 'persistentRecursive');
  }
  const watched = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  let end = 0;
  for (let bytes = 0; end < watched.length && end < limit && bytes < PAGE_BYTES; end++) {
    bytes += PATH_BYTES + (watched[end]?.[0].length ?? 0);
  }
  const watches = watched.slice(0, end).map(([it, of]) => ({ path: it, kinds: of }));
  return { kind: 'watches', watches, more: end < watched.length };
}
