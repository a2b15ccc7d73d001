import {
  ByteWriter,
  decodeConfiguration,
  encodeConfiguration,
  readTermMarker,
  writeTermMarker,
} from '@paddock/codec';
import type { ByteReader } from '@paddock/codec';
import type { EnsembleConfiguration, TermAnnouncement, Zxid } from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import type { Digest } from '../digest.ts';

/** What a chunk of a snapshot holds: its first byte. On disk for good. */
export const HEADER_CHUNK = 1;
export const SESSIONS_CHUNK = 2;
export const ZNODES_CHUNK = 3;
export const END_CHUNK = 4;
/** There where there are quotas. */
export const QUOTAS_CHUNK = 5;

const FORMAT = 1;

export interface SnapshotHeader {
  readonly zxid: Zxid;
  /** Time of the last transaction. */
  readonly time: number;
  readonly term: TermAnnouncement | null;
  readonly configuration: EnsembleConfiguration | null;
}

/** What the tables must come to once everything has been read. */
export interface SnapshotEnd {
  /** CRC-32C of the header's chunk: no digest covers what stands there. */
  readonly headerChecksum: number;
  readonly znodes: number;
  readonly sessions: number;
  readonly znodesDigest: Digest;
  readonly sessionsDigest: Digest;
}

export function headerChunk(state: DatabaseState): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(HEADER_CHUNK);
  writer.u32(FORMAT);
  writer.zxid(state.applied);
  writer.f64(state.time);
  writer.u8(state.term === null ? 0 : 1);
  if (state.term !== null) writeTermMarker(writer, state.term);
  writer.u8(state.configuration === null ? 0 : 1);
  if (state.configuration !== null) writer.bytes(encodeConfiguration(state.configuration));
  return writer.take();
}

/** The reader stands behind the kind. Throws CodecError. */
export function readHeader(reader: ByteReader): SnapshotHeader {
  const format = reader.u32();
  if (format !== FORMAT) reader.unknownKind('snapshot format', format);
  const header = {
    zxid: reader.zxid(),
    time: reader.f64(),
    term: reader.u8() === 0 ? null : readTermMarker(reader),
    configuration: reader.u8() === 0 ? null : decodeConfiguration(reader.bytesView()),
  };
  reader.expectEnd();
  return header;
}

export function endChunk(end: SnapshotEnd): Uint8Array {
  const writer = new ByteWriter(64);
  writer.u8(END_CHUNK);
  writer.u32(end.headerChecksum);
  writer.f64(end.znodes);
  writer.f64(end.sessions);
  writeDigest(writer, end.znodesDigest);
  writeDigest(writer, end.sessionsDigest);
  return writer.take();
}

/** The reader stands behind the kind. Throws CodecError. */
export function readEnd(reader: ByteReader): SnapshotEnd {
  const end = {
    headerChecksum: reader.u32(),
    znodes: reader.safeInteger(),
    sessions: reader.safeInteger(),
    znodesDigest: readDigest(reader),
    sessionsDigest: readDigest(reader),
  };
  reader.expectEnd();
  return end;
}

export function chunkOf(kind: number, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(1 + content.length);
  chunk[0] = kind;
  chunk.set(content, 1);
  return chunk;
}

function writeDigest(writer: ByteWriter, digest: Digest): void {
  writer.u32(digest.high);
  writer.u32(digest.low);
}

function readDigest(reader: ByteReader): Digest {
  return { high: reader.u32(), low: reader.u32() };
}
