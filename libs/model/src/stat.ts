import type { SessionId } from './session.ts';
import type { Zxid } from './zxid.ts';

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
  /** The session that owns an ephemeral znode, else NO_SESSION. */
  readonly ephemeralOwner: SessionId;
  /** Bytes. */
  readonly dataLength: number;
  readonly numChildren: number;
}
