// The frequent message of protos/paddock/frontend_processor/v1: a write.
import { ANY_VERSION } from '@paddock/model';
import type { ProcessorRequest, WriteOperation } from '@paddock/model';
import { decodeIdentities, encodeIdentities } from '../acl.ts';
import {
  countOf,
  expectedVersionOf,
  ordinalOf,
  sessionOf,
  stagePathOf,
  versionOrAnyOf,
} from '../fields.ts';
import { decodeStageSetQuota, encodeSetQuota } from '../quota.ts';
import { decodeStageTransaction, encodeTransaction } from '../transaction.ts';
import { WireError } from '../wire-error.ts';
import { createModes } from '../words.ts';
import { readAcl, writeAcl } from './acl.ts';
import { readAttachment, readFailed, writeAttachment, writeFailed } from './stage-values.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

type Write = Extract<ProcessorRequest, { kind: 'write' }>;

/** A ProcessorRequest. */
export function writeWrite(writer: WireWriter, write: Write): void {
  writer.open(1);
  writer.double(1, write.session);
  writeAttachment(writer, 2, write.attachment);
  writer.double(3, write.sequence);
  writer.double(4, write.ackedThrough);
  writeOperation(writer, write.operation);
  const { identities } = write;
  if (identities !== undefined) writer.presentBytes(15, encodeIdentities(identities));
  writer.close();
}

function writeOperation(writer: WireWriter, operation: WriteOperation): void {
  switch (operation.kind) {
    case 'create':
      writer.open(5);
      writer.text(1, operation.path);
      writer.bytes(2, operation.data);
      writer.uint32(3, createModes.write(operation.mode));
      writer.double(4, operation.ttlMs);
      writeAcl(writer, 5, operation.acl);
      writer.close();
      break;
    case 'setData':
      writer.open(6);
      writer.text(1, operation.path);
      writer.bytes(2, operation.data);
      writer.sint32(3, operation.version);
      writer.close();
      break;
    case 'delete':
      writer.open(7);
      writer.text(1, operation.path);
      writer.sint32(2, operation.version);
      writer.close();
      break;
    case 'setAcl':
      writer.open(11);
      writer.text(1, operation.path);
      writeAcl(writer, 2, operation.acl);
      if (operation.version !== ANY_VERSION) writer.presentUint32(3, operation.version);
      writer.close();
      break;
    case 'refused':
      writeFailed(writer, 8, operation);
      break;
    case 'closeSession':
      writer.presentBool(9, true);
      break;
    case 'transaction':
      writer.presentBytes(10, encodeTransaction(operation));
      break;
    case 'setQuota':
      writer.presentBytes(14, encodeSetQuota(operation));
      break;
  }
}

export function readPlainRequest(reader: WireReader): ProcessorRequest | null {
  if (!reader.enter(1)) return null;
  const session = sessionOf(reader.double(1), 'write session');
  const attachment = readAttachment(reader, 2);
  const sequence = ordinalOf(reader.double(3), 'write sequence');
  const ackedThrough = countOf(reader.double(4), 'write acked through');
  const operation = readOperation(reader);
  const identities = decodeIdentities(reader.optionalBytes(15));
  reader.leave();
  return { kind: 'write', session, attachment, sequence, ackedThrough, operation, identities };
}

function readOperation(reader: WireReader): WriteOperation {
  let operation: WriteOperation;
  if (reader.enter(5)) {
    const path = stagePathOf(reader.text(1), 'create path');
    const data = reader.bytes(2);
    const mode = createModes.read(reader.uint32(3));
    operation = {
      kind: 'create',
      path,
      data,
      mode,
      ttlMs: countOf(reader.double(4), 'create ttl'),
      acl: readAcl(reader, 5),
    };
  } else if (reader.enter(6)) {
    const path = stagePathOf(reader.text(1), 'set path');
    const data = reader.bytes(2);
    const version = expectedVersionOf(reader.sint32(3), 'set version');
    operation = { kind: 'setData', path, data, version };
  } else if (reader.enter(7)) {
    const path = stagePathOf(reader.text(1), 'delete path');
    const version = expectedVersionOf(reader.sint32(2), 'delete version');
    operation = { kind: 'delete', path, version };
  } else if (reader.enter(8)) {
    return { ...readFailed(reader), kind: 'refused' };
  } else if (reader.hasBool(9)) {
    return { kind: 'closeSession' };
  } else {
    const transaction = reader.optionalBytes(10);
    if (transaction !== undefined) return decodeStageTransaction(transaction);
    if (!reader.enter(11)) {
      const quota = reader.optionalBytes(14);
      if (quota === undefined) throw new WireError('write operation', 'is missing');
      return decodeStageSetQuota(quota);
    }
    const path = stagePathOf(reader.text(1), 'set ACL path');
    const acl = readAcl(reader, 2) ?? [];
    operation = { kind: 'setAcl', path, acl, version: versionOrAnyOf(reader.optionalUint32(3)) };
  }
  reader.leave();
  return operation;
}
