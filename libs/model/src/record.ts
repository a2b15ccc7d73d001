import type { Access } from './acl.ts';
import type { ZnodePath } from './path.ts';
import type { SessionId } from './session.ts';
import type { ZnodeKind } from './stat.ts';
import type { Zxid } from './zxid.ts';

/** What validation needs to know of a znode, true at the zxid of the look-up's answer. */
export interface ZnodeRecord {
  readonly version: number;
  readonly cversion: number;
  /** Children ever created: the counter of sequential names. */
  readonly creates: number;
  readonly numChildren: number;
  readonly dataLength: number;
  readonly ephemeralOwner: SessionId;
  readonly kind: ZnodeKind;
  /** Milliseconds; NO_TTL unless the kind is ttl. */
  readonly ttlMs: number;
  readonly mtime: number;
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  /** Undefined: OPEN_ACCESS. */
  readonly access?: Access | undefined;
}

export interface EphemeralRecord {
  readonly path: ZnodePath;
  readonly parent: ZnodePath;
  readonly dataLength: number;
  readonly parentRecord: ZnodeRecord;
}

export interface PlacedRecord {
  readonly path: ZnodePath;
  readonly record: ZnodeRecord;
}
