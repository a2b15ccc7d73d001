import type { Stat } from '@paddock/client';

export interface CachedZnode {
  readonly path: string;
  readonly data: Uint8Array;
  /** As the read has shown it: no watch tells of a new ACL, so that `aversion` may be an older one. */
  readonly stat: Stat;
}

/** Whether they are the same state of one znode. */
export function isSameState(a: CachedZnode | undefined, b: CachedZnode | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.stat.czxid === b.stat.czxid &&
    a.stat.mzxid === b.stat.mzxid &&
    a.stat.pzxid === b.stat.pzxid &&
    a.stat.aversion === b.stat.aversion
  );
}
