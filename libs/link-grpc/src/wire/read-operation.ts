import type { BatchedRead, ReadOperation, SessionId, ZnodePath } from '@paddock/model';
import type { Field } from './fields.ts';
import { WireError } from './wire-error.ts';
import { watchModeOf } from './words.ts';

/** What the message of a read has for some kinds of reads alone. */
interface ReadParts {
  readonly owner: SessionId;
  readonly after: string;
  readonly limit: number;
  readonly watchMode: Field<number>;
  readonly permissions: number;
  readonly batch: readonly BatchedRead[];
}

/** A read between front-end and database, of what its message says: each kind has its own part of it. */
export function readOperationOf(
  kind: ReadOperation['kind'],
  path: ZnodePath,
  watch: boolean,
  { owner, after, limit, watchMode, permissions, batch }: ReadParts,
): ReadOperation {
  const mode = watchModeOf(watchMode);
  if (mode !== undefined) {
    if (kind !== 'exists') throw new WireError('watch mode', `is that of a ${kind}`);
    return { kind, path, watch, mode };
  }
  switch (kind) {
    case 'getData':
    case 'exists':
    case 'getChildren':
      return { kind, path, watch };
    case 'getChildrenPage':
      return { kind, path, watch, after, limit: pageLimitOf(limit) };
    case 'listSessions':
      return { kind, path, watch: false, afterSession: owner, limit: pageLimitOf(limit) };
    case 'getWatches':
      return { kind, path, watch: false, after, limit: pageLimitOf(limit) };
    case 'countDescendants':
    case 'getQuotas':
    case 'getAcl':
      return { kind, path, watch: false };
    case 'getSubtree':
      return { kind, path, watch: false, snapshot: owner, bytes: limit };
    case 'readMany':
      return { kind, path, watch: false, reads: batch };
    case 'can':
      return { kind, path, watch: false, permissions };
    case 'getEphemerals':
      return { kind, path, watch: false, owner };
  }
}

function pageLimitOf(limit: number): number {
  if (limit === 0) throw new WireError('read limit', 'is 0, not a number from 1 on');
  return limit;
}
