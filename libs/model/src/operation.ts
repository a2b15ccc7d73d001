import type { Acl, Identity } from './acl.ts';
import type { ErrorCode } from './error-code.ts';
import type { ZnodePath } from './path.ts';
import type { Quota, QuotaUse } from './quota.ts';
import type { ReachedLimit } from './reached-limit.ts';
import type { SessionId, SessionInfo } from './session.ts';
import type { Stat, ZnodeKind } from './stat.ts';
import type { FailedStep, Transacted, TransactionOperation } from './transaction-operation.ts';
import type { Zxid } from './zxid.ts';

export const CREATE_MODES = [
  'persistent',
  'ephemeral',
  'persistentSequential',
  'ephemeralSequential',
  'container',
  'persistentWithTtl',
  'persistentSequentialWithTtl',
] as const;
/** ZooKeeper's seven. */
export type CreateMode = (typeof CREATE_MODES)[number];

export function isEphemeral(mode: CreateMode): boolean {
  return mode === 'ephemeral' || mode === 'ephemeralSequential';
}

export function isSequential(mode: CreateMode): boolean {
  return (
    mode === 'persistentSequential' ||
    mode === 'ephemeralSequential' ||
    mode === 'persistentSequentialWithTtl'
  );
}

export function hasTtl(mode: CreateMode): boolean {
  return mode === 'persistentWithTtl' || mode === 'persistentSequentialWithTtl';
}

/** The kind of znode that a creation of this mode makes. */
export function kindOfMode(mode: CreateMode): ZnodeKind {
  if (isEphemeral(mode)) return 'ephemeral';
  if (mode === 'container') return 'container';
  return hasTtl(mode) ? 'ttl' : 'persistent';
}

/** The longest life of a znode with a TTL, in milliseconds: ZooKeeper's bound, some 35 years. */
export const TTL_MAX_MS = 2 ** 40 - 1;
/** A TTL for whatever has none. */
export const NO_TTL = 0;

/** Accepts every version of a znode. */
export const ANY_VERSION = -1;

/** A request that goes through the broadcast and has a sequence in its session. */
export type WriteOperation =
  | {
      readonly kind: 'create';
      readonly path: ZnodePath;
      readonly data: Uint8Array;
      readonly mode: CreateMode;
      /** Milliseconds from 1 to TTL_MAX_MS for a mode with a TTL, else NO_TTL. */
      readonly ttlMs: number;
      /** Undefined: OPEN_ACL. */
      readonly acl?: Acl | undefined;
    }
  | {
      readonly kind: 'setData';
      readonly path: ZnodePath;
      readonly data: Uint8Array;
      readonly version: number;
    }
  | { readonly kind: 'delete'; readonly path: ZnodePath; readonly version: number }
  /** `version`: how often the ACL was set before. */
  | {
      readonly kind: 'setAcl';
      readonly path: ZnodePath;
      readonly acl: Acl;
      readonly version: number;
    }
  | TransactionOperation
  /** Without limits it takes the znode's quota away. */
  | { readonly kind: 'setQuota'; readonly path: ZnodePath; readonly quota: Quota }
  /** A write that the front-end found bad: it travels on under its sequence, so that no gap arises (H2). */
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'closeSession' };

/** A watch that stays until it is removed: of one znode and its children, or of a znode and all below it. */
export type PersistentMode = 'persistent' | 'persistentRecursive';

/** A read of one znode. A watch is one-shot and fires at most once, unless it has a mode. */
export type ZnodeRead =
  | { readonly kind: 'getData'; readonly path: ZnodePath; readonly watch: boolean }
  | {
      readonly kind: 'exists';
      readonly path: ZnodePath;
      readonly watch: boolean;
      /** With `watch` alone. */
      readonly mode?: PersistentMode;
    }
  | { readonly kind: 'getChildren'; readonly path: ZnodePath; readonly watch: boolean };

/** One read of several that are answered together. */
export interface BatchedRead<Path extends string = ZnodePath> {
  readonly kind: 'getData' | 'exists' | 'getChildren' | 'countDescendants';
  readonly path: Path;
}

/** Reads that one batch has at most, and the UTF-16 units that their paths have in all. */
export const BATCH_READS_MAX = 1000;
export const BATCH_PATHS_MAX = 256 * 1024;

