import type { ReadOperation, SessionId, ZnodePath } from '@paddock/model';

/** A read between front-end and database, of what its message says. */
export function readOperationOf(
  kind: ReadOperation['kind'],
  path: ZnodePath,
  watch: boolean,
  owner: SessionId,
): ReadOperation {
  switch (kind) {
    case 'getData':
    case 'exists':
    case 'getChildren':
      return { kind, path, watch };
    case 'countDescendants':
      return { kind, path, watch: false };
    case 'getEphemerals':
      return { kind, path, watch: false, owner };
  }
}
