import type { Zxid } from '@paddock/model';
import type { DiskFile } from '@paddock/ports';
import { HEADER_BYTES } from './segment-format.ts';

/** Bytes between two entries of the index: what a read may have to skip. */
const INDEX_STEP = 64 * 1024;

/** One file of the log, open. Invariant: durableEnd ≤ end ≤ the file's size (what is behind the end is zeros). */
export class Segment {
  readonly name: string;
  readonly file: DiskFile;
  readonly generation: number;
  readonly first: Zxid;
  readonly after: Zxid;
  readonly previous: number;
  last: Zxid;
  /** Checksum of the last record, or of the header. */
  lastChecksum: number;
  /** Bytes written or being written; 0 while there is no header. */
  end = 0;
  durableEnd = 0;
  /** Where the zeros that were written ahead end. */
  filledEnd = 0;

  /** Zxid and offset of a record every INDEX_STEP bytes. */
  #indexZxids: Zxid[] = [];
  #indexOffsets: number[] = [];

  constructor(
    file: DiskFile,
    place: {
      readonly generation: number;
      readonly first: Zxid;
      readonly after: Zxid;
      readonly previous: number;
    },
  ) {
    this.name = file.name;
    this.file = file;
    this.generation = place.generation;
    this.first = place.first;
    this.after = place.after;
    this.previous = place.previous;
    this.last = place.after;
    this.lastChecksum = place.previous;
  }

  noteRecord(zxid: Zxid, offset: number): void {
    this.last = zxid;
    const indexed = this.#indexOffsets[this.#indexOffsets.length - 1] ?? HEADER_BYTES;
    if (offset - indexed < INDEX_STEP) return;
    this.#indexZxids.push(zxid);
    this.#indexOffsets.push(offset);
  }

  /** Where to start looking for the record behind `zxid`: at it or before it. */
  offsetBefore(zxid: Zxid): number {
    let low = 0;
    let high = this.#indexZxids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#indexZxids[middle] ?? Infinity) <= zxid) low = middle + 1;
      else high = middle;
    }
    return this.#indexOffsets[low - 1] ?? HEADER_BYTES;
  }

  /**
   * Between which offsets the last records below `before` lie, about `maxBytes` of them and at least one: whole records
   * of which some at the end may be behind it. The segment begins below `before`.
   */
  offsetsBelow(before: Zxid, maxBytes: number): { readonly from: number; readonly to: number } {
    let next = 0;
    while ((this.#indexZxids[next] ?? Infinity) < before) next++;
    const to = Math.min(this.#indexOffsets[next] ?? this.durableEnd, this.durableEnd);
    // The record of the index before that one is below `before`.
    let first = next - 1;
    while (first > 0 && to - (this.#indexOffsets[first - 1] ?? 0) <= maxBytes) first--;
    const offset = this.#indexOffsets[first] ?? HEADER_BYTES;
    const isWhole = to - HEADER_BYTES <= maxBytes;
    return { from: isWhole ? HEADER_BYTES : offset, to };
  }

  /** The segment now ends with this record, or with its header. */
  cut(end: number, last: Zxid, checksum: number): void {
    this.end = end;
    this.durableEnd = end;
    this.filledEnd = end;
    this.last = last;
    this.lastChecksum = checksum;
    const kept = this.#indexOffsets.findIndex((offset) => offset >= end);
    if (kept >= 0) {
      this.#indexOffsets.length = kept;
      this.#indexZxids.length = kept;
    }
  }
}
