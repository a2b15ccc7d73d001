// The frequent messages of protos/paddock/client/v1/session.proto: operations and their results.
import { paddock } from '@paddock/contracts';
import { ANY_VERSION, ROOT } from '@paddock/model';
import type {
  ClientOperation,
  ClientRead,
  ClientSubtree,
  ClientZnodeRead,
  NumberedResult,
  SessionReply,
  SessionRequest,
} from '@paddock/model';
import { clientReadOf, readTermsOf, withMode, writeReadTerms } from '../client-operation.ts';
import type { ReadTerms } from '../client-operation.ts';
import { clientSessionOf, countOf, VERSION_MAX } from '../fields.ts';
import type { MessageSink } from '../link-format.ts';
import { writeReadMany } from '../read-many.ts';
import { WireError } from '../wire-error.ts';
import { decodeClientTransaction, encodeTransaction } from '../transaction.ts';
import { createModes, watchModeNumber } from '../words.ts';
import { readAcl, writeAcl } from './acl.ts';
import { readResult, writeResult } from './client-values.ts';
import { readZxid, writeZxid } from './stage-values.ts';
import { readEvent } from './watches.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

const { Operation } = paddock.client.v1;

type Operations = Extract<SessionRequest, { kind: 'operations' }>;

/** Divided where a message would grow too large; each names the sequence of its own first write. */
export function writeOperations(request: Operations, sink: MessageSink): void {
  const { operations } = request;
  let firstSequence = request.firstSequence;
  for (let next = 0; next < operations.length;) {
    const writer = sink.start();
    const enough = writer.length + sink.cutBytes;
    writer.open(3);
    writer.count64(1, firstSequence);
    writer.count64(2, request.ackedThrough);
    for (; next < operations.length && writer.length < enough; next++) {
      const operation = operations[next];
      if (operation === undefined) break;
      writer.open(3);
      if (writeOperation(writer, operation)) firstSequence++;
      writer.close();
    }
    writer.close();
    sink.end();
  }
}

/** The fields of an Operation; returns true for a write. */
function writeOperation(writer: WireWriter, operation: ClientOperation): boolean {
  switch (operation.kind) {
    case 'create':
      writer.open(1);
      writer.text(1, operation.path);
      writer.bytes(2, operation.data);
      writer.uint32(3, createModes.write(operation.mode));
      writer.count64(4, operation.ttlMs);
      writeAcl(writer, 5, operation.acl);
      writer.close();
      return true;
    case 'setData':
      writer.open(2);
      writer.text(1, operation.path);
      writer.bytes(2, operation.data);
      writeVersion(writer, 3, operation.version);
      writer.close();
      return true;
    case 'delete':
      writer.open(3);
      writer.text(1, operation.path);
      writeVersion(writer, 2, operation.version);
      writer.close();
      return true;
    case 'getData':
      writeRead(writer, 4, operation);
      return false;
    case 'exists':
      writeRead(writer, 5, operation);
      return false;
    case 'getChildren':
      writeRead(writer, 6, operation);
      return false;
    case 'sync':
      writer.open(7);
      writer.close();
      return false;
    case 'closeSession':
      writer.open(8);
      writer.close();
      return true;
    case 'transaction':
      writer.presentBytes(9, encodeTransaction(operation));
      return true;
    case 'setQuota':
      writer.encoded(Operation.encode({ setQuota: operation }).finish());
      return true;
    case 'countDescendants':
    case 'getChildrenPage':
    case 'getEphemerals':
    case 'listSessions':
    case 'getWatches':
    case 'getQuotas':
    case 'readMany':
      writeReadOfMany(writer, operation);
      return false;
    case 'setAcl':
    case 'getAcl':
    case 'can':
    case 'addAuth':
    case 'whoAmI':
      return writeAccessOperation(writer, operation);
    // A subtree is told to calls alone.
    case 'getSubtree':
    case 'unknown':
      return false;
  }
}