/** A request that this replica's database answers. */
export type ReadOperation =
  | ZnodeRead
  /** Children whose names come behind `after`, at most `limit`; a watch is that of getChildren. */
  | {
      readonly kind: 'getChildrenPage';
      readonly path: ZnodePath;
      readonly watch: boolean;
      readonly after: string;
      readonly limit: number;
    }
  | { readonly kind: 'countDescendants'; readonly path: ZnodePath; readonly watch: false }
  /**
   * Of a call: the next page of the znode and all below it, as of the zxid at which the first one was answered.
   * `snapshot` is 0 for the first page, and then what that has named. Without bytes nobody wants the rest.
   */
  | {
      readonly kind: 'getSubtree';
      readonly path: ZnodePath;
      readonly watch: false;
      readonly snapshot: number;
      readonly bytes: number;
    }
  /** All at one zxid. It is of no one znode: `path` is the root. */
  | {
      readonly kind: 'readMany';
      readonly path: ZnodePath;
      readonly watch: false;
      readonly reads: readonly BatchedRead[];
    }
  /** Of the znode and of all below it. */
  | { readonly kind: 'getQuotas'; readonly path: ZnodePath; readonly watch: false }
  | { readonly kind: 'getAcl'; readonly path: ZnodePath; readonly watch: false }
  /** Whether who asks has all of these permissions, a sum of PERMISSIONS. */
  | {
      readonly kind: 'can';
      readonly path: ZnodePath;
      readonly watch: false;
      readonly permissions: number;
    }
  /** Of those that `owner` has the ones whose paths begin with `path`, as ZooKeeper has it: also within a name. */
  | {
      readonly kind: 'getEphemerals';
      readonly path: ZnodePath;
      readonly watch: false;
      readonly owner: SessionId;
    }
  /** Sessions of the ensemble with ids above `afterSession`, at most `limit`. It is of no znode: `path` is the root. */
  | {
      readonly kind: 'listSessions';
      readonly path: ZnodePath;
      readonly watch: false;
      readonly afterSession: SessionId;
      readonly limit: number;
    }
  /** Paths that the asking session watches: those that begin with `path`, behind `after`, at most `limit`. */
  | {
      readonly kind: 'getWatches';
      readonly path: ZnodePath;
      readonly watch: false;
      readonly after: string;
      readonly limit: number;
    };

/** One page of a subtree may have so many bytes, unless a single znode has more. */
export const SUBTREE_PAGE_BYTES = 256 * 1024;

/**
 * What the names of a whole list may take in UTF-8, in bytes, as ZooKeeper's clients have it by their jute.maxbuffer: a
 * longer one comes by pages, since nothing else is answered while one is listed.
 */
export const LIST_NAME_BYTES_MAX = 1024 * 1024;

/** The names, or watched paths, that one page holds at most. */
export const PAGE_NAMES_MAX = 4096;
/** The sessions that one page holds at most. */
export const PAGE_SESSIONS_MAX = 1024;

/** What a creation comes to. */
export interface Created {
  readonly kind: 'created';
  readonly path: ZnodePath;
  readonly stat: Stat;
  /** What the name ends with, where that is the parent's counter of creations: of every sequential znode. */
  readonly counter?: number;
}

export function createdOf(
  path: ZnodePath,
  stat: Stat,
  counter: number | null | undefined,
): Created {
  if (counter === undefined || counter === null) return { kind: 'created', path, stat };
  return { kind: 'created', path, stat, counter };
}

export type WriteResult =
  | Created
  | { readonly kind: 'dataSet'; readonly stat: Stat }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'aclSet'; readonly stat: Stat }
  | { readonly kind: 'closed' }
  | { readonly kind: 'quotaSet' }
  | Transacted
  | Failed;

export type ZnodeReadResult =
  | { readonly kind: 'data'; readonly data: Uint8Array; readonly stat: Stat }
  | { readonly kind: 'stat'; readonly stat: Stat }
  /** Names, not paths, in ascending order of their UTF-16 units. */
  | { readonly kind: 'children'; readonly children: readonly string[]; readonly stat: Stat }
  | Failed;

/** Znodes below the one of the stat, on all levels, and the bytes of data in it and in all of them. */
export interface Descendants {
  readonly kind: 'descendants';
  readonly descendants: number;
  readonly subtreeBytes: number;
  readonly stat: Stat;
}

/** A znode of a subtree. */
export interface SubtreeZnode {
  readonly path: ZnodePath;
  readonly data: Uint8Array;
  readonly stat: Stat;
}

