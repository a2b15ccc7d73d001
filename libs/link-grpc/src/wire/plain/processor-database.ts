// The frequent messages of protos/paddock/processor_database/v1: look-ups of znodes, their answers.
import type {
  Access,
  LookUpReply,
  LookUpRequest,
  ZnodePath,
  ZnodeRecord,
  Zxid,
} from '@paddock/model';
import { decodeAccess, encodeAccess } from '../acl.ts';
import { countOf, ordinalOf, sessionOrNoneOf, stagePathOf } from '../fields.ts';
import { znodeKindOf, znodeKinds } from '../words.ts';
import { readZxid, writeZxid } from './stage-values.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** A LookUpRequest whose query is of znodes. */
export function writeZnodesQuery(
  writer: WireWriter,
  lookUp: number,
  floor: Zxid,
  paths: readonly ZnodePath[],
): void {
  writer.double(1, lookUp);
  writeZxid(writer, 2, floor);
  writer.open(4);
  for (const path of paths) writer.presentText(1, path);
  writer.close();
}

export function readPlainRequest(reader: WireReader): LookUpRequest | null {
  const lookUp = ordinalOf(reader.double(1), 'look-up number');
  const floor = readZxid(reader, 2, 'look-up floor');
  if (!reader.enter(4)) return null;
  const paths: ZnodePath[] = [];
  for (let path = reader.optionalText(1); path !== undefined; path = reader.optionalText(1)) {
    paths.push(stagePathOf(path, 'look-up path'));
  }
  reader.leave();
  return { lookUp, floor, query: { kind: 'znodes', paths } };
}

/** A LookUpReply whose answer is of znodes. */
export function writeZnodesAnswer(
  writer: WireWriter,
  lookUp: number,
  zxid: Zxid,
  records: readonly (ZnodeRecord | null)[],
): void {
  writeZxid(writer, 1, zxid);
  writer.double(3, lookUp);
  writer.open(5);
  for (const record of records) writeRecord(writer, 1, record);
  writer.close();
}

function writeRecord(writer: WireWriter, field: number, record: ZnodeRecord | null): void {
  writer.open(field);
  if (record === null) {
    writer.bool(1, true);
  } else {
    writer.uint32(2, record.version);
    writer.uint32(3, record.cversion);
    writer.double(4, record.creates);
    writer.uint32(5, record.numChildren);
    writer.double(6, record.ephemeralOwner);
    writer.uint32(7, znodeKinds.write(record.kind));
    writer.double(8, record.ttlMs);
    writer.double(9, record.mtime);
    writeZxid(writer, 10, record.czxid);
    writeZxid(writer, 12, record.mzxid);
    writer.uint32(14, record.dataLength);
    if (record.access !== undefined) writer.presentBytes(15, encodeAccess(record.access));
  }
  writer.close();
}

export function readPlainReply(reader: WireReader): LookUpReply | null {
  const zxid = readZxid(reader, 1, 'look-up zxid');
  const lookUp = countOf(reader.double(3), 'look-up number');
  if (!reader.enter(5)) return null;
  const records: (ZnodeRecord | null)[] = [];
  while (reader.enter(1)) {
    const isAbsent = reader.bool(1);
    records.push(isAbsent ? null : readRecord(reader));
    reader.leave();
  }
  reader.leave();
  ordinalOf(lookUp, 'look-up number');
  return { kind: 'answer', lookUp, zxid, answer: { kind: 'znodes', records } };
}

function readRecord(reader: WireReader): ZnodeRecord {
  return {
    version: reader.uint32(2),
    cversion: reader.uint32(3),
    creates: countOf(reader.double(4), 'record creates'),
    numChildren: reader.uint32(5),
    ephemeralOwner: sessionOrNoneOf(reader.double(6), 'record owner'),
    kind: znodeKindOf(reader.uint32(7)),
    ttlMs: countOf(reader.double(8), 'record ttl'),
    mtime: countOf(reader.double(9), 'record mtime'),
    czxid: readZxid(reader, 10, 'record czxid'),
    mzxid: readZxid(reader, 12, 'record mzxid'),
    dataLength: reader.uint32(14),
    access: readAccess(reader),
  };
}

function readAccess(reader: WireReader): Access | undefined {
  const bytes = reader.optionalBytes(15);
  return bytes === undefined ? undefined : decodeAccess(bytes);
}