function writeReadOfMany(
  writer: WireWriter,
  operation: Exclude<ClientRead, ClientZnodeRead | ClientSubtree | AccessOperation>,
): void {
  switch (operation.kind) {
    case 'countDescendants':
      writer.open(10);
      writer.text(1, operation.path);
      writeTerms(writer, operation);
      writer.close();
      break;
    case 'getChildrenPage':
      writer.open(12);
      writer.text(1, operation.path);
      writer.bool(2, operation.watch);
      writeTerms(writer, operation);
      writer.text(7, operation.after);
      writer.uint32(8, operation.limit);
      writer.close();
      break;
    case 'getEphemerals':
      writer.open(11);
      writer.text(1, operation.path);
      writeTerms(writer, operation);
      writer.count64(7, operation.owner);
      writer.close();
      break;
    case 'listSessions':
      writer.open(13);
      writer.count64(1, operation.afterSession);
      writer.uint32(2, operation.limit);
      writeTerms(writer, operation);
      writer.close();
      break;
    case 'getWatches':
      writer.open(14);
      writer.text(1, operation.path);
      writeTerms(writer, operation);
      writer.text(7, operation.after);
      writer.uint32(8, operation.limit);
      writer.close();
      break;
    case 'getQuotas': {
      const getQuotas = { path: operation.path, ...writeReadTerms(operation) };
      writer.encoded(Operation.encode({ getQuotas }).finish());
      break;
    }
    case 'readMany':
      writer.encoded(Operation.encode({ readMany: writeReadMany(operation) }).finish());
      break;
  }
}

type AccessOperation = Extract<
  ClientOperation,
  { readonly kind: 'setAcl' | 'getAcl' | 'can' | 'addAuth' | 'whoAmI' }
>;

function writeAccessOperation(writer: WireWriter, operation: AccessOperation): boolean {
  switch (operation.kind) {
    case 'setAcl':
      writer.open(15);
      writer.text(1, operation.path);
      writeAcl(writer, 2, operation.acl);
      writeVersion(writer, 3, operation.version);
      writer.close();
      return true;
    case 'getAcl':
    case 'can':
      writer.open(operation.kind === 'can' ? 17 : 16);
      writer.text(1, operation.path);
      writeTerms(writer, operation);
      if (operation.kind === 'can') writer.uint32(7, operation.permissions);
      writer.close();
      return false;
    case 'addAuth':
      writer.open(18);
      writer.text(1, operation.scheme);
      writer.bytes(2, operation.credential);
      writer.close();
      return false;
    case 'whoAmI':
      writer.open(19);
      writer.close();
      return false;
  }
}

function writeRead(writer: WireWriter, field: number, read: ClientZnodeRead): void {
  writer.open(field);
  writer.text(1, read.path);
  writer.bool(2, read.watch);
  writeTerms(writer, read);
  writer.uint32(7, watchModeNumber(read.mode));
  writer.close();
}

/** The fields 3 to 6, which are the same for every read. */
function writeTerms(writer: WireWriter, { atLeast, consistency }: ClientRead): void {
  writeZxid(writer, 3, atLeast);
  if (consistency?.kind === 'boundedStaleness') writer.presentUint32(5, consistency.ms);
  else if (consistency?.kind === 'linearizable') writer.bool(6, true);
}

function writeVersion(writer: WireWriter, field: number, version: number): void {
  if (version !== ANY_VERSION) writer.presentUint32(field, version);
}

export function readPlainRequest(reader: WireReader): SessionRequest | null {
  if (!reader.enter(3)) return null;
  const firstSequence = countOf(reader.count64(1), 'first sequence');
  const ackedThrough = countOf(reader.count64(2), 'acked through');
  const operations: ClientOperation[] = [];
  while (reader.enter(3)) {
    operations.push(readOperation(reader));
    reader.leave();
  }
  reader.leave();
  return { kind: 'operations', firstSequence, ackedThrough, operations };
}

function readOperation(reader: WireReader): ClientOperation {
  let operation: ClientOperation;
  if (reader.enter(1)) {
    const path = reader.text(1);
    const data = reader.bytes(2);
    const mode = reader.uint32(3);
    const createMode = mode === 0 ? 'persistent' : createModes.read(mode);
    const ttlMs = countOf(reader.count64(4), 'ttl');
    operation = { kind: 'create', path, data, mode: createMode, ttlMs, acl: readAcl(reader, 5) };
  } else if (reader.enter(2)) {
    const path = reader.text(1);
    const data = reader.bytes(2);
    operation = { kind: 'setData', path, data, version: readVersion(reader, 3) };
  } else if (reader.enter(3)) {
    const path = reader.text(1);
    operation = { kind: 'delete', path, version: readVersion(reader, 2) };
  } else if (reader.enter(4)) {
    operation = readRead(reader, 'getData');
  } else if (reader.enter(5)) {
    operation = readRead(reader, 'exists');
  } else if (reader.enter(6)) {
    operation = readRead(reader, 'getChildren');
  } else if (reader.enter(7)) {
    operation = { kind: 'sync' };
  } else if (reader.enter(8)) {
    operation = { kind: 'closeSession' };
  } else {
    const transaction = reader.optionalBytes(9);
    if (transaction !== undefined) return decodeClientTransaction(transaction);
    const other = readOfMany(reader) ?? readOfAccess(reader);
    if (other === null) return { kind: 'unknown' };
    operation = other;
  }
  reader.leave();
  return operation;
}

