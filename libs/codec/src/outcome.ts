import {
  errorCodeFromNumber,
  errorCodeNumber,
  LIMIT_KINDS,
  trustedPath,
  ZNODE_KINDS,
} from '@paddock/model';
import type {
  Created,
  ErrorCode,
  Failed,
  Outcome,
  ReachedLimit,
  Refusal,
  Stat,
  TransactionResult,
  WriteResult,
  ZnodeKind,
} from '@paddock/model';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** On disk for good: a number is never used again for another kind. */
const RESULT_KINDS = {
  created: 1,
  dataSet: 2,
  deleted: 3,
  closed: 4,
  failed: 5,
  transacted: 6,
  checked: 7,
  data: 8,
  stat: 9,
  children: 10,
  quotaSet: 11,
  aclSet: 12,
  createdSequential: 13,
} as const;

const RESULT_MIN_BYTES = 1;
const NAME_MIN_BYTES = 4;

export function writeErrorCode(writer: ByteWriter, code: ErrorCode): void {
  writer.u32(errorCodeNumber(code) >>> 0);
}

export function readErrorCode(reader: ByteReader): ErrorCode {
  const number = reader.u32() | 0;
  return errorCodeFromNumber(number) ?? reader.fail(`no error code is ${number}`, 4);
}

/** By place in ZNODE_KINDS, on disk for good. */
export function readZnodeKind(reader: ByteReader): ZnodeKind {
  const place = reader.u8();
  return ZNODE_KINDS[place] ?? reader.fail(`no kind of znode is ${place}`, 1);
}

export function writeStat(writer: ByteWriter, stat: Stat): void {
  writer.zxid(stat.czxid);
  writer.zxid(stat.mzxid);
  writer.zxid(stat.pzxid);
  writer.f64(stat.ctime);
  writer.f64(stat.mtime);
  writer.f64(stat.version);
  writer.f64(stat.cversion);
  writer.f64(stat.ephemeralOwner);
  writer.u32(stat.dataLength);
  writer.u32(stat.numChildren);
  writer.u8(ZNODE_KINDS.indexOf(stat.kind));
  writer.f64(stat.ttlMs);
  writer.f64(stat.aversion);
}

export function readStat(reader: ByteReader): Stat {
  return {
    czxid: reader.zxid(),
    mzxid: reader.zxid(),
    pzxid: reader.zxid(),
    ctime: reader.f64(),
    mtime: reader.f64(),
    version: reader.safeInteger(),
    cversion: reader.safeInteger(),
    ephemeralOwner: reader.sessionId(),
    dataLength: reader.u32(),
    numChildren: reader.u32(),
    kind: readZnodeKind(reader),
    ttlMs: reader.safeInteger(),
    aversion: reader.safeInteger(),
  };
}

/** As a record of the snapshot's session section. */
export function writeOutcome(writer: ByteWriter, outcome: Outcome): void {
  const { result } = outcome;
  writer.u8(kindNumber(result));
  writer.f64(outcome.sequence);
  writer.zxid(outcome.zxid);
  writer.u32(outcome.requestHash);
  writeResult(writer, result);
}

function kindNumber(result: WriteResult | TransactionResult): number {
  const isSequential = result.kind === 'created' && result.counter !== undefined;
  return isSequential ? RESULT_KINDS.createdSequential : RESULT_KINDS[result.kind];
}

/** All of a result but its kind. */
function writeResult(writer: ByteWriter, result: WriteResult | TransactionResult): void {
  switch (result.kind) {
    case 'created':
      writer.text(result.path);
      writeStat(writer, result.stat);
      if (result.counter !== undefined) writer.u32(result.counter);
      break;
    case 'dataSet':
    case 'aclSet':
    case 'stat':
      writeStat(writer, result.stat);
      break;
    case 'data':
      writer.bytes(result.data);
      writeStat(writer, result.stat);
      break;
    case 'children':
      writer.u32(result.children.length);
      for (const name of result.children) writer.text(name);
      writeStat(writer, result.stat);
      break;
    case 'failed':
      writeFailure(writer, result);
      break;
    case 'transacted':
      writer.u8(result.succeeded ? 1 : 0);
      writer.u32(result.results.length);
      for (const it of result.results) {
        writer.u8(kindNumber(it));
        writeResult(writer, it);
      }
      break;
    case 'deleted':
    case 'closed':
    case 'quotaSet':
    case 'checked':
      break;
  }
}

/** What is there of a failure, beside its code and reason. */
const HAS_STEP = 1;
const HAS_LIMIT = 2;

