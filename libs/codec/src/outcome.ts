import { errorCodeFromNumber, errorCodeNumber, trustedPath, ZNODE_KINDS } from '@paddock/model';
import type { ErrorCode, Outcome, Stat, WriteResult, ZnodeKind } from '@paddock/model';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** On disk for good: a number is never used again for another kind. */
const RESULT_KINDS = { created: 1, dataSet: 2, deleted: 3, closed: 4, failed: 5 } as const;

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
  };
}

/** As a record of the snapshot's session section. */
export function writeOutcome(writer: ByteWriter, outcome: Outcome): void {
  const { result } = outcome;
  writer.u8(RESULT_KINDS[result.kind]);
  writer.f64(outcome.sequence);
  writer.zxid(outcome.zxid);
  writer.u32(outcome.requestHash);
  switch (result.kind) {
    case 'created':
      writer.text(result.path);
      writeStat(writer, result.stat);
      break;
    case 'dataSet':
      writeStat(writer, result.stat);
      break;
    case 'failed':
      writeErrorCode(writer, result.code);
      writer.text(result.reason);
      break;
    case 'deleted':
    case 'closed':
      break;
  }
}

export function readOutcome(reader: ByteReader): Outcome {
  const kind = reader.u8();
  if (kind < RESULT_KINDS.created || kind > RESULT_KINDS.failed) {
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
  switch (kind) {
    case RESULT_KINDS.created:
      return { kind: 'created', path: trustedPath(reader.text()), stat: readStat(reader) };
    case RESULT_KINDS.dataSet:
      return { kind: 'dataSet', stat: readStat(reader) };
    case RESULT_KINDS.deleted:
      return { kind: 'deleted' };
    case RESULT_KINDS.closed:
      return { kind: 'closed' };
    default:
      return { kind: 'failed', code: readErrorCode(reader), reason: reader.text() };
  }
}