export type BatchedResult = ZnodeReadResult | Descendants;

export type ReadResult =
  | BatchedResult
  /** A page of what there is at `zxid`; each znode comes once in all pages, in no order that means anything. */
  | {
      readonly kind: 'subtree';
      readonly snapshot: number;
      readonly zxid: Zxid;
      readonly znodes: readonly SubtreeZnode[];
      readonly more: boolean;
    }
  /** One for each read, in their order. */
  | { readonly kind: 'many'; readonly results: readonly BatchedResult[] }
  /** As `children`; `more` says whether there are names behind these. */
  | {
      readonly kind: 'childrenPage';
      readonly children: readonly string[];
      readonly more: boolean;
      readonly stat: Stat;
    }
  /** In ascending order of their UTF-16 units. */
  | { readonly kind: 'ephemerals'; readonly paths: readonly ZnodePath[] }
  /** In ascending order of their ids; `more` says whether there are sessions behind these. */
  | { readonly kind: 'sessions'; readonly sessions: readonly SessionInfo[]; readonly more: boolean }
  /** In ascending order of their paths' UTF-16 units; `more` says whether there are paths behind these. */
  | { readonly kind: 'watches'; readonly watches: readonly WatchedPath[]; readonly more: boolean }
  /** In ascending order of their paths' UTF-16 units. */
  | { readonly kind: 'quotas'; readonly quotas: readonly QuotaUse[] }
  | { readonly kind: 'acl'; readonly acl: Acl; readonly stat: Stat }
  | { readonly kind: 'permitted'; readonly permitted: boolean };

/** Who the session or the caller is; the front-end itself answers this. */
export interface IdentitiesTold {
  readonly kind: 'identities';
  readonly identities: readonly Identity[];
}

/** A refusal as an answer. */
export interface Failed extends Refusal {
  readonly kind: 'failed';
}

export interface Refusal {
  readonly code: ErrorCode;
  /** What was wrong and what would be right; it may be empty. */
  readonly reason: string;
  /** The step of a transaction that was refused, and the transaction with it. */
  readonly step?: FailedStep;
  /** Where the refusal is for a limit. */
  readonly limit?: ReachedLimit;
  /** Where the same may succeed by itself later: milliseconds to wait before it is tried again. Never recorded. */
  readonly retryAfterMs?: number;
  /** Nobody can tell any more whether it was done. Of the client's own account, never of the service's. */
  readonly mayHaveTakenEffect?: true;
}

/** What became of one write; kept in the session table until its client has acknowledged it (P5). */
export interface Outcome {
  readonly sequence: number;
  readonly zxid: Zxid;
  /** requestHash of the write, so that a client that reuses a sequence is told instead of misled (H21). */
  readonly requestHash: number;
  readonly result: WriteResult;
}

export const WATCH_KINDS = [
  'data',
  'exists',
  'children',
  'persistent',
  'persistentRecursive',
] as const;
export type WatchKind = (typeof WATCH_KINDS)[number];

export function isPersistent(kind: WatchKind): kind is PersistentMode {
  return kind === 'persistent' || kind === 'persistentRecursive';
}

/** The kind of watch that the read sets; null: it sets none. */
export function watchKindOf(read: {
  readonly kind: 'getData' | 'exists' | 'getChildren' | 'getChildrenPage';
  readonly watch: boolean;
  readonly mode?: PersistentMode;
}): WatchKind | null {
  if (!read.watch) return null;
  if (read.kind === 'getData') return 'data';
  return read.kind === 'exists' ? (read.mode ?? 'exists') : 'children';
}

/** A path that a session watches. One-shot watches of data and of existence fire alike, and count as `data`. */
export interface WatchedPath {
  readonly path: ZnodePath;
  readonly kinds: readonly WatchKind[];
}

/** A watch and the zxid after which its events count: what a resume or an attach brings back. */
export interface WatchRegistration {
  readonly path: ZnodePath;
  readonly kind: WatchKind;
  readonly from: Zxid;
}

export const EVENT_KINDS = [
  'nodeCreated',
  'nodeDeleted',
  'nodeDataChanged',
  'nodeChildrenChanged',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface WatchEvent {
  readonly kind: EventKind;
  readonly path: ZnodePath;
  /** The transaction that caused it. */
  readonly zxid: Zxid;
}
