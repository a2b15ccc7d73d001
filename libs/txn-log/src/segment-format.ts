import { crc32 } from 'node:zlib';
import { isEpoch, makeZxid, unreachable } from '@paddock/model';
import type { EntryKind, Zxid } from '@paddock/model';

/*
 * A segment is a header and records; all numbers are big-endian 32-bit words.
 *
 * header  magic (8 bytes) · format · generation · zxid of the first record (2) · zxid before it (2) ·
 *         checksum of the record before it · checksum of all this
 * record  checksum of the rest · checksum of the record before · length of the payload · kind ·
 *         offset of the batch's first byte · zxid (2) · commit zxid known then (2) · payload
 *
 * Each checksum covers its predecessor's, so stale or torn bytes never continue a log (H10), yet each record can be
 * checked by itself. Batches are written one at a time, each after the sync of the one before: a valid record of a
 * batch that starts behind a bad record proves that the bad one was durable.
 */

export const FORMAT = 1;
export const HEADER_BYTES = 40;
export const RECORD_BYTES = 36;
/** Offsets are 32-bit words. */
export const SEGMENT_BYTES_MAX = 2 ** 32 - 1;

const MAGIC = [0x50, 0x41, 0x44, 0x44, 0x4c, 0x4f, 0x47, 0x0a];

export function kindNumber(kind: EntryKind): number {
  switch (kind) {
    case 'data':
      return 1;
    case 'termMarker':
      return 2;
    case 'configuration':
      return 3;
    case 'restoration':
      return 4;
    default:
      return unreachable(kind);
  }
}

function kindFromNumber(value: number): EntryKind | undefined {
  if (value === 1) return 'data';
  if (value === 2) return 'termMarker';
  if (value === 3) return 'configuration';
  return value === 4 ? 'restoration' : undefined;
}

export interface SegmentHeader {
  readonly format: number;
  readonly generation: number;
  readonly first: Zxid;
  /** The entry before the segment's first. */
  readonly after: Zxid;
  /** Checksum of that entry's record; 0 at the start of a generation. */
  readonly previous: number;
  readonly checksum: number;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Zxids are split into words here by arithmetic: this runs once an entry. */
export function setZxid(view: DataView, offset: number, zxid: Zxid): void {
  const counter = zxid % 2 ** 32;
  view.setUint32(offset, (zxid - counter) / 2 ** 32);
  view.setUint32(offset + 4, counter);
}

function getZxid(view: DataView, offset: number): Zxid | undefined {
  const epoch = view.getUint32(offset);
  return isEpoch(epoch) ? makeZxid(epoch, view.getUint32(offset + 4)) : undefined;
}

/** Writes a header to the start of `bytes` and returns its checksum. */
export function writeHeader(
  bytes: Uint8Array,
  header: Omit<SegmentHeader, 'format' | 'checksum'>,
  format = FORMAT,
): number {
  const view = viewOf(bytes);
  bytes.set(MAGIC);
  view.setUint32(8, format);
  view.setUint32(12, header.generation);
  setZxid(view, 16, header.first);
  setZxid(view, 24, header.after);
  view.setUint32(32, header.previous);
  const checksum = crc32(bytes.subarray(0, 36));
  view.setUint32(36, checksum);
  return checksum;
}

export function readHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const view = viewOf(bytes);
  const checksum = view.getUint32(36);
  if (crc32(bytes.subarray(0, 36)) !== checksum) return undefined;
  const first = getZxid(view, 16);
  const after = getZxid(view, 24);
  if (first === undefined || after === undefined) return undefined;
  return {
    format: view.getUint32(8),
    generation: view.getUint32(12),
    first,
    after,
    previous: view.getUint32(32),
    checksum,
  };
}

export interface LogRecord {
  readonly zxid: Zxid;
  readonly kind: EntryKind;
  readonly committed: Zxid;
  readonly checksum: number;
  readonly previous: number;
  /** Where its batch begins. */
  readonly batch: number;
  /** Where it begins and ends within the bytes it was read from. */
  readonly start: number;
  readonly end: number;
}

/** The record at `start`, if those bytes are one: whole, plausible and with the checksum that they name. */
export function readRecord(
  bytes: Uint8Array,
  view: DataView,
  start: number,
): LogRecord | undefined {
  if (start + RECORD_BYTES > bytes.length) return undefined;
  const kind = kindFromNumber(view.getUint32(start + 12));
  if (kind === undefined) return undefined;
  const end = start + RECORD_BYTES + view.getUint32(start + 8);
  if (end > bytes.length) return undefined;
  const zxid = getZxid(view, start + 20);
  const committed = getZxid(view, start + 28);
  if (zxid === undefined || committed === undefined) return undefined;
  const checksum = view.getUint32(start);
  if (crc32(bytes.subarray(start + 4, end)) !== checksum) return undefined;
  const previous = view.getUint32(start + 4);
  const batch = view.getUint32(start + 16);
  return { zxid, kind, committed, checksum, previous, batch, start, end };
}

/** How long the record at `start` says it is; undefined where its header is not whole. */
export function recordLength(bytes: Uint8Array, view: DataView, start: number): number | undefined {
  if (start + RECORD_BYTES > bytes.length) return undefined;
  return RECORD_BYTES + view.getUint32(start + 8);
}

const NAME = /^log\.(\d{1,10})\.([0-9a-f]{16})$/;

export function segmentName(generation: number, first: Zxid): string {
  const counter = first % 2 ** 32;
  const epoch = (first - counter) / 2 ** 32;
  const hex = epoch.toString(16).padStart(8, '0') + counter.toString(16).padStart(8, '0');
  return `log.${generation}.${hex}`;
}

/** The generation in a segment's name; undefined for other files. */
export function segmentGeneration(name: string): number | undefined {
  const match = NAME.exec(name);
  return match === null ? undefined : Number(match[1]);
}
