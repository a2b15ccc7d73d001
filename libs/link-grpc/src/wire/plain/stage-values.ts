// What the frequent messages between stages carry: protos/paddock/stage/v1/{znode,session}.proto.
import { counterOf, createdOf, epochOf } from '@paddock/model';
import type {
  Attachment,
  Failed,
  FailedStep,
  Outcome,
  ReachedLimit,
  Refusal,
  Stat,
  WriteResult,
  Zxid,
} from '@paddock/model';
import { countOf, frontendOf, ordinalOf, sessionOrNoneOf, stagePathOf, zxidOf } from '../fields.ts';
import { WireError } from '../wire-error.ts';
import { failedOf } from '../reached-limit.ts';
import { errorCodes, limitKinds, znodeKindOf, znodeKinds } from '../words.ts';
import { readTransacted, writeTransacted } from './client-values.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** A zxid as two fields that follow each other. */
export function writeZxid(writer: WireWriter, field: number, zxid: Zxid): void {
  writer.fixed32(field, epochOf(zxid));
  writer.fixed32(field + 1, counterOf(zxid));
}

export function readZxid(reader: WireReader, field: number, name: string): Zxid {
  const epoch = reader.fixed32(field);
  return zxidOf(epoch, reader.fixed32(field + 1), name);
}

export function writeStat(writer: WireWriter, field: number, stat: Stat): void {
  writer.open(field);
  writeZxid(writer, 1, stat.czxid);
  writeZxid(writer, 3, stat.mzxid);
  writeZxid(writer, 5, stat.pzxid);
  writer.double(7, stat.ctime);
  writer.double(8, stat.mtime);
  writer.uint32(9, stat.version);
  writer.uint32(10, stat.cversion);
  writer.double(11, stat.ephemeralOwner);
  writer.uint32(12, stat.dataLength);
  writer.uint32(13, stat.numChildren);
  writer.uint32(14, znodeKinds.write(stat.kind));
  writer.double(15, stat.ttlMs);
  writer.uint32(16, stat.aversion);
  writer.close();
}

/** The fields of a Stat that has been entered. */
export function readStat(reader: WireReader): Stat {
  const stat = {
    czxid: readZxid(reader, 1, 'czxid'),
    mzxid: readZxid(reader, 3, 'mzxid'),
    pzxid: readZxid(reader, 5, 'pzxid'),
    ctime: countOf(reader.double(7), 'ctime'),
    mtime: countOf(reader.double(8), 'mtime'),
    version: reader.uint32(9),
    cversion: reader.uint32(10),
    ephemeralOwner: sessionOrNoneOf(reader.double(11), 'ephemeral owner'),
    dataLength: reader.uint32(12),
    numChildren: reader.uint32(13),
    kind: znodeKindOf(reader.uint32(14)),
    ttlMs: countOf(reader.double(15), 'ttl'),
    aversion: reader.uint32(16),
  };
  reader.leave();
  return stat;
}

export function writeAttachment(writer: WireWriter, field: number, attachment: Attachment): void {
  writer.open(field);
  writer.double(1, attachment.frontend);
  writer.double(2, attachment.connection);
  writer.double(3, attachment.attempt);
  writer.close();
}

export function readAttachment(reader: WireReader, field: number): Attachment {
  reader.enterPresent(field);
  const attachment = {
    frontend: frontendOf(reader.double(1), 'attachment front-end'),
    connection: countOf(reader.double(2), 'attachment connection'),
    attempt: countOf(reader.double(3), 'attachment attempt'),
  };
  reader.leave();
  return attachment;
}

