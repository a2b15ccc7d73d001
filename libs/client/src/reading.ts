// What reads are asked with, and the operations that they become.
import { NO_SESSION, ROOT, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  ClientZnodeRead,
  OperationResult,
  ReadConsistency,
  SessionId,
  SessionInfo,
  Stat,
  WatchedPath,
  Zxid,
} from '@paddock/model';
import type { CallOptions } from './call-options.ts';
import type { WatchListener, WatchStream } from './watch-stream.ts';

/** Called, or fed, once: when what the read has shown changes, or the session ends. */
export type Watch = WatchListener | WatchStream;

export interface ReadOptions extends QueryOptions {
  readonly watch?: Watch;
}

export interface ConsistencyOptions {
  /** Show at least the state after this transaction. */
  readonly atLeast?: Zxid;
  /**
   * What else the answer must show. `local`, the default: the state of the replica that the client is connected to.
   * `boundedStaleness`: no less than what was committed `ms` milliseconds ago, or before the call where a quorum
   * takes longer to say that. `linearizable`: every write that was acknowledged to anyone before the call; it costs
   * the leader a round of messages with a quorum, shared by the reads of a moment. Fails as `operationTimeout` where
   * the service cannot show it in time.
   */
  readonly consistency?: ReadConsistency;
}

/** Of a read by a client. */
export interface QueryOptions extends ConsistencyOptions, CallOptions {}

export interface PagingOptions extends QueryOptions {
  /** Names behind this one; there need be no such child. */
  readonly after?: string;
  /** Names at most, up to 4096; long ones make it fewer. */
  readonly limit?: number;
}

export interface ListOptions extends PagingOptions {
  readonly watch?: Watch;
}

export interface ChildrenList extends Reflecting {
  readonly children: readonly string[];
  /** Whether there are children behind these. */
  readonly more: boolean;
  readonly stat: Stat;
}

export interface EphemeralsOptions extends QueryOptions {
  /** Its own where this is absent. */
  readonly session?: SessionId;
}

export interface SessionsOptions extends QueryOptions {
  /** Sessions with higher ids. */
  readonly after?: SessionId;
  /** Sessions at most, up to 1024. */
  readonly limit?: number;
}

export interface SessionList extends Reflecting {
  readonly sessions: readonly SessionInfo[];
  /** Whether there are sessions behind these. */
  readonly more: boolean;
}

export interface WatchList extends Reflecting {
  readonly watches: readonly WatchedPath[];
  /** Whether there are paths behind these. */
  readonly more: boolean;
}

/** The zxid that a result reflects: of the write's own transaction, or of the state that was read. */
export interface Reflecting {
  readonly zxid: Zxid;
  /**
   * Of a client that accepts it: the replica has lost the leader, and any number of changes may have been made since.
   */
  readonly readOnly?: true;
}

export function readOf(
  kind: 'getData' | 'exists' | 'getChildren',
  path: string,
  options: ReadOptions,
): ClientZnodeRead {
  return { kind, path, watch: options.watch !== undefined, ...termsOf(options) };
}

export function termsOf({ atLeast = ZXID_ZERO, consistency }: ConsistencyOptions): {
  atLeast: Zxid;
  consistency?: ReadConsistency;
} {
  return consistency === undefined ? { atLeast } : { atLeast, consistency };
}

/** The whole list, or a page of it. */
export function listingOf(path: string, options: ListOptions): ClientOperation {
  const { after = '', limit = 0 } = options;
  const whole = readOf('getChildren', path, options);
  if (after === '' && limit === 0) return whole;
  return { ...whole, kind: 'getChildrenPage', after, limit };
}

export function sessionListOf(options: SessionsOptions): ClientOperation {
  const { after = NO_SESSION, limit = 0 } = options;
  return { kind: 'listSessions', path: ROOT, afterSession: after, limit, ...termsOf(options) };
}

export function watchListOf(prefix: string, options: PagingOptions): ClientOperation {
  const { after = '', limit = 0 } = options;
  return { kind: 'getWatches', path: prefix, after, limit, ...termsOf(options) };
}

/** Null where the result is of something else. */
export function childrenOf(zxid: Zxid, result: OperationResult): ChildrenList | null {
  if (result.kind === 'children') {
    return { children: result.children, more: false, stat: result.stat, zxid };
  }
  if (result.kind !== 'childrenPage') return null;
  const { children, more, stat } = result;
  return { children, more, stat, zxid };
}
