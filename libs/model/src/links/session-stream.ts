import type { Acl } from '../acl.ts';
import type {
  Failed,
  IdentitiesTold,
  BatchedRead,
  Outcome,
  PersistentMode,
  ReadResult,
  WatchEvent,
  WatchKind,
  WatchRegistration,
  WriteResult,
  ZnodeRead,
} from '../operation.ts';
import type { CreateMode } from '../operation.ts';
import type { Quota } from '../quota.ts';
import { NO_SESSION } from '../session.ts';
import type { SessionId } from '../session.ts';
import type { TransactionOperation } from '../transaction-operation.ts';
import type { Zxid } from '../zxid.ts';

/**
 * Client ↔ session front-end: one stream is one connection of one session. Results come back in the order of the
 * operations; an event comes before any result that shows the state that it announces (P2, P4).
 */
export type SessionRequest =
  /**
   * First message of a new session. `timeoutMs` is a wish; the answer has what was granted. Who accepts read-only is
   * served by a replica that has lost the leader, too, and told so. A local session lives on this connection alone,
   * is in no table, and writes nothing before it is upgraded.
   */
  | {
      readonly kind: 'open';
      readonly timeoutMs: number;
      readonly credentials?: readonly Credential[] | undefined;
      readonly acceptsReadOnly?: true;
      /** Highest zxid that the client has seen, read-only or in an earlier local session; absent: none. */
      readonly floor?: Zxid;
      /** Asks for a local session, with the watches that an earlier one had. */
      readonly local?: { readonly watches: readonly WatchRegistration[] };
    }
  /** First message of a connection that continues a session. */
  | {
      readonly kind: 'resume';
      readonly session: SessionId;
      readonly secret: Uint8Array;
      /** Grows with each connection attempt of this session. */
      readonly attempt: number;
      /** All outcomes up to here have been received. */
      readonly ackedThrough: number;
      /** Highest zxid that the client has seen. */
      readonly floor: Zxid;
      readonly watches: readonly WatchRegistration[];
      /** Those that were added before: an identity belongs to a connection, and not to the session. */
      readonly credentials?: readonly Credential[] | undefined;
      /** As of `open`. */
      readonly acceptsReadOnly?: true;
    }
  | {
      readonly kind: 'operations';
      /** Sequence of the first write among the operations; the writes that follow it count up by one. */
      readonly firstSequence: number;
      readonly ackedThrough: number;
      readonly operations: readonly ClientOperation[];
    }
  | { readonly kind: 'heartbeat'; readonly number: number }
  /** The local session is to become a global one: under the same id and secret, and with its watches. */
  | { readonly kind: 'upgrade' }
  /** A watch that was set is not wanted any more. Events of it may be under way still. */
  | { readonly kind: 'unwatch'; readonly path: string; readonly watch: WatchKind };

/** What proves an identity of its scheme: of digest "user:password". */
export interface Credential {
  readonly scheme: string;
  readonly credential: Uint8Array;
}

/** An operation as a client sends it: paths are text that nobody has checked yet. */
export type ClientOperation =
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly data: Uint8Array;
      readonly mode: CreateMode;
      /** Milliseconds, for a mode with a TTL; else NO_TTL. */
      readonly ttlMs: number;
      /** Undefined: OPEN_ACL. */
      readonly acl?: Acl | undefined;
    }
  | {
      readonly kind: 'setData';
      readonly path: string;
      readonly data: Uint8Array;
      readonly version: number;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'setAcl'; readonly path: string; readonly acl: Acl; readonly version: number }
  | TransactionOperation<string>
  | { readonly kind: 'setQuota'; readonly path: string; readonly quota: Quota }
  | { readonly kind: 'closeSession' }
  | ClientRead
  /** Linearizable barrier: reads behind it see every write that was acknowledged before it was sent. */
  | { readonly kind: 'sync' }
  /** From here on the connection has what the credential proves, too. */
  | ({ readonly kind: 'addAuth' } & Credential)
  | { readonly kind: 'whoAmI' }
  /** An operation that this version does not know; answered as unimplemented, in order. */
  | { readonly kind: 'unknown' };