/** Null where it is none of these. */
function readOfMany(reader: WireReader): ClientRead | null {
  if (reader.enter(10)) {
    return { kind: 'countDescendants', ...readTerms(reader, reader.text(1)) };
  }
  if (reader.enter(11)) {
    const terms = readTerms(reader, reader.text(1));
    const owner = clientSessionOf(reader.count64(7), 'session of ephemerals');
    return { kind: 'getEphemerals', ...terms, owner };
  }
  if (reader.enter(13)) {
    const afterSession = clientSessionOf(reader.count64(1), 'session of a list');
    const limit = reader.uint32(2);
    return { kind: 'listSessions', ...readTerms(reader, ROOT), afterSession, limit };
  }
  if (reader.enter(14)) {
    const terms = readTerms(reader, reader.text(1));
    const after = reader.text(7);
    return { kind: 'getWatches', ...terms, after, limit: reader.uint32(8) };
  }
  if (!reader.enter(12)) return null;
  const path = reader.text(1);
  const watch = reader.bool(2);
  const terms = readTerms(reader, path);
  const after = reader.text(7);
  return { kind: 'getChildrenPage', ...terms, watch, after, limit: reader.uint32(8) };
}

/** Null where it is none of these. */
function readOfAccess(reader: WireReader): ClientOperation | null {
  if (reader.enter(15)) {
    const path = reader.text(1);
    const acl = readAcl(reader, 2) ?? [];
    return { kind: 'setAcl', path, acl, version: readVersion(reader, 3) };
  }
  if (reader.enter(16)) return { kind: 'getAcl', ...readTerms(reader, reader.text(1)) };
  if (reader.enter(17)) {
    const terms = readTerms(reader, reader.text(1));
    return { kind: 'can', ...terms, permissions: reader.uint32(7) };
  }
  if (reader.enter(18)) {
    return { kind: 'addAuth', scheme: reader.text(1), credential: reader.bytes(2) };
  }
  return reader.enter(19) ? { kind: 'whoAmI' } : null;
}

function readTerms(reader: WireReader, path: string): ReadTerms {
  const atLeast = readZxid(reader, 3, 'at least');
  const stalenessMs = reader.optionalUint32(5);
  return readTermsOf(path, atLeast, stalenessMs, reader.bool(6));
}

function readRead(reader: WireReader, kind: ClientZnodeRead['kind']): ClientZnodeRead {
  const path = reader.text(1);
  const watch = reader.bool(2);
  const atLeast = readZxid(reader, 3, 'at least');
  const stalenessMs = reader.optionalUint32(5);
  const read = clientReadOf(kind, path, watch, atLeast, stalenessMs, reader.bool(6));
  return withMode(read, reader.uint32(7));
}

function readVersion(reader: WireReader, field: number): number {
  const version = reader.optionalUint32(field);
  if (version === undefined) return ANY_VERSION;
  if (version > VERSION_MAX) throw new WireError('version', `is above ${VERSION_MAX}`);
  return version;
}

/** Divided where a message would grow too large. */
export function writeResults(results: readonly NumberedResult[], sink: MessageSink): void {
  for (let next = 0; next < results.length;) {
    const writer = sink.start();
    const enough = writer.length + sink.cutBytes;
    writer.open(1);
    for (; next < results.length && writer.length < enough; next++) {
      const result = results[next];
      if (result === undefined) break;
      writeResult(writer, 1, result);
    }
    writer.close();
    sink.end();
  }
}

export function readPlainReply(reader: WireReader): SessionReply | null {
  if (reader.enter(2)) return { kind: 'event', event: readEvent(reader) };
  if (!reader.enter(1)) return null;
  const results: NumberedResult[] = [];
  while (reader.enter(1)) {
    results.push(readResult(reader));
    reader.leave();
  }
  reader.leave();
  return { kind: 'results', results };
}
