import { assert, parentPath } from '@paddock/model';
import type { ZnodeDeletion } from '@paddock/model';
import type { OverlayZnode } from './overlay-znode.ts';
import type { QueuedClose } from './request-queue.ts';
import type { TermState } from './term-state.ts';

/** Looked up, and each path rechecked here, and what was created since: H6 a, b. */
export function deleteEphemerals(
  term: TermState,
  request: QueuedClose,
  changed: OverlayZnode[],
): ZnodeDeletion[] {
  const { overlay } = term;
  const { session } = request.state;
  assert(request.ephemerals !== null, 'a close is settled after its look-up');
  const deletions: ZnodeDeletion[] = [];
  for (const record of request.ephemerals) {
    const present = overlay.peek(record.path);
    if (present?.known === true && !(present.exists && present.ephemeralOwner === session)) {
      continue;
    }
    const znode = overlay.getOrAdd(record.path);
    if (!znode.known) znode.dataLength = record.dataLength;
    const parent = overlay.getOrAdd(record.parent);
    overlay.fill(parent, record.parentRecord);
    deletions.push(deleteEphemeral(term, znode, parent, changed));
  }
  for (const znode of [...overlay.ephemeralsOf(session)]) {
    const parent = overlay.get(parentPath(znode.path));
    // Both came by one transaction, so the parent stays at least as long as the znode.
    assert(parent?.known === true, 'the parent of an ephemeral in flight is known');
    deletions.push(deleteEphemeral(term, znode, parent, changed));
  }
  return deletions;
}

function deleteEphemeral(
  term: TermState,
  znode: OverlayZnode,
  parent: OverlayZnode,
  changed: OverlayZnode[],
): ZnodeDeletion {
  const deletion = { path: znode.path, parentCversion: parent.cversion + 1 };
  term.quotas.changed({ kind: 'deleteZnode', ...deletion }, znode);
  term.overlay.deleted(znode, parent);
  changed.push(znode, parent);
  return deletion;
}