/** An operation that takes a sequence. */
export type ClientWrite = Extract<
  ClientOperation,
  {
    readonly kind:
      'create' | 'setData' | 'delete' | 'setAcl' | 'transaction' | 'setQuota' | 'closeSession';
  }
>;

export function isClientWrite(operation: ClientOperation): operation is ClientWrite {
  switch (operation.kind) {
    case 'create':
    case 'setData':
    case 'delete':
    case 'setAcl':
    case 'transaction':
    case 'setQuota':
    case 'closeSession':
      return true;
    default:
      return false;
  }
}

export type ClientRead =
  | ClientZnodeRead
  | ClientChildrenPage
  | ClientCount
  | ClientReadMany
  | ClientSubtree
  | ClientEphemerals
  | ClientQuotas
  | ClientSessionList
  | ClientWatchList
  | ClientGetAcl
  | ClientCan;

/** A read of one znode. */
export interface ClientZnodeRead extends ReadTerms {
  readonly kind: ZnodeRead['kind'];
  readonly watch: boolean;
  /** Of an exists with a watch: the watch stays. */
  readonly mode?: PersistentMode;
}

export interface ClientChildrenPage extends ReadTerms {
  readonly kind: 'getChildrenPage';
  readonly watch: boolean;
  /** The names behind it are listed; empty: from the first. */
  readonly after: string;
  /** How many at most; 0: PAGE_NAMES_MAX, which is also what more come to. */
  readonly limit: number;
}

export interface ClientCount extends ReadTerms {
  readonly kind: 'countDescendants';
}

/** `path` is the root. */
export interface ClientReadMany extends ReadTerms {
  readonly kind: 'readMany';
  readonly reads: readonly BatchedRead<string>[];
}

/** Of a call alone: one page after the other. */
export interface ClientSubtree extends ReadTerms {
  readonly kind: 'getSubtree';
  readonly snapshot: number;
  readonly bytes: number;
}

export interface ClientQuotas extends ReadTerms {
  readonly kind: 'getQuotas';
}

export interface ClientGetAcl extends ReadTerms {
  readonly kind: 'getAcl';
}

export interface ClientCan extends ReadTerms {
  readonly kind: 'can';
  /** A sum of PERMISSIONS, all of which are asked for. */
  readonly permissions: number;
}

/** `path` is how the listed paths begin. */
export interface ClientEphemerals extends ReadTerms {
  readonly kind: 'getEphemerals';
  /** NO_SESSION: the session of the stream. */
  readonly owner: SessionId;
}

/** `path` is the root. */
export interface ClientSessionList extends ReadTerms {
  readonly kind: 'listSessions';
  /** The sessions with higher ids are listed; NO_SESSION: from the lowest. */
  readonly afterSession: SessionId;
  /** How many at most; 0: PAGE_SESSIONS_MAX, which is also what more come to. */
  readonly limit: number;
}

/** `path` is how the listed paths begin. */
export interface ClientWatchList extends ReadTerms {
  readonly kind: 'getWatches';
  /** The paths behind it are listed; empty: from the first. */
  readonly after: string;
  /** How many at most; 0: PAGE_NAMES_MAX, which is also what more come to. */
  readonly limit: number;
}

/** A read that a replica without a leader can answer to a connection without a session: local, and of no session. */
export function isReadOnlyRead(operation: ClientOperation): operation is ClientRead {
  if (!('atLeast' in operation) || operation.kind === 'getWatches') return false;
  if ('watch' in operation && operation.watch) return false;
  if (operation.kind === 'getEphemerals' && operation.owner === NO_SESSION) return false;
  return operation.consistency === undefined || operation.consistency.kind === 'local';
}

/** What every read says. */
interface ReadTerms {
  readonly path: string;
  /** The answer shows at least this zxid; ZXID_ZERO asks for nothing beyond the session's own floor. */
  readonly atLeast: Zxid;
  /** Absent: local. */
  readonly consistency?: ReadConsistency;
  /** Of a call without a session: a replica that has lost the leader may answer what it has, and says so. */
  readonly acceptsReadOnly?: true;
}

