import type { LogEntry, Zxid } from '@paddock/model';
import type { Segment } from './segment.ts';
import { readRecord, RECORD_BYTES, recordLength, viewOf } from './segment-format.ts';
import { TxnLogError } from './txn-log-error.ts';

/** Read at once beside what is wanted: as much as the index leaves to be skipped. */
const SKIPPED_BYTES = 64 * 1024;

/**
 * Entries of the segments behind `after`, in order: at least one if there is one, then until `maxBytes` of payload are
 * reached or a segment ends. Only durable ones. Throws TxnLogError on damage, DiskError.
 */
export function readEntries(
  segments: readonly Segment[],
  after: Zxid,
  maxBytes: number,
): LogEntry[] {
  for (const segment of segments) {
    if (segment.last <= after) continue;
    const entries = readSegment(segment, after, maxBytes);
    if (entries.length > 0) return entries;
  }
  return [];
}

function readSegment(segment: Segment, after: Zxid, maxBytes: number): LogEntry[] {
  const entries: LogEntry[] = [];
  const from = segment.offsetBefore(after);
  let want = maxBytes + SKIPPED_BYTES;
  let bytes = segment.file.read(from, Math.min(want, segment.durableEnd - from));
  let view = viewOf(bytes);
  let offset = 0;
  let payloadBytes = 0;
  while (from + offset < segment.durableEnd && payloadBytes < maxBytes) {
    const length = recordLength(bytes, view, offset) ?? RECORD_BYTES;
    if (offset + length > bytes.length && from + bytes.length < segment.durableEnd) {
      if (entries.length > 0) break;
      // One large record: read as much as it says it has.
      want = offset + Math.max(length, SKIPPED_BYTES);
      const more = segment.file.read(from, Math.min(want, segment.durableEnd - from));
      if (more.length > bytes.length) {
        bytes = more;
        view = viewOf(bytes);
        continue;
      }
    }
    const record = readRecord(bytes, view, offset);
    if (record === undefined) {
      const reason = 'there is no whole record, though it was durable';
      throw new TxnLogError({
        code: 'damaged',
        segment: segment.name,
        offset: from + offset,
        reason,
      });
    }
    offset = record.end;
    if (record.zxid <= after) continue;
    const payload = bytes.subarray(record.start + RECORD_BYTES, record.end);
    entries.push({ zxid: record.zxid, kind: record.kind, payload });
    payloadBytes += payload.length + RECORD_BYTES;
  }
  return entries;
}

/**
 * The last entries behind `after` and before `before`, in order: at least one if there is one, about `maxBytes` of
 * them, of one segment. Only durable ones. Throws TxnLogError on damage, DiskError.
 */
export function readEntriesBelow(
  segments: readonly Segment[],
  after: Zxid,
  before: Zxid,
  maxBytes: number,
): LogEntry[] {
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i];
    if (segment === undefined || segment.first >= before) continue;
    if (segment.last <= after) return [];
    const { from, to } = segment.offsetsBelow(before, maxBytes);
    const entries = readRange(segment, from, to, after, before);
    if (entries.length > 0) return entries;
  }
  return [];
}

function readRange(
  segment: Segment,
  from: number,
  to: number,
  after: Zxid,
  before: Zxid,
): LogEntry[] {
  const entries: LogEntry[] = [];
  const bytes = segment.file.read(from, to - from);
  const view = viewOf(bytes);
  for (let offset = 0; from + offset < to;) {
    const record = readRecord(bytes, view, offset);
    if (record === undefined) {
      const reason = 'there is no whole record, though it was durable';
      const place = { segment: segment.name, offset: from + offset };
      throw new TxnLogError({ code: 'damaged', ...place, reason });
    }
    offset = record.end;
    if (record.zxid <= after) continue;
    if (record.zxid >= before) break;
    const payload = bytes.subarray(record.start + RECORD_BYTES, record.end);
    entries.push({ zxid: record.zxid, kind: record.kind, payload });
  }
  return entries;
}

export interface LogEnd {
  readonly zxid: Zxid;
  /** Behind the record. */
  readonly offset: number;
  readonly checksum: number;
}

/** The last record at or below `zxid`; null if the segment has none. Throws TxnLogError on damage, DiskError. */
export function endOf(segment: Segment, zxid: Zxid): LogEnd | null {
  const from = segment.offsetBefore(zxid);
  const bytes = segment.file.read(from, segment.durableEnd - from);
  const view = viewOf(bytes);
  let end: LogEnd | null = null;
  for (let offset = 0; offset < bytes.length;) {
    const record = readRecord(bytes, view, offset);
    if (record === undefined) {
      const reason = 'there is no whole record, though it was durable';
      const place = { segment: segment.name, offset: from + offset };
      throw new TxnLogError({ code: 'damaged', ...place, reason });
    }
    if (record.zxid > zxid) break;
    offset = record.end;
    end = { zxid: record.zxid, offset: from + offset, checksum: record.checksum };
  }
  return end;
}
