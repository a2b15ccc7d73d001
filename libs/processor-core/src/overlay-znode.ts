import { NO_SESSION, NO_TTL, OPEN_ACCESS, ZXID_ZERO } from '@paddock/model';
import type {
  Access,
  Acl,
  SessionId,
  ZnodeCreation,
  ZnodeKind,
  ZnodePath,
  ZnodeRecord,
  Zxid,
} from '@paddock/model';

/** A znode as it will be once everything assigned so far is applied. */
export class OverlayZnode {
  readonly path: ZnodePath;
  /** False until a look-up or a change has said what the fields below are. */
  known = false;
  exists = false;
  version = 0;
  cversion = 0;
  creates = 0;
  numChildren = 0;
  dataLength = 0;
  ephemeralOwner: SessionId = NO_SESSION;
  kind: ZnodeKind = 'persistent';
  ttlMs = NO_TTL;
  mtime = 0;
  czxid: Zxid = ZXID_ZERO;
  mzxid: Zxid = ZXID_ZERO;
  access: Access = OPEN_ACCESS;
  /** Of the last change in flight, or looked up for a comparison; null: not known. */
  data: Uint8Array | null = null;
  /** The last change of it; ZXID_ZERO if it was only looked up. */
  zxid: Zxid = ZXID_ZERO;
  /** Queued requests that need it: what one look-up told stays until all of them are through. */
  pins = 0;
  /** The look-up that makes it known; 0 before it is asked for. */
  lookUp = 0;
  /** The look-up that makes its data known; 0 before it is asked for. */
  dataLookUp = 0;
  /** Creations below it that are queued, for foretelling sequential names. */
  queuedCreates = 0;
  /** Neither pinned nor in flight: it stays for the next request that needs it, and may leave at any time. */
  isSettled = false;
  /** It stands in the order in which settled znodes leave, though it may be in use again by now. */
  isQueued = false;
  /** It has left the overlay. */
  isGone = false;

  constructor(path: ZnodePath) {
    this.path = path;
  }

  found(record: ZnodeRecord): void {
    this.exists = true;
    this.version = record.version;
    this.cversion = record.cversion;
    this.creates = record.creates;
    this.numChildren = record.numChildren;
    this.dataLength = record.dataLength;
    this.ephemeralOwner = record.ephemeralOwner;
    this.kind = record.kind;
    this.ttlMs = record.ttlMs;
    this.mtime = record.mtime;
    this.czxid = record.czxid;
    this.mzxid = record.mzxid;
    this.access = record.access ?? OPEN_ACCESS;
  }

  born(creation: ZnodeCreation, zxid: Zxid, time: number): void {
    this.exists = true;
    this.version = 0;
    this.cversion = 0;
    this.creates = 0;
    this.numChildren = 0;
    this.dataLength = creation.data.length;
    this.ephemeralOwner = creation.ephemeralOwner;
    this.kind = creation.znodeKind;
    this.ttlMs = creation.ttlMs;
    this.mtime = time;
    this.czxid = zxid;
    this.mzxid = zxid;
    this.data = creation.data;
    this.access = creation.acl === undefined ? OPEN_ACCESS : { acl: creation.acl, version: 0 };
  }

  aclSet(acl: Acl, version: number): void {
    this.access = { acl, version };
  }

  written(data: Uint8Array, version: number, zxid: Zxid, time: number): void {
    this.version = version;
    this.mtime = time;
    this.mzxid = zxid;
    this.data = data;
    this.dataLength = data.length;
  }

  gone(): void {
    this.known = true;
    this.exists = false;
    this.data = null;
  }

  childBorn(): void {
    this.cversion++;
    this.creates++;
    this.numChildren++;
  }

  childGone(): void {
    this.cversion++;
    this.numChildren--;
  }
}
