import { decodeConfiguration, decodeRestoration } from '@paddock/codec';
import { epochOf, follows, formatZxid, maxZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { DiskFile } from '@paddock/ports';
import type { DatedConfiguration, DatedRestoration } from './memberships.ts';
import { Segment } from './segment.ts';
import {
  FORMAT,
  HEADER_BYTES,
  readHeader,
  readRecord,
  RECORD_BYTES,
  viewOf,
} from './segment-format.ts';
import { TxnLogError } from './txn-log-error.ts';

/** Where the log stands before a segment. */
export interface LogPosition {
  readonly last: Zxid;
  /** Checksum of the last record; null: unknown, as the segments before are purged. */
  readonly checksum: number | null;
}

/** Bytes at the end of the last segment that are no whole record: a batch that was never acknowledged. */
export interface TornTail {
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface SegmentScan {
  /** Null: not even its header is whole. */
  readonly segment: Segment | null;
  /** The highest commit point that a record names; 0: none names one. */
  readonly committed: Zxid;
  readonly configurations: readonly DatedConfiguration[];
  readonly restorations: readonly DatedRestoration[];
  /** The last entry of each epoch, ascending. */
  readonly epochEnds: readonly Zxid[];
  readonly torn: TornTail | null;
}

function damaged(file: DiskFile, offset: number, reason: string): TxnLogError {
  return new TxnLogError({ code: 'damaged', segment: file.name, offset, reason });
}

/**
 * Reads a segment from its header to its end. In the last one, bytes behind the last whole record are
 * a torn tail, unless something behind them proves that they were durable; anywhere else they are
 * damage. Throws TxnLogError.
 */
export function scanSegment(
  file: DiskFile,
  generation: number,
  position: LogPosition,
  isLast: boolean,
): SegmentScan {
  const bytes = file.read(0, file.size);
  const segment = openSegment(file, bytes, generation, position);
  if (segment === null) {
    const torn = tornTail(file, bytes, 0, position.last, isLast);
    const nothing = { configurations: [], restorations: [], epochEnds: [] };
    return { segment: null, committed: ZXID_ZERO, ...nothing, torn };
  }
  const view = viewOf(bytes);
  const configurations: DatedConfiguration[] = [];
  const restorations: DatedRestoration[] = [];
  const epochEnds: Zxid[] = [];
  let committed = ZXID_ZERO;
  let offset = HEADER_BYTES;
  for (;;) {
    const record = readRecord(bytes, view, offset);
    if (record?.previous !== segment.lastChecksum) break;
    if (!follows(segment.last, record.zxid)) {
      const order = `entry ${formatZxid(record.zxid)} cannot stand behind ${formatZxid(segment.last)}`;
      throw damaged(file, offset, order);
    }
    segment.noteRecord(record.zxid, offset);
    noteEpochEnd(epochEnds, record.zxid);
    segment.lastChecksum = record.checksum;
    committed = maxZxid(committed, record.committed);
    const payload = bytes.subarray(record.start + RECORD_BYTES, record.end);
    if (record.kind === 'configuration') {
      configurations.push({ zxid: record.zxid, configuration: decodeConfiguration(payload) });
    } else if (record.kind === 'restoration') {
      restorations.push({ zxid: record.zxid, ...decodeRestoration(payload) });
    }
    offset = record.end;
  }
  segment.cut(offset, segment.last, segment.lastChecksum);
  const torn = tornTail(file, bytes, offset, segment.last, isLast);
  return { segment, committed, configurations, restorations, epochEnds, torn };
}

/** `zxid` is the last entry of its epoch so far. */
export function noteEpochEnd(epochEnds: Zxid[], zxid: Zxid): void {
  const before = epochEnds.at(-1);
  if (before !== undefined && epochOf(before) === epochOf(zxid)) epochEnds.pop();
  epochEnds.push(zxid);
}

/** Null where the header is not whole. */
function openSegment(
  file: DiskFile,
  bytes: Uint8Array,
  generation: number,
  position: LogPosition,
): Segment | null {
  const header = readHeader(bytes);
  if (header === undefined) return null;
  if (header.format !== FORMAT) {
    throw new TxnLogError({ code: 'newerFormat', file: file.name, version: header.format });
  }
  if (header.generation !== generation) {
    throw damaged(file, 0, `it says that it is of generation ${header.generation}`);
  }
  const continues = position.checksum === null || position.checksum === header.previous;
  if (!continues || (position.checksum !== null && header.after !== position.last)) {
    const after = formatZxid(header.after);
    throw damaged(
      file,
      0,
      `it continues behind entry ${after}, the log before it ends at ${formatZxid(position.last)}`,
    );
  }
  const segment = new Segment(file, header);
  segment.lastChecksum = header.checksum;
  return segment;
}

/** What stands behind the last whole record; null if nothing does but zeros. */
function tornTail(
  file: DiskFile,
  bytes: Uint8Array,
  offset: number,
  last: Zxid,
  isLast: boolean,
): TornTail | null {
  if (offset > 0 && isZero(bytes, offset)) return null;
  if (!isLast) {
    throw damaged(file, offset, 'there is no whole record, but there are later segments');
  }
  const proof = laterBatch(bytes, offset, last);
  if (proof >= 0) {
    throw damaged(
      file,
      offset,
      `there is no whole record, but a later batch has one at byte ${proof}`,
    );
  }
  return { segment: file.name, offset, bytes: bytes.length - offset };
}

function isZero(bytes: Uint8Array, from: number): boolean {
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/**
 * Offset of a whole record whose batch begins behind `offset`: it was written after a sync of what stands there.
 * Older zxids are what an earlier truncation left behind, and prove nothing (H10). -1: none.
 */
function laterBatch(bytes: Uint8Array, offset: number, last: Zxid): number {
  const view = viewOf(bytes);
  for (let start = offset + 1; start + RECORD_BYTES <= bytes.length; start++) {
    const kind = bytes[start + 15] ?? 0;
    if (kind === 0 || kind > 3) continue;
    const batch = view.getUint32(start + 16);
    if (batch <= offset || batch > start) continue;
    const record = readRecord(bytes, view, start);
    if (record !== undefined && record.zxid > last) return start;
  }
  return -1;
}
