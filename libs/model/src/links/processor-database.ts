import type { ZnodePath } from '../path.ts';
import type { QuotaUse } from '../quota.ts';
import type { EphemeralRecord, PlacedRecord, ZnodeRecord } from '../record.ts';
import type { SessionId, SessionRow } from '../session.ts';
import type { Zxid } from '../zxid.ts';

/** Request processor → its replica's database. Answered in the order sent. */
export interface LookUpRequest {
  readonly lookUp: number;
  /** The database parks the look-up until it has applied this (H5). */
  readonly floor: Zxid;
  readonly query: LookUpQuery;
}

export type LookUpQuery =
  | { readonly kind: 'znodes'; readonly paths: readonly ZnodePath[] }
  | { readonly kind: 'ephemerals'; readonly session: SessionId }
  /** The znode and all below it, a parent before its children; no more than `limit`. */
  | { readonly kind: 'subtree'; readonly path: ZnodePath; readonly limit: number }
  /** The data of znodes that exist. */
  | { readonly kind: 'data'; readonly paths: readonly ZnodePath[] }
  /** What the znode and all below it come to. */
  | { readonly kind: 'subtreeUse'; readonly path: ZnodePath }
  /** A page of the session table in ascending order of id, behind `after` (NO_SESSION starts). */
  | { readonly kind: 'sessions'; readonly after: SessionId; readonly limit: number }
  /** Containers and znodes with a TTL that had outlived their use at `time`, ms since 1970. */
  | { readonly kind: 'reapable'; readonly time: number; readonly limit: number }
  /** The zxid of the oldest tombstone, the time of the last transaction, all quotas: where a new term starts. */
  | { readonly kind: 'termStart' };

/** Replicated database → request processor. */
export type LookUpReply =
  /** Pushed after every applied batch, asked or not, and first on the stream (H5). */
  | { readonly kind: 'applied'; readonly zxid: Zxid }
  | {
      readonly kind: 'answer';
      readonly lookUp: number;
      readonly zxid: Zxid;
      readonly answer: LookUpAnswer;
    };

export type LookUpAnswer =
  /** A record or null (absent) for each path asked for, in that order. */
  | { readonly kind: 'znodes'; readonly records: readonly (ZnodeRecord | null)[] }
  | { readonly kind: 'ephemerals'; readonly ephemerals: readonly EphemeralRecord[] }
  /** `more`: there are more than the limit, and they are not all here. */
  | {
      readonly kind: 'subtree';
      readonly znodes: readonly PlacedRecord[];
      readonly more: boolean;
    }
  /** The data or null (absent) for each path asked for, in that order. */
  | { readonly kind: 'data'; readonly data: readonly (Uint8Array | null)[] }
  | { readonly kind: 'sessions'; readonly rows: readonly SessionRow[]; readonly more: boolean }
  | { readonly kind: 'reapable'; readonly paths: readonly ZnodePath[] }
  /** Nothing where there is no znode; bytes are those of the data. */
  | { readonly kind: 'subtreeUse'; readonly count: number; readonly bytes: number }
  | {
      readonly kind: 'termStart';
      readonly time: number;
      readonly oldestTombstone: Zxid;
      readonly quotas: readonly QuotaUse[];
    };
