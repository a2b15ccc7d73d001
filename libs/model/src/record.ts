import type { ZnodePath } from './path.ts';
import type { SessionId } from './session.ts';

/** What validation needs to know of a znode, true at the zxid of the look-up's answer. */
export interface ZnodeRecord {
  readonly version: number;
  readonly cversion: number;
  /** Children ever created: the counter of sequential names. */
  readonly creates: number;
  readonly numChildren: number;
  readonly ephemeralOwner: SessionId;
}

export interface EphemeralRecord {
  readonly path: ZnodePath;
  readonly parent: ZnodePath;
  readonly parentRecord: ZnodeRecord;
}
