import type { SessionId } from './session.ts';
import type { Zxid } from './zxid.ts';

export const ZNODE_KINDS = ['persistent', 'ephemeral', 'container', 'ttl'] as const;
/**
 * How long a znode stays: until it is deleted; as long as its session; until its last child goes; until nothing has
 * changed its data for its TTL and it has no children.
 */
export type ZnodeKind = (typeof ZNODE_KINDS)[number];

/** A znode's metadata, with ZooKeeper's names and meanings. Times are milliseconds since 1970, set by the leader. */
export interface Stat {
  /** The transaction that created the znode. */
  readonly czxid: Zxid;
  /** The transaction that last changed its data. */
  readonly mzxid: Zxid;
  /** The transaction that last created or deleted a child. */
  readonly pzxid: Zxid;
  readonly ctime: number;
  readonly mtime: number;
  /** Number of changes of the data. */
  readonly version: number;
  /** Number of changes of the children (creations and deletions). */
  readonly cversion: number;
  /** Number of changes of the ACL. */
  readonly aversion: number;
  /** The session that owns an ephemeral znode, else NO_SESSION. */
  readonly ephemeralOwner: SessionId;
  /** Bytes. */
  readonly dataLength: number;
  readonly numChildren: number;
  readonly kind: ZnodeKind;
  /** Milliseconds; NO_TTL unless the kind is ttl. */
  readonly ttlMs: number;
}
