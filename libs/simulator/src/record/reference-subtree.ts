import { trustedPath, ZXID_ZERO } from '@paddock/model';
import type { BatchedResult, Identities, ReadResult, SubtreeZnode } from '@paddock/model';
import { may } from './reference-access.ts';
import { statOf } from './reference-znode.ts';
import type { Znode } from './reference-znode.ts';

type Znodes = ReadonlyMap<string, Znode>;

/** All of it in one page: those that may be read. */
export function subtreeOf(all: Znodes, path: string, identities: Identities): ReadResult {
  const znodes: SubtreeZnode[] = [];
  for (const [it, znode] of all) {
    if (it !== path && !isBelow(it, path)) continue;
    if (!may(znode, 'read', identities)) continue;
    znodes.push({ path: trustedPath(it), data: znode.data, stat: statOf(znode) });
  }
  return { kind: 'subtree', snapshot: 0, zxid: ZXID_ZERO, znodes, more: false };
}

export function countOf(all: Znodes, path: string, znode: Znode): BatchedResult {
  const below = [...all].filter(([it]) => isBelow(it, path)).map(([, it]) => it);
  const bytes = below.reduce((sum, it) => sum + it.data.length, znode.data.length);
  const stat = statOf(znode);
  return { kind: 'descendants', descendants: below.length, subtreeBytes: bytes, stat };
}

function isBelow(path: string, top: string): boolean {
  return path !== '/' && path.startsWith(top === '/' ? top : `${top}/`);
}
