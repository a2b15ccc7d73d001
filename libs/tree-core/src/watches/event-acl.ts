import { parentPath } from '@paddock/model';
import type { Acl, ZnodePath } from '@paddock/model';
import type { ZnodeStore } from '../znodes/znode-store.ts';
import type { EventHistory } from './event-history.ts';

/**
 * The ACL that decides who is told of what happened to the path: that of the znode, or the last one of a znode that is
 * gone, or, where nobody knows that any more, that of the nearest znode above.
 */
export function aclOfPath(
  { znodes, history }: { readonly znodes: ZnodeStore; readonly history: EventHistory },
  path: ZnodePath,
): Acl {
  let row = znodes.find(path);
  if (row < 0) {
    const last = history.lastAcl(path);
    if (last !== undefined) return last;
  }
  for (let at = path; row < 0; row = znodes.find(at)) at = parentPath(at);
  return znodes.access(row).acl;
}
