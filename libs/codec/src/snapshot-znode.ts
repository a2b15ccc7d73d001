import { OPEN_ACCESS, ZNODE_KINDS } from '@paddock/model';
import type { Access, SessionId, ZnodeKind, Zxid } from '@paddock/model';
import { readAcl, writeAcl } from './acl.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readZnodeKind } from './outcome.ts';

/**
 * A znode in a snapshot. `row` and `parent` are the numbers that the rows had at the snapshot's zxid:
 * no number means two znodes, since the snapshot is exact at one zxid (H12). The root is its own parent.
 */
export interface ZnodeImage {
  row: number;
  parent: number;
  /** The last name of the path, in UTF-8; empty for the root. */
  name: Uint8Array;
  data: Uint8Array;
  czxid: Zxid;
  mzxid: Zxid;
  pzxid: Zxid;
  /** Milliseconds since 1970. */
  ctime: number;
  mtime: number;
  kind: ZnodeKind;
  ephemeralOwner: SessionId;
  ttlMs: number;
  version: number;
  cversion: number;
  creates: number;
  access: Access;
  /** The transaction that set the ACL last; ZXID_ZERO where none has. */
  azxid: Zxid;
}

export function writeZnodeImage(writer: ByteWriter, image: ZnodeImage): void {
  writer.u32(image.row);
  writer.u32(image.parent);
  writer.zxid(image.czxid);
  writer.zxid(image.mzxid);
  writer.zxid(image.pzxid);
  writer.f64(image.ctime);
  writer.f64(image.mtime);
  writer.u8(ZNODE_KINDS.indexOf(image.kind));
  writer.f64(image.ephemeralOwner);
  writer.f64(image.ttlMs);
  writer.u32(image.version);
  writer.u32(image.cversion);
  writer.u32(image.creates);
  writer.bytes(image.name);
  writer.bytes(image.data);
  writeAcl(writer, image.access.acl);
  writer.f64(image.access.version);
  writer.zxid(image.azxid);
}

/** Name and data are views into the bytes that are read. */
export function readZnodeImage(reader: ByteReader): ZnodeImage {
  return {
    row: reader.u32(),
    parent: reader.u32(),
    czxid: reader.zxid(),
    mzxid: reader.zxid(),
    pzxid: reader.zxid(),
    ctime: reader.safeInteger(),
    mtime: reader.safeInteger(),
    kind: readZnodeKind(reader),
    ephemeralOwner: reader.sessionId(),
    ttlMs: reader.safeInteger(),
    version: reader.u32(),
    cversion: reader.u32(),
    creates: reader.u32(),
    name: reader.bytesView(),
    data: reader.bytesView(),
    access: readAccess(reader),
    azxid: reader.zxid(),
  };
}

function readAccess(reader: ByteReader): Access {
  const acl = readAcl(reader);
  const version = reader.safeInteger();
  return acl === OPEN_ACCESS.acl && version === 0 ? OPEN_ACCESS : { acl, version };
}
