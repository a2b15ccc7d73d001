// The frequent messages of protos/paddock/frontend_database/v1: reads, their replies, outcomes, events.
import type { DatabaseReply, DatabaseRequest, ReadResult, ShownZnode, Stat } from '@paddock/model';
import { decodeAccess, decodeIdentities, encodeAccess, encodeIdentities } from '../acl.ts';
import {
  countOf,
  ordinalOf,
  pathsOf,
  sessionOf,
  sessionOrNoneOf,
  stagePathOf,
  stalenessOf,
} from '../fields.ts';
import { decodeQuotas, encodeQuotas } from '../quota.ts';
import { decodeBatch, decodeMany, encodeBatch } from '../read-many.ts';
import { readOperationOf } from '../read-operation.ts';
import { WireError } from '../wire-error.ts';
import { readKinds, watchModeNumber } from '../words.ts';
import { writeManyResults } from './client-values.ts';
import {
  readSessionList,
  readWatchList,
  writeSessionList,
  writeWatchList,
} from './session-list.ts';
import {
  readAttachment,
  readFailed,
  readOutcome,
  readStat,
  readZxid,
  writeAttachment,
  writeFailed,
  writeOutcome,
  writeStat,
  writeZxid,
} from './stage-values.ts';
import { readSubtree, writeSubtree } from './subtree.ts';
import { readEvent, writeEvent } from './watches.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

type Read = Extract<DatabaseRequest, { kind: 'read' }>;
type ReadReply = Extract<DatabaseReply, { kind: 'readReply' }>;
type AnyEvent = Extract<DatabaseReply, { kind: 'event' | 'watchEvent' }>;
type SessionOutcome = Extract<DatabaseReply, { kind: 'outcome' }>;

/** A DatabaseRequest. */
export function writeRead(writer: WireWriter, read: Read): void {
  const { operation } = read;
  writer.open(1);
  writer.double(1, read.session);
  writer.double(2, read.afterSequence);
  writeZxid(writer, 3, read.floor);
  writer.uint32(5, readKinds.write(operation.kind));
  writer.text(6, operation.path);
  writer.bool(7, operation.watch);
  if (read.stalenessMs !== Infinity) writer.presentDouble(8, read.stalenessMs);
  if (operation.kind === 'exists') writer.uint32(9, watchModeNumber(operation.mode));
  if (operation.kind === 'getEphemerals') writer.double(10, operation.owner);
  else if (operation.kind === 'listSessions') writer.double(10, operation.afterSession);
  else if (operation.kind === 'getSubtree') writer.double(10, operation.snapshot);
  if ('after' in operation) writer.text(11, operation.after);
  if ('limit' in operation) writer.uint32(12, operation.limit);
  else if (operation.kind === 'getSubtree') writer.uint32(12, operation.bytes);
  if (read.acceptsReadOnly === true) writer.bool(13, true);
  if (operation.kind === 'can') writer.uint32(14, operation.permissions);
  const { identities } = read;
  if (identities !== undefined) writer.presentBytes(15, encodeIdentities(identities));
  if (operation.kind === 'readMany') writer.presentBytes(16, encodeBatch(operation.reads));
  writer.close();
}

export function readPlainRequest(reader: WireReader): DatabaseRequest | null {
  if (!reader.enter(1)) return null;
  const session = sessionOrNoneOf(reader.double(1), 'read session');
  const afterSequence = countOf(reader.double(2), 'read after sequence');
  const floor = readZxid(reader, 3, 'read floor');
  const kind = readKinds.read(reader.uint32(5));
  const path = stagePathOf(reader.text(6), 'read path');
  const watch = reader.bool(7);
  const stalenessMs = stalenessOf(reader.optionalDouble(8));
  const watchMode = reader.uint32(9);
  const owner = sessionOrNoneOf(reader.double(10), 'read owner');
  const after = reader.text(11);
  const limit = reader.uint32(12);
  const acceptsReadOnly = reader.bool(13);
  const permissions = reader.uint32(14);
  const identities = decodeIdentities(reader.optionalBytes(15));
  const batch = decodeBatch(reader.optionalBytes(16));
  reader.leave();
  const parts = { owner, after, limit, watchMode, permissions, batch };
  const operation = readOperationOf(kind, path, watch, parts);
  const position = { session, afterSequence, floor, stalenessMs } as const;
  const read = { kind: 'read', ...position, operation, identities } as const;
  return acceptsReadOnly ? { ...read, acceptsReadOnly } : read;
}

