// Request processor ↔ replicated database: libs/model/src/links/processor-database.ts on the wire.
import { paddock, ProcessorDatabaseService } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type {
  EphemeralRecord,
  LookUpAnswer,
  LookUpQuery,
  LookUpReply,
  LookUpRequest,
  PlacedRecord,
  SessionRow,
  ZnodePath,
  ZnodeRecord,
} from '@paddock/model';
import { accessField, readAccessField } from './acl.ts';
import {
  bytesOf,
  countOf,
  durationOf,
  frameBytesOf,
  ordinalOf,
  presentOf,
  sessionOf,
  sessionOrNoneOf,
  stagePathOf,
  word,
  zxidOf,
  type Field,
} from './fields.ts';
import { linkFormat, type MessageSink } from './link-format.ts';
import {
  readPlainReply,
  readPlainRequest,
  writeZnodesAnswer,
  writeZnodesQuery,
} from './plain/processor-database.ts';
import { batchReader } from './plain/read-batch.ts';
import { readUses, writeUses } from './quota.ts';
import { readAttachment, writeAttachment } from './stage-values.ts';
import { WireError } from './wire-error.ts';
import { znodeKindOf, znodeKinds } from './words.ts';

const wire = paddock.processor_database.v1;

type WireRequest = paddock.processor_database.v1.LookUpRequest.$Properties;
type WireReply = paddock.processor_database.v1.LookUpReply.$Properties;
type WireRecord = paddock.processor_database.v1.ZnodeRecord.$Properties;
type WireRow = paddock.stage.v1.SessionRow.$Properties;

/** SHA-256. */
const SECRET_HASH_BYTES = 32;

function writeRequest(request: LookUpRequest, sink: MessageSink): void {
  const query = request.query;
  if (query.kind === 'znodes') {
    writeZnodesQuery(sink.start(), request.lookUp, request.floor, query.paths);
    sink.end();
    return;
  }
  const message: WireRequest = {
    lookUp: request.lookUp,
    floorEpoch: epochOf(request.floor),
    floorCounter: counterOf(request.floor),
  };
  switch (query.kind) {
    case 'ephemerals':
      message.ephemerals = query.session;
      break;
    case 'sessions':
      message.sessions = { after: query.after, limit: query.limit };
      break;
    case 'termStart':
      message.termStart = true;
      break;
    case 'reapable':
      message.reapable = { timeMs: query.time, limit: query.limit };
      break;
    case 'subtree':
      message.subtree = { path: query.path, limit: query.limit };
      break;
    case 'subtreeUse':
      message.subtreeUse = query.path;
      break;
    case 'data':
      message.data = { paths: [...query.paths] };
      break;
  }
  sink.add(wire.LookUpRequest, message);
}

function readRequest(message: paddock.processor_database.v1.LookUpRequest.$Shape): LookUpRequest {
  return {
    lookUp: ordinalOf(message.lookUp, 'look-up number'),
    floor: zxidOf(message.floorEpoch, message.floorCounter, 'look-up floor'),
    query: readQuery(message),
  };
}

function readQuery(message: paddock.processor_database.v1.LookUpRequest.$Shape): LookUpQuery {
  switch (message.query) {
    case 'znodes':
      return { kind: 'znodes', paths: readPaths(message.znodes.paths) };
    case 'ephemerals':
      return { kind: 'ephemerals', session: sessionOf(message.ephemerals, 'look-up session') };
    case 'sessions':
      return {
        kind: 'sessions',
        after: sessionOrNoneOf(message.sessions.after, 'look-up after'),
        limit: word(message.sessions.limit),
      };
    case 'termStart':
      return { kind: 'termStart' };
    case 'reapable':
      return {
        kind: 'reapable',
        time: countOf(message.reapable.timeMs, 'reapable time'),
        limit: word(message.reapable.limit),
      };
    case 'subtree':
      return {
        kind: 'subtree',
        path: stagePathOf(message.subtree.path, 'subtree path'),
        limit: word(message.subtree.limit),
      };
    case 'subtreeUse':
      return { kind: 'subtreeUse', path: stagePathOf(message.subtreeUse, 'subtree path') };
    case 'data':
      return { kind: 'data', paths: readPaths(message.data.paths) };
    case undefined:
      throw new WireError('look-up query', 'is missing');
  }
}

