import { LIST_NAME_BYTES_MAX, quotaCost } from '@paddock/model';
import type {
  Failed,
  ReadOperation,
  ReadResult,
  SessionId,
  ZnodeRead,
  ZnodeReadResult,
} from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import { listSessions } from './session-list.ts';
import { watchesOf } from './watch-list.ts';
import type { WatchTable } from '../watches/watch-table.ts';
import type { LiveSession } from './live-session.ts';

/** What an answer takes, and a name in a list of children, about. */
const ANSWER_BYTES = 128;
const NAME_BYTES = 32;

/** One thread evaluates the read and sets its watch: no change comes between. `row` is the znode's, or negative. */
export function readNow(
  state: DatabaseState,
  live: LiveSession | null,
  operation: ReadOperation,
  row: number,
  lives: ReadonlyMap<SessionId, LiveSession>,
): ReadResult {
  switch (operation.kind) {
    case 'getData':
    case 'exists':
    case 'getChildren':
      return readZnode(state, live, operation, row);
    case 'getChildrenPage':
      return row < 0 ? ABSENT : childrenPage(state, live, operation, row);
    case 'countDescendants':
      return row < 0 ? ABSENT : descendants(state, row);
    case 'getQuotas':
      return { kind: 'quotas', quotas: state.quotas.uses(operation.path, state.znodes) };
    case 'getEphemerals': {
      const owned = state.znodes.ephemerals(operation.owner);
      return { kind: 'ephemerals', paths: owned.filter((it) => it.startsWith(operation.path)) };
    }
    case 'listSessions':
      return listSessions(state, operation, lives);
    case 'getWatches':
      return watchesOf(live, operation);
  }
}

const ABSENT: Failed = { kind: 'failed', code: 'noNode', reason: '' };

/** Its watch is set for `live`; for nobody where that is null. */
export function readZnode(
  { znodes, watches }: DatabaseState,
  live: LiveSession | null,
  operation: ZnodeRead,
  row: number,
): ZnodeReadResult {
  const { path } = operation;
  const watcher = operation.watch ? live : null;
  if (row < 0) {
    // Of the absent only the existence can be watched.
    if (operation.kind === 'exists' && watcher !== null) {
      watchExistence(watches, watcher, operation);
    }
    return ABSENT;
  }
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

function descendants({ znodes }: DatabaseState, row: number): ReadResult {
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
  switch (result.kind) {
    case 'data':
      return ANSWER_BYTES + result.data.length;
    case 'children':
    case 'childrenPage':
      return ANSWER_BYTES + NAME_BYTES * result.children.length;
    case 'ephemerals':
      return result.paths.reduce((sum, path) => sum + NAME_BYTES + path.length, ANSWER_BYTES);
    case 'sessions':
      return ANSWER_BYTES * (1 + result.sessions.length);
    case 'watches':
      return result.watches.reduce((sum, it) => sum + NAME_BYTES + it.path.length, ANSWER_BYTES);
    case 'quotas':
      return result.quotas.reduce((sum, { path }) => sum + quotaCost(path), ANSWER_BYTES);
    case 'stat':
    case 'descendants':
    case 'failed':
      return ANSWER_BYTES;
  }
}
