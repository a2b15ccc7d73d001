import type { Acl } from './acl.ts';
import type { Failed } from './operation.ts';
import type { ZnodePath } from './path.ts';
import type { Quota } from './quota.ts';
import type { Attachment, SessionEnd, SessionId } from './session.ts';
import type { ZnodeKind } from './stat.ts';
import type { Zxid } from './zxid.ts';

/**
 * What a write becomes (paper 4.1, "request processor"): absolute values only, so that applying it twice equals
 * applying it once (P7). The znode's czxid, mzxid and the parent's pzxid are the transaction's own zxid.
 */
export interface Transaction {
  readonly zxid: Zxid;
  /** Ensemble time in ms since 1970: never less than that of the transaction before. */
  readonly time: number;
  /** The session whose write this is, NO_SESSION for the ensemble's own. */
  readonly session: SessionId;
  /** The write's sequence in its session; 0 where it is not a session's write. */
  readonly sequence: number;
  readonly requestHash: number;
  /** Outcomes of `session` up to here are acknowledged by its client and leave the window first (H21). */
  readonly ackedThrough: number;
  readonly change: Change;
}

export interface ZnodeCreation {
  readonly path: ZnodePath;
  readonly data: Uint8Array;
  readonly znodeKind: ZnodeKind;
  /** NO_SESSION unless the kind is ephemeral. */
  readonly ephemeralOwner: SessionId;
  /** Milliseconds; NO_TTL unless the kind is ttl. */
  readonly ttlMs: number;
  /** The parent's cversion and count of creations after this one. */
  readonly parentCversion: number;
  readonly parentCreates: number;
  /** Undefined: OPEN_ACL. */
  readonly acl?: Acl | undefined;
}

export interface ZnodeDeletion {
  readonly path: ZnodePath;
  /** The parent's cversion after this deletion. */
  readonly parentCversion: number;
}

export interface Acknowledgement {
  readonly session: SessionId;
  readonly through: number;
}

/** A change of one znode. */
export type ZnodeEdit =
  | ({ readonly kind: 'createZnode' } & ZnodeCreation)
  | {
      readonly kind: 'setZnodeData';
      readonly path: ZnodePath;
      readonly data: Uint8Array;
      readonly version: number;
    }
  | ({ readonly kind: 'deleteZnode' } & ZnodeDeletion)
  | {
      readonly kind: 'setZnodeAcl';
      readonly path: ZnodePath;
      readonly acl: Acl;
      /** How often it was set, this one included. */
      readonly version: number;
    };

/** A step of a transaction with what it comes to. The result is that of its last edit. */
export type AppliedStep =
  | {
      readonly kind: 'created' | 'dataSet' | 'deleted' | 'aclSet';
      readonly edits: readonly ZnodeEdit[];
    }
  | { readonly kind: 'checked' }
  /** Every database reads by itself, at this place: all have the same state there. */
  | { readonly kind: 'getData' | 'exists' | 'getChildren'; readonly path: ZnodePath }
  /** A read without the permission to. */
  | { readonly kind: 'denied'; readonly path: ZnodePath };

export type Change =
  | ZnodeEdit
  | {
      readonly kind: 'transaction';
      readonly succeeded: boolean;
      /** What its reads may bring in all, in bytes; replicated, so that every replica answers alike. */
      readonly readBytes: number;
      readonly steps: readonly AppliedStep[];
    }
  | Failed
  | {
      readonly kind: 'openSession';
      readonly session: SessionId;
      readonly timeoutMs: number;
      readonly secretHash: Uint8Array;
      readonly attachment: Attachment;
      /** Bounds of the session's outcome window, replicated so that every replica trims alike (H21). */
      readonly windowCount: number;
      readonly windowBytes: number;
    }
  | {
      readonly kind: 'resumeSession';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly ackedThrough: number;
    }
  | {
      readonly kind: 'closeSession';
      readonly session: SessionId;
      readonly end: Exclude<SessionEnd, 'restored'>;
      /** Every ephemeral of the session, children before parents cannot occur: ephemerals have no children. */
      readonly znodes: readonly ZnodeDeletion[];
    }
  /** Without limits it takes the quota away. The deletion of the znode does so too. */
  | { readonly kind: 'setQuota'; readonly path: ZnodePath; readonly quota: Quota }
  | { readonly kind: 'acknowledgeOutcomes'; readonly acknowledgements: readonly Acknowledgement[] }
  /** Removes the tombstones of sessions that ended at or before `through` (H20). */
  | { readonly kind: 'dropTombstones'; readonly through: Zxid };