function readPaths(field: Field<readonly string[]>): ZnodePath[] {
  const paths: ZnodePath[] = [];
  for (const path of field ?? []) paths.push(stagePathOf(path, 'look-up path'));
  return paths;
}

function writeRecord(record: ZnodeRecord): WireRecord {
  return {
    version: record.version,
    cversion: record.cversion,
    creates: record.creates,
    numChildren: record.numChildren,
    dataLength: record.dataLength,
    ephemeralOwner: record.ephemeralOwner,
    kind: znodeKinds.write(record.kind),
    ttlMs: record.ttlMs,
    mtimeMs: record.mtime,
    czxidEpoch: epochOf(record.czxid),
    czxidCounter: counterOf(record.czxid),
    mzxidEpoch: epochOf(record.mzxid),
    mzxidCounter: counterOf(record.mzxid),
    ...accessField(record.access),
  };
}

function readRecord(record: WireRecord): ZnodeRecord {
  return {
    version: word(record.version),
    cversion: word(record.cversion),
    creates: countOf(record.creates, 'record creates'),
    numChildren: word(record.numChildren),
    dataLength: word(record.dataLength),
    ephemeralOwner: sessionOrNoneOf(record.ephemeralOwner, 'record owner'),
    kind: znodeKindOf(record.kind),
    ttlMs: countOf(record.ttlMs, 'record ttl'),
    mtime: countOf(record.mtimeMs, 'record mtime'),
    czxid: zxidOf(record.czxidEpoch, record.czxidCounter, 'record czxid'),
    mzxid: zxidOf(record.mzxidEpoch, record.mzxidCounter, 'record mzxid'),
    access: readAccessField(record.access),
  };
}

function writeRow(row: SessionRow): WireRow {
  return {
    session: row.session,
    timeoutMs: row.timeoutMs,
    secretHash: row.secretHash,
    attachment: writeAttachment(row.attachment),
    lastSequence: row.lastSequence,
    ephemeralBytes: row.ephemeralBytes,
  };
}

function readRow(row: WireRow): SessionRow {
  return {
    session: sessionOf(row.session, 'row session'),
    timeoutMs: durationOf(row.timeoutMs, 'row timeout'),
    secretHash: bytesOf(row.secretHash, SECRET_HASH_BYTES, 'row secret hash'),
    attachment: readAttachment(row.attachment),
    lastSequence: countOf(row.lastSequence, 'row last sequence'),
    ephemeralBytes: countOf(row.ephemeralBytes, 'row ephemeral bytes'),
  };
}

function writeReply(reply: LookUpReply, sink: MessageSink): void {
  const message: WireReply = {
    zxidEpoch: epochOf(reply.zxid),
    zxidCounter: counterOf(reply.zxid),
  };
  if (reply.kind === 'applied') {
    message.applied = true;
    sink.add(wire.LookUpReply, message);
    return;
  }
  const { answer, lookUp } = reply;
  if (answer.kind === 'znodes') {
    writeZnodesAnswer(sink.start(), lookUp, reply.zxid, answer.records);
    sink.end();
    return;
  }
  message.lookUp = lookUp;
  switch (answer.kind) {
    case 'ephemerals':
      message.ephemerals = { ephemerals: answer.ephemerals.map(writeEphemeral) };
      break;
    case 'sessions':
      message.sessions = { rows: answer.rows.map(writeRow), more: answer.more };
      break;
    case 'termStart':
      message.termStart = {
        timeMs: answer.time,
        oldestTombstoneEpoch: epochOf(answer.oldestTombstone),
        oldestTombstoneCounter: counterOf(answer.oldestTombstone),
        quotas: writeUses(answer.quotas),
      };
      break;
    case 'reapable':
      message.reapable = { paths: [...answer.paths] };
      break;
    case 'subtree':
      message.subtree = {
        znodes: answer.znodes.map(({ path, record }) => ({ path, record: writeRecord(record) })),
        more: answer.more,
      };
      break;
    case 'subtreeUse':
      message.subtreeUse = { count: answer.count, bytes: answer.bytes };
      break;
    case 'data':
      message.data = {
        data: answer.data.map((it) => (it === null ? { absent: true } : { data: it })),
      };
      break;
  }
  sink.add(wire.LookUpReply, message);
}

