import type { EventKind, WatchEvent } from './operation.ts';
import type { ZnodePath } from './path.ts';
import { ROOT } from './path.ts';
import type { Stat } from './stat.ts';

/** What a watch without a session tells of, and how. */
export interface WatchTerms {
  /** Events of these kinds; of none, events of all. */
  readonly kinds: readonly EventKind[];
  /** Events of znodes so many levels below its path, and of all between; 0: of its own znode alone. */
  readonly depth: number;
  readonly withStat: boolean;
  readonly withData: boolean;
  /** While it has nothing to tell it says every so often how far it is, in ms; 0: never. */
  readonly progressMs: number;
}

export const PLAIN_WATCH: WatchTerms = {
  kinds: [],
  depth: 0,
  withStat: false,
  withData: false,
  progressMs: 0,
};

/** All levels. */
export const DEPTH_MAX = 2 ** 32 - 1;

/** What an event shows of its znode: as of its zxid, where that is still known. */
export interface ShownZnode {
  readonly stat?: Stat;
  readonly data?: Uint8Array;
}

/** Whether a watch of `path` on these terms tells of the event. */
export function tellsOnTerms(
  { kinds, depth }: WatchTerms,
  path: ZnodePath,
  event: WatchEvent,
): boolean {
  return isAsDeep(event.path, path, depth) && (kinds.length === 0 || kinds.includes(event.kind));
}

function isAsDeep(path: ZnodePath, top: ZnodePath, depth: number): boolean {
  if (path === top) return true;
  if (depth === 0) return false;
  const start = top === ROOT ? 0 : top.length;
  if (!path.startsWith(top) || path.charCodeAt(start) !== SLASH) return false;
  let levels = 0;
  for (let i = start; i < path.length && levels <= depth; i++) {
    if (path.charCodeAt(i) === SLASH) levels++;
  }
  return levels <= depth;
}

const SLASH = 0x2f;
