import type { ZnodePath } from '../path.ts';
import type { EphemeralRecord, ZnodeRecord } from '../record.ts';
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
  /** A page of the session table in ascending order of id, behind `after` (NO_SESSION starts). */
  | { readonly kind: 'sessions'; readonly after: SessionId; readonly limit: number }
  /** Containers and znodes with a TTL that had outlived their use at `time`, ms since 1970. */
  | { readonly kind: 'reapable'; readonly time: number; readonly limit: number }
  /** The zxid of the oldest tombstone and the time of the last transaction: where a new term starts. */
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
  | { readonly kind: 'sessions'; readonly rows: readonly SessionRow[]; readonly more: boolean }
  | { readonly kind: 'reapable'; readonly paths: readonly ZnodePath[] }
  | { readonly kind: 'termStart'; readonly time: number; readonly oldestTombstone: Zxid };