/** A DatabaseReply. */
export function writeReadReply(writer: WireWriter, reply: ReadReply): void {
  writer.open(1);
  writer.double(1, reply.read);
  writeZxid(writer, 2, reply.zxid);
  const { result } = reply;
  switch (result.kind) {
    case 'data':
      writeStat(writer, 4, result.stat);
      writer.presentBytes(5, result.data);
      break;
    case 'stat':
      writeStat(writer, 4, result.stat);
      writer.presentBool(6, true);
      break;
    case 'children':
    case 'childrenPage':
      writeStat(writer, 4, result.stat);
      writer.open(7);
      for (const name of result.children) writer.presentText(1, name);
      if (result.kind === 'childrenPage') writer.presentBool(2, result.more);
      writer.close();
      break;
    case 'failed':
      writeFailed(writer, 8, result);
      break;
    case 'descendants':
      writeStat(writer, 4, result.stat);
      writer.open(9);
      writer.double(1, result.descendants);
      writer.double(2, result.subtreeBytes);
      writer.close();
      break;
    case 'quotas':
      writer.presentBytes(13, encodeQuotas(result));
      break;
    case 'many':
      writeManyResults(writer, 17, result.results);
      break;
    case 'subtree':
      writeSubtree(writer, 18, result);
      break;
    case 'acl':
      writeStat(writer, 4, result.stat);
      writer.presentBytes(14, encodeAccess({ acl: result.acl, version: 0 }));
      break;
    case 'permitted':
      writer.presentBool(15, result.permitted);
      break;
    case 'ephemerals':
      writer.open(10);
      for (const path of result.paths) writer.presentText(1, path);
      writer.close();
      break;
    case 'sessions':
      writeSessionList(writer, 11, result);
      break;
    case 'watches':
      writeWatchList(writer, 12, result);
      break;
  }
  if (reply.readOnly === true) writer.bool(20, true);
  writer.close();
}

/** A DatabaseReply. */
export function writeSessionOutcome(writer: WireWriter, reply: SessionOutcome): void {
  writer.open(2);
  writer.double(1, reply.session);
  writeAttachment(writer, 2, reply.attachment);
  writeOutcome(writer, 3, reply.outcome);
  writer.close();
}

/** A DatabaseReply: the event of a session's watch, or of one without a session. */
export function writeWatchEvent(writer: WireWriter, reply: AnyEvent): void {
  const isOfSession = reply.kind === 'event';
  writer.open(isOfSession ? 3 : 6);
  writer.double(1, isOfSession ? reply.session : reply.watch);
  writeEvent(writer, 2, reply.event);
  if (!isOfSession && reply.shown !== undefined) writeShown(writer, reply.shown);
  writer.close();
}

function writeShown(writer: WireWriter, { stat, data }: ShownZnode): void {
  if (stat !== undefined) writeStat(writer, 3, stat);
  if (data !== undefined) writer.presentBytes(4, data);
}

export function readPlainReply(reader: WireReader): DatabaseReply | null {
  if (reader.enter(1)) {
    const read = ordinalOf(reader.double(1), 'read number');
    const zxid = readZxid(reader, 2, 'read zxid');
    const result = readReadResult(reader);
    const readOnly = reader.bool(20);
    reader.leave();
    const reply = { kind: 'readReply', read, zxid, result } as const;
    return readOnly ? { ...reply, readOnly } : reply;
  }
  if (reader.enter(2)) {
    const session = sessionOf(reader.double(1), 'outcome session');
    const attachment = readAttachment(reader, 2);
    const outcome = readOutcome(reader, 3);
    reader.leave();
    return { kind: 'outcome', session, attachment, outcome };
  }
  if (!reader.enter(3)) return null;
  const session = sessionOf(reader.double(1), 'event session');
  reader.enterPresent(2);
  const event = readEvent(reader);
  reader.leave();
  return { kind: 'event', session, event };
}

function readReadResult(reader: WireReader): ReadResult {
  if (!reader.enter(4)) {
    if (reader.enter(8)) return readFailed(reader);
    if (reader.enter(10)) return readEphemerals(reader);
    if (reader.enter(11)) return readWhole(reader, readSessionList(reader));
    if (reader.enter(12)) return readWhole(reader, readWatchList(reader));
    const quotas = reader.optionalBytes(13);
    if (quotas !== undefined) return decodeQuotas(quotas);
    const permitted = reader.optionalBool(15);
    if (permitted !== undefined) return { kind: 'permitted', permitted };
    const many = reader.optionalBytes(17);
    if (many !== undefined) return decodeMany(many);
    if (reader.enter(18)) return readSubtree(reader);
    throw new WireError('read result', 'is missing');
  }
  const stat = readStat(reader);
  const data = reader.optionalBytes(5);
  if (data !== undefined) return { kind: 'data', data, stat };
  if (reader.hasBool(6)) return { kind: 'stat', stat };
  if (reader.enter(9)) return readDescendants(reader, stat);
  const access = reader.optionalBytes(14);
  if (access !== undefined) return { kind: 'acl', acl: decodeAccess(access).acl, stat };
  reader.enterPresent(7);
  const children = reader.texts(1);
  const more = reader.optionalBool(2);
  reader.leave();
  if (more === undefined) return { kind: 'children', children, stat };
  return { kind: 'childrenPage', children, more, stat };
}

function readDescendants(reader: WireReader, stat: Stat): ReadResult {
  const descendants = countOf(reader.double(1), 'descendants');
  const subtreeBytes = countOf(reader.double(2), 'subtree bytes');
  reader.leave();
  return { kind: 'descendants', descendants, subtreeBytes, stat };
}

function readEphemerals(reader: WireReader): ReadResult {
  const paths = pathsOf(reader.texts(1));
  reader.leave();
  return { kind: 'ephemerals', paths };
}

function readWhole(reader: WireReader, result: ReadResult): ReadResult {
  reader.leave();
  return result;
}
