import {
  answerBytes as answerBytesOf,
  LIST_NAME_BYTES_MAX,
  missingPermission,
  permits,
  permitsAll,
  ROOT,
  withoutHashes,
} from '@paddock/model';
import type {
  Descendants,
  Failed,
  Identities,
  ReadOperation,
  ReadResult,
  ZnodePath,
  ZnodeRead,
  ZnodeReadResult,
} from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import { listSessions } from './session-list.ts';
import { watchesOf } from './watch-list.ts';
import type { WatchTable } from '../watches/watch-table.ts';
import type { LiveSession } from './live-session.ts';
import type { LiveSessions } from './live-sessions.ts';

/** What an answer takes, and a name in a list of children, about. */
export const ANSWER_BYTES = 128;
export const NAME_BYTES = 32;

/** One thread evaluates the read and sets its watch: no change comes between. `row` is the znode's, or negative. */
export function readNow(
  state: DatabaseState,
  live: LiveSession | null,
  operation: Exclude<ReadOperation, { readonly kind: 'readMany' | 'getSubtree' }>,
  identities: Identities,
  row: number,
  lives: LiveSessions,
): ReadResult {
  if (operation.kind === 'getEphemerals') return ephemerals(state, live, operation, identities);
  if (operation.kind === 'listSessions') {
    return mayOperate(state, identities)
      ? listSessions(state, operation, lives)
      : missingPermission(ROOT, 'admin', identities);
  }
  if (operation.kind === 'getWatches') return watchesOf(live, operation);
  if (operation.kind === 'getQuotas') return quotas(state, operation.path, identities);
  if (row < 0) return absent(state, live, operation);
  const { acl } = state.znodes.access(row);
  const { path } = operation;
  if (operation.kind === 'getAcl') return aclAnswer(state, path, identities, row);
  if (operation.kind === 'can') {
    return { kind: 'permitted', permitted: permitsAll(acl, operation.permissions, identities) };
  }
  if (!permits(acl, 'read', identities)) return missingPermission(path, 'read', identities);
  switch (operation.kind) {
    case 'getData':
    case 'exists':
    case 'getChildren':
      return readPermitted(state, live, operation, row);
    case 'getChildrenPage':
      return childrenPage(state, live, operation, row);
    case 'countDescendants':
      return countDescendants(state, row);
  }
}

/** The ensemble is whose root it is. */
function mayOperate({ znodes }: DatabaseState, identities: Identities): boolean {
  return permits(znodes.access(znodes.find(ROOT)).acl, 'admin', identities);
}

function absent(
  { watches }: DatabaseState,
  live: LiveSession | null,
  operation: ReadOperation,
): Failed {
  // Of the absent only the existence can be watched.
  if (operation.kind === 'exists' && operation.watch && live !== null) {
    watchExistence(watches, live, operation);
  }
  return ABSENT;
}

/** Who may read an ACL sees who has a password, and who may set it the hash of it, too. */
function aclAnswer(
  { znodes }: DatabaseState,
  path: ZnodePath,
  identities: Identities,
  row: number,
): ReadResult {
  const { acl } = znodes.access(row);
  const stat = znodes.stat(row);
  if (permits(acl, 'admin', identities)) return { kind: 'acl', acl, stat };
  if (!permits(acl, 'read', identities)) return missingPermission(path, 'read', identities);
  return { kind: 'acl', acl: withoutHashes(acl), stat };
}

/** A session sees all of its own, and others those that they may read. */
function ephemerals(
  { znodes }: DatabaseState,
  live: LiveSession | null,
  { owner, path }: Extract<ReadOperation, { readonly kind: 'getEphemerals' }>,
  identities: Identities,
): ReadResult {
  const isOwn = live?.row.session === owner;
  const paths = znodes.ephemerals(owner).filter((it) => {
    if (!it.startsWith(path)) return false;
    return isOwn || permits(znodes.access(znodes.find(it)).acl, 'read', identities);
  });
  return { kind: 'ephemerals', paths };
}

/** Those of znodes that may be read: what there is below one is told by its count, too. */
function quotas(state: DatabaseState, path: ZnodePath, identities: Identities): ReadResult {
  const { znodes } = state;
  const uses = state.quotas.uses(path, znodes);
  const mayRead = (it: ZnodePath) =>
    permits(znodes.access(znodes.find(it)).acl, 'read', identities);
  return { kind: 'quotas', quotas: uses.filter((it) => mayRead(it.path)) };
}

export const ABSENT: Failed = { kind: 'failed', code: 'noNode', reason: '' };

/** By whoever may read the znode. Its watch is set for `live`; for nobody where that is null. */
export function readPermitted(
  { znodes, watches }: DatabaseState,
  live: LiveSession | null,
  operation: ZnodeRead,
  row: number,
): ZnodeReadResult {
  const { path } = operation;
  const watcher = operation.watch ? live : null;
  if (row < 0) return ABSENT;
  switch (operation.kind) {
    case 'getData':
      if (watcher !== null) watches.watchZnode(watcher, path);
      return { kind: 'data', data: znodes.data(row), stat: znodes.stat(row) };
    case 'exists':
      if (watcher !== null) watchExistence(watches, watcher, operation);
      return { kind: 'stat', stat: znodes.stat(row) };
    case 'getChildren': {
      const bytes = znodes.childNameBytes(row);
      if (bytes > LIST_NAME_BYTES_MAX) return tooManyNames(bytes);
      if (watcher !== null) watches.watchChildren(watcher, path);
      return { kind: 'children', children: znodes.children(row), stat: znodes.stat(row) };
    }
  }
}

function tooManyNames(bytes: number): Failed {
  const most = `a list of all has at most ${LIST_NAME_BYTES_MAX}`;
  const reason = `the names of the children have ${bytes} bytes; ${most}: list them by pages`;
  return { kind: 'failed', code: 'tooLarge', reason };
}

function childrenPage(
  { znodes, watches }: DatabaseState,
  live: LiveSession | null,
  { path, watch, after, limit }: Extract<ReadOperation, { readonly kind: 'getChildrenPage' }>,
  row: number,
): ReadResult {
  if (watch && live !== null) watches.watchChildren(live, path);
  const { children, more } = znodes.childrenPage(row, after, limit);
  return { kind: 'childrenPage', children, more, stat: znodes.stat(row) };
}

export function countDescendants({ znodes }: DatabaseState, row: number): Descendants {
  return {
    kind: 'descendants',
    descendants: znodes.descendants(row),
    subtreeBytes: znodes.subtreeBytes(row),
    stat: znodes.stat(row),
  };
}

function watchExistence(
  watches: WatchTable,
  watcher: LiveSession,
  { path, mode }: Extract<ReadOperation, { readonly kind: 'exists' }>,
): void {
  if (mode === undefined) watches.watchZnode(watcher, path);
  else watches.watchPersistent(watcher, path, mode);
}

export function answerBytes(result: ReadResult): number {
  return answerBytesOf(result, ANSWER_BYTES);
}
