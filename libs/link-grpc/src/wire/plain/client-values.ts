// What the frequent messages to clients carry: protos/paddock/client/v1/{znode,session}.proto.
import { paddock } from '@paddock/contracts';
import { createdOf, isSessionId, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type {
  BatchedResult,
  NumberedResult,
  OperationResult,
  Outcome,
  Stat,
  Transacted,
  TransactionResult,
  Zxid,
} from '@paddock/model';
import { decodeIdentities, encodeIdentities } from '../acl.ts';
import { transactionResultOf } from '../client-values.ts';
import { countOf, pathsOf, stagePathOf } from '../fields.ts';
import { writeUses } from '../quota.ts';
import { WireError } from '../wire-error.ts';
import { znodeKindOf, znodeKinds } from '../words.ts';
import {
  readSessionList,
  readWatchList,
  writeSessionList,
  writeWatchList,
} from './session-list.ts';
import { readAcl, writeAcl } from './acl.ts';
import { readFailed, readZxid, writeFailed, writeZxid } from './stage-values.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

const { Result } = paddock.client.v1;

function writeStat(writer: WireWriter, field: number, stat: Stat): void {
  writer.open(field);
  writeZxid(writer, 1, stat.czxid);
  writeZxid(writer, 3, stat.mzxid);
  writeZxid(writer, 5, stat.pzxid);
  writer.count64(7, stat.ctime);
  writer.count64(8, stat.mtime);
  writer.uint32(9, stat.version);
  writer.uint32(10, stat.cversion);
  writer.count64(11, stat.ephemeralOwner);
  writer.uint32(12, stat.dataLength);
  writer.uint32(13, stat.numChildren);
  writer.uint32(14, znodeKinds.write(stat.kind));
  writer.count64(15, stat.ttlMs);
  writer.uint32(16, stat.aversion);
  writer.close();
}

function readStat(reader: WireReader, field: number): Stat {
  reader.enterPresent(field);
  const czxid = readZxid(reader, 1, 'czxid');
  const mzxid = readZxid(reader, 3, 'mzxid');
  const pzxid = readZxid(reader, 5, 'pzxid');
  const ctime = countOf(reader.count64(7), 'ctime');
  const mtime = countOf(reader.count64(8), 'mtime');
  const version = reader.uint32(9);
  const cversion = reader.uint32(10);
  const owner = countOf(reader.count64(11), 'ephemeral owner');
  const ephemeralOwner = isSessionId(owner) ? owner : NO_SESSION;
  const dataLength = reader.uint32(12);
  const numChildren = reader.uint32(13);
  const kind = znodeKindOf(reader.uint32(14));
  const ttlMs = countOf(reader.count64(15), 'ttl');
  const aversion = reader.uint32(16);
  reader.leave();
  return {
    czxid,
    mzxid,
    pzxid,
    ctime,
    mtime,
    version,
    cversion,
    ephemeralOwner,
    dataLength,
    numChildren,
    kind,
    ttlMs,
    aversion,
  };
}

/** A field of Result. */
function writeChildren(
  writer: WireWriter,
  result: Extract<OperationResult, { readonly kind: 'children' | 'childrenPage' }>,
): void {
  writer.open(8);
  for (const name of result.children) writer.presentText(1, name);
  writeStat(writer, 2, result.stat);
  if (result.kind === 'childrenPage') writer.presentBool(3, result.more);
  writer.close();
}

/** Fields of Result; such a result is rare. */
function writeQuotaResult(
  writer: WireWriter,
  result: Extract<OperationResult, { readonly kind: 'quotaSet' | 'quotas' }>,
): void {
  const message =
    result.kind === 'quotaSet'
      ? { setQuota: {} }
      : { getQuotas: { quotas: writeUses(result.quotas) } };
  writer.encoded(Result.encode(message).finish());
}

/** A Result. */
export function writeResult(
  writer: WireWriter,
  field: number,
  numbered: { readonly zxid: Zxid; readonly result: OperationResult | TransactionResult },
): void {
  writer.open(field);
  writeZxid(writer, 1, numbered.zxid);
  const { result } = numbered;
  switch (result.kind) {
    case 'failed':
      writeFailed(writer, 11, result);
      break;
    case 'created':
      writer.open(3);
      writer.text(1, result.path);
      writeStat(writer, 2, result.stat);
      if (result.counter !== undefined) writer.presentUint32(3, result.counter);
      writer.close();
      break;
    case 'data':
      writer.open(6);
      writer.bytes(1, result.data);
      writeStat(writer, 2, result.stat);
      writer.close();
      break;
    case 'children':
    case 'childrenPage':
      writeChildren(writer, result);
      break;
    case 'dataSet':
    case 'stat':
      writer.open(result.kind === 'dataSet' ? 4 : 7);
      writeStat(writer, 1, result.stat);
      writer.close();
      break;
    case 'descendants':
    case 'ephemerals':
    case 'sessions':
    case 'watches':
      writeManyResult(writer, result);
      break;
    case 'aclSet':
    case 'acl':
    case 'permitted':
    case 'identities':
      writeAccessResult(writer, result);
      break;
    case 'quotaSet':
    case 'quotas':
      writeQuotaResult(writer, result);
      break;
    case 'subtree':
      throw new WireError('result', 'is of a subtree, which is told to calls alone');
    case 'many':
      writeManyResults(writer, 24, result.results);
      break;
    case 'transacted':
      writer.open(12);
      writeTransacted(writer, result);
      writer.close();
      break;
    default:
      writer.open(EMPTY_RESULTS[result.kind]);
      writer.close();
      break;
  }
  writer.close();
}

type ManyResult = Extract<
  OperationResult,
  { readonly kind: 'descendants' | 'ephemerals' | 'sessions' | 'watches' }
>;

function writeManyResult(writer: WireWriter, result: ManyResult): void {
  switch (result.kind) {
    case 'descendants':
      writer.open(14);
      writer.uint32(1, result.descendants);
      writer.count64(2, result.subtreeBytes);
      writeStat(writer, 3, result.stat);
      writer.close();
      break;
    case 'ephemerals':
      writer.open(15);
      for (const path of result.paths) writer.presentText(1, path);
      writer.close();
      break;
    case 'sessions':
      writeSessionList(writer, 16, result);
      break;
    case 'watches':
      writeWatchList(writer, 17, result);
      break;
  }
}

type AccessResult = Extract<
  OperationResult,
  { readonly kind: 'aclSet' | 'acl' | 'permitted' | 'identities' }
>;

function writeAccessResult(writer: WireWriter, result: AccessResult): void {
  switch (result.kind) {
    case 'aclSet':
      writer.open(18);
      writeStat(writer, 1, result.stat);
      writer.close();
      break;
    case 'acl':
      writer.open(19);
      writeAcl(writer, 1, result.acl);
      writeStat(writer, 2, result.stat);
      writer.close();
      break;
    case 'permitted':
      writer.open(22);
      writer.bool(1, result.permitted);
      writer.close();
      break;
    case 'identities':
      writer.presentBytes(23, encodeIdentities(result.identities));
      break;
  }
}

/** A ManyRead. */
export function writeManyResults(
  writer: WireWriter,
  field: number,
  results: readonly BatchedResult[],
): void {
  writer.open(field);
  for (const result of results) writeResult(writer, 1, { zxid: ZXID_ZERO, result });
  writer.close();
}

/** Fields of Result that are messages without fields. */
const EMPTY_RESULTS = { deleted: 5, synced: 9, closed: 10, checked: 13 } as const;

/** The fields of a Transacted. */
export function writeTransacted(writer: WireWriter, { succeeded, results }: Transacted): void {
  writer.bool(1, succeeded);
  for (const result of results) writeResult(writer, 2, { zxid: ZXID_ZERO, result });
}

/** The fields of a Transacted that has been entered. */
export function readTransacted(reader: WireReader): Transacted {
  const succeeded = reader.bool(1);
  const results: TransactionResult[] = [];
  while (reader.enter(2)) {
    readZxid(reader, 1, 'result zxid');
    if (reader.enter(EMPTY_RESULTS.checked)) {
      reader.leave();
      results.push({ kind: 'checked' });
    } else results.push(transactionResultOf(readOperationResult(reader)));
    reader.leave();
  }
  reader.leave();
  return { kind: 'transacted', succeeded, results };
}

export function readResult(reader: WireReader): NumberedResult {
  const zxid = readZxid(reader, 1, 'result zxid');
  return { zxid, result: readOperationResult(reader) };
}

function readOperationResult(reader: WireReader): OperationResult {
  let result: OperationResult;
  if (reader.enter(3)) {
    const path = stagePathOf(reader.text(1), 'created path');
    const stat = readStat(reader, 2);
    result = createdOf(path, stat, reader.optionalUint32(3));
  } else if (reader.enter(4)) {
    result = { kind: 'dataSet', stat: readStat(reader, 1) };
  } else if (reader.enter(5)) {
    result = { kind: 'deleted' };
  } else if (reader.enter(6)) {
    const data = reader.bytes(1);
    result = { kind: 'data', data, stat: readStat(reader, 2) };
  } else if (reader.enter(7)) {
    result = { kind: 'stat', stat: readStat(reader, 1) };
  } else if (reader.enter(8)) {
    const children = reader.texts(1);
    const stat = readStat(reader, 2);
    const more = reader.optionalBool(3);
    result =
      more === undefined
        ? { kind: 'children', children, stat }
        : { kind: 'childrenPage', children, more, stat };
  } else if (reader.enter(9)) {
    result = { kind: 'synced' };
  } else if (reader.enter(10)) {
    result = { kind: 'closed' };
  } else if (reader.enter(11)) {
    return readFailed(reader);
  } else if (reader.enter(12)) {
    return readTransacted(reader);
  } else if (reader.enter(14)) {
    const descendants = reader.uint32(1);
    const subtreeBytes = countOf(reader.count64(2), 'subtree bytes');
    result = { kind: 'descendants', descendants, subtreeBytes, stat: readStat(reader, 3) };
  } else if (reader.enter(15)) {
    result = { kind: 'ephemerals', paths: pathsOf(reader.texts(1)) };
  } else if (reader.enter(16)) {
    result = readSessionList(reader);
  } else if (reader.enter(17)) {
    result = readWatchList(reader);
  } else {
    return readAccessResult(reader);
  }
  reader.leave();
  return result;
}

function readAccessResult(reader: WireReader): OperationResult {
  let result: OperationResult;
  if (reader.enter(18)) {
    result = { kind: 'aclSet', stat: readStat(reader, 1) };
  } else if (reader.enter(19)) {
    const acl = readAcl(reader, 1) ?? [];
    result = { kind: 'acl', acl, stat: readStat(reader, 2) };
  } else if (reader.enter(22)) {
    result = { kind: 'permitted', permitted: reader.bool(1) };
  } else {
    const identities = decodeIdentities(reader.optionalBytes(23));
    if (identities === undefined) throw new WireError('result', 'has no kind that belongs here');
    return { kind: 'identities', identities };
  }
  reader.leave();
  return result;
}

/** An Outcome. */
export function writeClientOutcome(writer: WireWriter, field: number, outcome: Outcome): void {
  writer.open(field);
  writer.count64(1, outcome.sequence);
  writeResult(writer, 2, outcome);
  writer.fixed32(3, outcome.requestHash);
  writer.close();
}
