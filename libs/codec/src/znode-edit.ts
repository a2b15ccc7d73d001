import { trustedPath, ZNODE_KINDS } from '@paddock/model';
import type { ZnodeDeletion, ZnodeEdit } from '@paddock/model';
import { readAcl, readCreationAcl, writeAcl } from './acl.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readZnodeKind } from './outcome.ts';

/** On disk for good, as kinds of changes too: a number is never used again for another kind. */
export const EDIT_KINDS = {
  createZnode: 1,
  setZnodeData: 2,
  deleteZnode: 3,
  setZnodeAcl: 12,
} as const;

export const DELETION_MIN_BYTES = 4 + 8;

/** All of an edit but its kind. */
export function writeEdit(writer: ByteWriter, edit: ZnodeEdit): void {
  switch (edit.kind) {
    case 'createZnode':
      writer.text(edit.path);
      writer.bytes(edit.data);
      writer.u8(ZNODE_KINDS.indexOf(edit.znodeKind));
      writer.f64(edit.ephemeralOwner);
      writer.f64(edit.ttlMs);
      writer.f64(edit.parentCversion);
      writer.f64(edit.parentCreates);
      writeAcl(writer, edit.acl);
      break;
    case 'setZnodeData':
      writer.text(edit.path);
      writer.bytes(edit.data);
      writer.f64(edit.version);
      break;
    case 'deleteZnode':
      writeDeletion(writer, edit);
      break;
    case 'setZnodeAcl':
      writer.text(edit.path);
      writeAcl(writer, edit.acl);
      writer.f64(edit.version);
      break;
  }
}

export function readEdit(reader: ByteReader, kind: number): ZnodeEdit {
  switch (kind) {
    case EDIT_KINDS.createZnode:
      return {
        kind: 'createZnode',
        path: trustedPath(reader.text()),
        data: reader.bytesView(),
        znodeKind: readZnodeKind(reader),
        ephemeralOwner: reader.sessionId(),
        ttlMs: reader.safeInteger(),
        parentCversion: reader.safeInteger(),
        parentCreates: reader.safeInteger(),
        acl: readCreationAcl(reader),
      };
    case EDIT_KINDS.setZnodeData:
      return {
        kind: 'setZnodeData',
        path: trustedPath(reader.text()),
        data: reader.bytesView(),
        version: reader.safeInteger(),
      };
    case EDIT_KINDS.deleteZnode:
      return { kind: 'deleteZnode', ...readDeletion(reader) };
    case EDIT_KINDS.setZnodeAcl:
      return {
        kind: 'setZnodeAcl',
        path: trustedPath(reader.text()),
        acl: readAcl(reader),
        version: reader.safeInteger(),
      };
    default:
      return reader.unknownKind('edit', kind);
  }
}

export function writeDeletion(writer: ByteWriter, deletion: ZnodeDeletion): void {
  writer.text(deletion.path);
  writer.f64(deletion.parentCversion);
}

export function readDeletion(reader: ByteReader): ZnodeDeletion {
  return { path: trustedPath(reader.text()), parentCversion: reader.safeInteger() };
}
