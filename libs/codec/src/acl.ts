import { ALL_PERMISSIONS, internedAcl, OPEN_ACL } from '@paddock/model';
import type { Acl, AclEntry } from '@paddock/model';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

const ENTRY_MIN_BYTES = 1 + 4 + 4;

/** One byte where it is open; by value, so that no table has to be right for an ACL to be (H12). */
export function writeAcl(writer: ByteWriter, acl: Acl | undefined): void {
  if (acl === undefined || acl === OPEN_ACL) {
    writer.u8(0);
    return;
  }
  writer.u8(1);
  writer.u32(acl.length);
  for (const it of acl) {
    writer.u8(it.permissions);
    writer.text(it.scheme);
    writer.text(it.id);
  }
}

export function readAcl(reader: ByteReader): Acl {
  const kind = reader.u8();
  if (kind === 0) return OPEN_ACL;
  if (kind > 1) return reader.unknownKind('ACL', kind);
  const count = reader.count(ENTRY_MIN_BYTES);
  const acl: AclEntry[] = [];
  for (let i = 0; i < count; i++) acl.push(readEntry(reader));
  return internedAcl(acl);
}

/** Undefined where it is open, which is how a creation says so. */
export function readCreationAcl(reader: ByteReader): Acl | undefined {
  const acl = readAcl(reader);
  return acl === OPEN_ACL ? undefined : acl;
}

function readEntry(reader: ByteReader): AclEntry {
  const permissions = reader.u8();
  if (permissions > ALL_PERMISSIONS) reader.fail(`no permissions are ${permissions}`, 1);
  return { permissions, scheme: reader.text(), id: reader.text() };
}