/** What an answer shows, beyond the session's own past and `atLeast`. Whatever it is, the answer names its zxid. */
export type ReadConsistency =
  /** The state of the replica that the client talks to. */
  | { readonly kind: 'local' }
  /**
   * No less than what was committed `ms` milliseconds before the answer, by the clock of the replica, or, where a
   * quorum takes longer to say that, when the read arrived.
   */
  | { readonly kind: 'boundedStaleness'; readonly ms: number }
  /** No less than what was committed when the read arrived: a sync of its own (H13). */
  | { readonly kind: 'linearizable' };

export type OperationResult =
  WriteResult | ReadResult | IdentitiesTold | { readonly kind: 'synced' };

export interface NumberedResult {
  /** The zxid that the result reflects: of the write's own transaction, or of the state that was read. */
  readonly zxid: Zxid;
  readonly result: OperationResult;
  /** Of a read that accepts it: the replica has lost the leader, and there may be any number of newer changes. */
  readonly readOnly?: true;
}

export type SessionReply =
  | {
      readonly kind: 'opened';
      readonly session: SessionId;
      readonly secret: Uint8Array;
      readonly timeoutMs: number;
      readonly zxid: Zxid;
      /** As was asked: no other connection can resume it, unless it is upgraded. */
      readonly isLocal?: true;
    }
  /** The local session is a global one from here on, and every rule of these holds for it. */
  | { readonly kind: 'upgraded'; readonly zxid: Zxid }
  | {
      readonly kind: 'resumed';
      readonly timeoutMs: number;
      readonly zxid: Zxid;
      /** Highest sequence that took effect; the client sends again what is behind it. */
      readonly lastSequence: number;
      /** Recorded outcomes behind the acknowledged ones, in order; may be spread over several messages. */
      readonly outcomes: readonly Outcome[];
      /** True when the next message continues the outcomes. */
      readonly more: boolean;
    }
  /**
   * Instead of the two above: the replica has lost the leader, so no session was opened or resumed. Local reads are
   * answered at or above what the client has seen, from a state of any age; all else is refused as `notReadOnly`.
   */
  | { readonly kind: 'readOnly'; readonly timeoutMs: number }
  | { readonly kind: 'results'; readonly results: readonly NumberedResult[] }
  | { readonly kind: 'event'; readonly event: WatchEvent }
  /**
   * The history does not reach back to what these watches ask for: read again. One-shot ones are to be set again,
   * persistent ones go on from here.
   */
  | { readonly kind: 'watchesCompacted'; readonly watches: readonly WatchRegistration[] }
  /** The newest heartbeat that the leader has acknowledged (H17); the client counts `lost` from its send time. */
  /** Every event up to `covered` has been told on this stream. */
  | { readonly kind: 'heartbeat'; readonly acknowledged: number; readonly covered: Zxid }
  /** Operations from this write sequence on were not accepted: send them again after the delay (H2). */
  | { readonly kind: 'expect'; readonly sequence: number; readonly retryAfterMs: number }
  /** Last message of the connection. */
  | {
      readonly kind: 'ended';
      readonly cause: ConnectionEnd;
      readonly reason: string;
      readonly outcomes: readonly Outcome[];
      /** Of a session that was not opened: the limit that it was refused for. */
      readonly refusal?: Failed;
    };

/**
 * closed: by its own request. expired: the session is gone, `outcomes` has the unacknowledged ones (H20).
 * restored: likewise, with all others, as the ensemble was brought to the state of a backup.
 * forgotten: gone for so long that nobody knows what became of the unacknowledged ones.
 * fenced: resumed elsewhere. resumeElsewhere: this replica cannot serve. refused: a broken rule of the stream.
 */
export type ConnectionEnd =
  'closed' | 'expired' | 'restored' | 'forgotten' | 'fenced' | 'resumeElsewhere' | 'refused';