export function writeFailed(writer: WireWriter, field: number, failed: Refusal): void {
  writer.open(field);
  writer.uint32(1, errorCodes.write(failed.code));
  writer.text(2, failed.reason);
  const { step, limit, retryAfterMs = 0 } = failed;
  if (step !== undefined) {
    writer.open(3);
    writer.sint32(1, step.index);
    writer.text(2, step.path);
    writer.close();
  }
  if (limit !== undefined) {
    writer.open(4);
    writer.uint32(1, limitKinds.write(limit.kind));
    writer.text(2, limit.path);
    writer.count64(3, limit.limit);
    writer.count64(4, limit.use);
    writer.count64(5, limit.more);
    writer.close();
  }
  writer.uint32(5, retryAfterMs);
  writer.close();
}

/** The fields of a Failed that has been entered. */
export function readFailed(reader: WireReader): Failed {
  const code = errorCodes.read(reader.uint32(1));
  const reason = reader.text(2);
  const step = reader.enter(3) ? readFailedStep(reader) : undefined;
  const limit = reader.enter(4) ? readLimit(reader) : undefined;
  const retryAfterMs = reader.uint32(5);
  reader.leave();
  return failedOf(code, reason, step, limit, retryAfterMs);
}

function readLimit(reader: WireReader): ReachedLimit {
  const limit = {
    kind: limitKinds.read(reader.uint32(1)),
    path: reader.text(2),
    limit: countOf(reader.count64(3), 'limit'),
    use: countOf(reader.count64(4), 'limit use'),
    more: countOf(reader.count64(5), 'limit more'),
  };
  reader.leave();
  return limit;
}

function readFailedStep(reader: WireReader): FailedStep {
  const step = { index: reader.sint32(1), path: reader.text(2) };
  reader.leave();
  return step;
}

export function writeOutcome(writer: WireWriter, field: number, outcome: Outcome): void {
  writer.open(field);
  writer.double(1, outcome.sequence);
  writeZxid(writer, 2, outcome.zxid);
  writer.fixed32(4, outcome.requestHash);
  const { result } = outcome;
  switch (result.kind) {
    case 'created':
      writer.open(5);
      writer.text(1, result.path);
      writeStat(writer, 2, result.stat);
      if (result.counter !== undefined) writer.presentUint32(3, result.counter);
      writer.close();
      break;
    case 'dataSet':
      writeStat(writer, 6, result.stat);
      break;
    case 'aclSet':
      writeStat(writer, 11, result.stat);
      break;
    case 'deleted':
      writer.presentBool(7, true);
      break;
    case 'closed':
      writer.presentBool(8, true);
      break;
    case 'quotaSet':
      writer.presentBool(14, true);
      break;
    case 'failed':
      writeFailed(writer, 9, result);
      break;
    case 'transacted':
      writer.open(10);
      writeTransacted(writer, result);
      writer.close();
      break;
  }
  writer.close();
}

export function readOutcome(reader: WireReader, field: number): Outcome {
  reader.enterPresent(field);
  const outcome = {
    sequence: ordinalOf(reader.double(1), 'outcome sequence'),
    zxid: readZxid(reader, 2, 'outcome zxid'),
    requestHash: reader.fixed32(4),
    result: readWriteResult(reader),
  };
  reader.leave();
  return outcome;
}

function readWriteResult(reader: WireReader): WriteResult {
  if (reader.enter(5)) {
    const path = stagePathOf(reader.text(1), 'created path');
    reader.enterPresent(2);
    const stat = readStat(reader);
    const counter = reader.optionalUint32(3);
    reader.leave();
    return createdOf(path, stat, counter);
  }
  if (reader.enter(6)) return { kind: 'dataSet', stat: readStat(reader) };
  if (reader.hasBool(7)) return { kind: 'deleted' };
  if (reader.hasBool(8)) return { kind: 'closed' };
  if (reader.enter(9)) return readFailed(reader);
  if (reader.enter(10)) return readTransacted(reader);
  if (reader.enter(11)) return { kind: 'aclSet', stat: readStat(reader) };
  if (reader.hasBool(14)) return { kind: 'quotaSet' };
  throw new WireError('outcome result', 'is missing');
}
