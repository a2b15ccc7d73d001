// What the frequent messages carry of protos/paddock/client/v1/acl.proto.
import { internedAcl } from '@paddock/model';
import type { Acl, AclEntry } from '@paddock/model';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** A repeated AclEntry. */
export function writeAcl(writer: WireWriter, field: number, acl: Acl | undefined): void {
  if (acl === undefined) return;
  for (const entry of acl) {
    writer.open(field);
    writer.uint32(1, entry.permissions);
    writer.text(2, entry.scheme);
    writer.text(3, entry.id);
    writer.close();
  }
}

/** Undefined where it has no entries. */
export function readAcl(reader: WireReader, field: number): Acl | undefined {
  let acl: AclEntry[] | undefined;
  while (reader.enter(field)) {
    acl ??= [];
    acl.push({ permissions: reader.uint32(1), scheme: reader.text(2), id: reader.text(3) });
    reader.leave();
  }
  return acl === undefined ? undefined : internedAcl(acl);
}