function writeEphemeral(
  ephemeral: EphemeralRecord,
): paddock.processor_database.v1.EphemeralRecord.$Properties {
  return {
    path: ephemeral.path,
    parent: ephemeral.parent,
    dataLength: ephemeral.dataLength,
    parentRecord: writeRecord(ephemeral.parentRecord),
  };
}

function readEphemeral(
  ephemeral: paddock.processor_database.v1.EphemeralRecord.$Shape,
): EphemeralRecord {
  return {
    path: stagePathOf(ephemeral.path, 'ephemeral path'),
    parent: stagePathOf(ephemeral.parent, 'ephemeral parent'),
    dataLength: word(ephemeral.dataLength),
    parentRecord: readRecord(presentOf(ephemeral.parentRecord, 'ephemeral parent record')),
  };
}

function readReply(message: paddock.processor_database.v1.LookUpReply.$Shape): LookUpReply {
  const zxid = zxidOf(message.zxidEpoch, message.zxidCounter, 'look-up zxid');
  if (message.answer === 'applied') return { kind: 'applied', zxid };
  const lookUp = ordinalOf(message.lookUp, 'look-up number');
  return { kind: 'answer', lookUp, zxid, answer: readAnswer(message) };
}

function readAnswer(message: paddock.processor_database.v1.LookUpReply.$Shape): LookUpAnswer {
  switch (message.answer) {
    case 'znodes':
      return { kind: 'znodes', records: readRecords(message.znodes.records) };
    case 'ephemerals':
      return {
        kind: 'ephemerals',
        ephemerals: (message.ephemerals.ephemerals ?? []).map(readEphemeral),
      };
    case 'sessions':
      return {
        kind: 'sessions',
        rows: (message.sessions.rows ?? []).map(readRow),
        more: message.sessions.more ?? false,
      };
    case 'termStart': {
      const start = message.termStart;
      return {
        kind: 'termStart',
        time: countOf(start.timeMs, 'term start time'),
        oldestTombstone: zxidOf(
          start.oldestTombstoneEpoch,
          start.oldestTombstoneCounter,
          'oldest tombstone',
        ),
        quotas: readUses(start.quotas),
      };
    }
    case 'reapable':
      return { kind: 'reapable', paths: readPaths(message.reapable.paths) };
    case 'subtree':
      return {
        kind: 'subtree',
        znodes: (message.subtree.znodes ?? []).map(readPlaced),
        more: message.subtree.more ?? false,
      };
    case 'subtreeUse':
      return {
        kind: 'subtreeUse',
        count: countOf(message.subtreeUse.count, 'subtree count'),
        bytes: countOf(message.subtreeUse.bytes, 'subtree bytes'),
      };
    case 'data':
      return {
        kind: 'data',
        data: (message.data.data ?? []).map((it) =>
          it.absent === true ? null : frameBytesOf(it.data, 'look-up data'),
        ),
      };
    default:
      throw new WireError('look-up answer', 'is missing');
  }
}

function readPlaced(placed: paddock.processor_database.v1.PlacedRecord.$Shape): PlacedRecord {
  return {
    path: stagePathOf(placed.path, 'subtree path'),
    record: readRecord(presentOf(placed.record, 'subtree record')),
  };
}

function readRecords(field: Field<readonly WireRecord[]>): (ZnodeRecord | null)[] {
  const records: (ZnodeRecord | null)[] = [];
  for (const record of field ?? []) {
    records.push(record.absent === true ? null : readRecord(record));
  }
  return records;
}

export const processorDatabase = {
  method: ProcessorDatabaseService.link,
  dialler: linkFormat<LookUpRequest[], LookUpReply[]>({
    write: (batch, sink) => {
      for (const request of batch) writeRequest(request, sink);
    },
    read: batchReader({
      message: wire.LookUpReply,
      batch: wire.LinkResponse,
      readPlain: readPlainReply,
      read: readReply,
    }),
  }),
  acceptor: linkFormat<LookUpReply[], LookUpRequest[]>({
    write: (batch, sink) => {
      for (const reply of batch) writeReply(reply, sink);
    },
    read: batchReader({
      message: wire.LookUpRequest,
      batch: wire.LinkRequest,
      readPlain: readPlainRequest,
      read: readRequest,
    }),
  }),
};
