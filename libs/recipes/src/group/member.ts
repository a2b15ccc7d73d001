import type { Zxid } from '@paddock/client';
import type { CachedZnode } from '../cache/cached-znode.ts';
import type { TreeCache } from '../cache/tree-cache.ts';

export interface Member {
  /** The name of its znode. */
  readonly id: string;
  readonly path: string;
  readonly data: Uint8Array;
  /** When it joined: those who came before have lower ones. */
  readonly since: Zxid;
  /** When its data was last set. */
  readonly changed: Zxid;
}

/** In the order in which they have joined. */
export function membersOf(view: TreeCache): readonly Member[] {
  return view
    .childrenOf()
    .map(memberOf)
    .sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
}

function memberOf({ path, data, stat }: CachedZnode): Member {
  const id = path.slice(path.lastIndexOf('/') + 1);
  return { id, path, data, since: stat.czxid, changed: stat.mzxid };
}