export function writeFailure(writer: ByteWriter, { code, reason, step, limit }: Refusal): void {
  writeErrorCode(writer, code);
  writer.text(reason);
  writer.u8((step === undefined ? 0 : HAS_STEP) | (limit === undefined ? 0 : HAS_LIMIT));
  if (step !== undefined) {
    writer.u32(step.index >>> 0);
    writer.text(step.path);
  }
  if (limit === undefined) return;
  writer.u8(LIMIT_KINDS.indexOf(limit.kind) + 1);
  writer.text(limit.path);
  writer.f64(limit.limit);
  writer.f64(limit.use);
  writer.f64(limit.more);
}

export function readFailure(reader: ByteReader): Failed {
  const failed = { kind: 'failed', code: readErrorCode(reader), reason: reader.text() } as const;
  const parts = reader.u8();
  if (parts === 0) return failed;
  if (parts > (HAS_STEP | HAS_LIMIT)) reader.unknownKind('part of a failure', parts);
  const step =
    (parts & HAS_STEP) === 0 ? {} : { step: { index: reader.u32() | 0, path: reader.text() } };
  return (parts & HAS_LIMIT) === 0
    ? { ...failed, ...step }
    : { ...failed, ...step, limit: readLimit(reader) };
}

function readLimit(reader: ByteReader): ReachedLimit {
  const place = reader.u8();
  return {
    kind: LIMIT_KINDS[place - 1] ?? reader.fail(`no limit is ${place}`, 1),
    path: reader.text(),
    limit: reader.safeInteger(),
    use: reader.safeInteger(),
    more: reader.safeInteger(),
  };
}

function isKindOfOutcome(kind: number): boolean {
  return (
    (kind >= RESULT_KINDS.created && kind <= RESULT_KINDS.transacted) ||
    kind === RESULT_KINDS.quotaSet ||
    kind === RESULT_KINDS.aclSet ||
    kind === RESULT_KINDS.createdSequential
  );
}

export function readOutcome(reader: ByteReader): Outcome {
  const kind = reader.u8();
  if (!isKindOfOutcome(kind)) {
    reader.unknownKind('outcome', kind);
  }
  return {
    sequence: reader.safeInteger(),
    zxid: reader.zxid(),
    requestHash: reader.u32(),
    result: readResult(reader, kind),
  };
}

function readResult(reader: ByteReader, kind: number): WriteResult {
  if (kind === RESULT_KINDS.closed) return { kind: 'closed' };
  if (kind === RESULT_KINDS.quotaSet) return { kind: 'quotaSet' };
  if (kind !== RESULT_KINDS.transacted) return readChangeResult(reader, kind);
  const succeeded = reader.u8() === 1;
  const count = reader.count(RESULT_MIN_BYTES);
  const results: TransactionResult[] = [];
  for (let i = 0; i < count; i++) results.push(readTransactionResult(reader, reader.u8()));
  return { kind: 'transacted', succeeded, results };
}

function readChangeResult(reader: ByteReader, kind: number): WriteResult & TransactionResult {
  switch (kind) {
    case RESULT_KINDS.created:
      return readCreated(reader);
    case RESULT_KINDS.createdSequential:
      return { ...readCreated(reader), counter: reader.u32() };
    case RESULT_KINDS.dataSet:
      return { kind: 'dataSet', stat: readStat(reader) };
    case RESULT_KINDS.deleted:
      return { kind: 'deleted' };
    case RESULT_KINDS.aclSet:
      return { kind: 'aclSet', stat: readStat(reader) };
    default:
      return readFailure(reader);
  }
}

function readCreated(reader: ByteReader): Created {
  return { kind: 'created', path: trustedPath(reader.text()), stat: readStat(reader) };
}

function readTransactionResult(reader: ByteReader, kind: number): TransactionResult {
  switch (kind) {
    case RESULT_KINDS.checked:
      return { kind: 'checked' };
    case RESULT_KINDS.data:
      return { kind: 'data', data: reader.bytes(), stat: readStat(reader) };
    case RESULT_KINDS.stat:
      return { kind: 'stat', stat: readStat(reader) };
    case RESULT_KINDS.children: {
      const count = reader.count(NAME_MIN_BYTES);
      const children: string[] = [];
      for (let i = 0; i < count; i++) children.push(reader.text());
      return { kind: 'children', children, stat: readStat(reader) };
    }
    case RESULT_KINDS.created:
    case RESULT_KINDS.createdSequential:
    case RESULT_KINDS.dataSet:
    case RESULT_KINDS.deleted:
    case RESULT_KINDS.aclSet:
    case RESULT_KINDS.failed:
      return readChangeResult(reader, kind);
    default:
      return reader.unknownKind('result', kind);
  }
}
