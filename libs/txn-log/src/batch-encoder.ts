import { crc32 } from 'node:zlib';
import type { LogEntry, Zxid } from '@paddock/model';
import type { Segment } from './segment.ts';
import {
  HEADER_BYTES,
  kindNumber,
  RECORD_BYTES,
  setZxid,
  viewOf,
  writeHeader,
} from './segment-format.ts';

/** Payloads up to here are copied beside their headers, so that a batch is few chunks; larger ones are not copied. */
const COPIED_BYTES = 16 * 1024;

const NO_BYTES = new Uint8Array(0);

function copiedBytes(entry: LogEntry): number {
  const length = entry.payload.length;
  return length <= COPIED_BYTES ? RECORD_BYTES + length : RECORD_BYTES;
}

/**
 * Encodes one batch at a time into memory of its own, which is used again: the chunks of a batch are good until the
 * next one is encoded.
 */
export class BatchEncoder {
  chunks: Uint8Array[] = [];
  /** Bytes of the batch. */
  length = 0;

  #bytes = NO_BYTES;
  #view = viewOf(NO_BYTES);
  /** What of #bytes is not yet in a chunk. */
  #from = 0;
  #to = 0;

  /**
   * Encodes entries from `from` up to `to` behind what the segment has, with a header if it has nothing yet, and moves
   * the segment's end and checksum on.
   */
  encode(
    segment: Segment,
    entries: readonly LogEntry[],
    from: number,
    to: number,
    committed: Zxid,
  ): void {
    this.#prepare(entries, from, to);
    const batch = segment.end;
    if (batch === 0) {
      segment.lastChecksum = writeHeader(this.#bytes, segment);
      this.#to = HEADER_BYTES;
    }
    let position = batch + this.#to;
    let previous = segment.lastChecksum;
    for (let i = from; i < to; i++) {
      const entry = entries[i];
      if (entry === undefined) break;
      segment.noteRecord(entry.zxid, position);
      previous = this.#record(entry, previous, batch, committed);
      position += RECORD_BYTES + entry.payload.length;
    }
    this.#cut();
    this.length = position - batch;
    segment.end = position;
    segment.lastChecksum = previous;
  }

  #record(entry: LogEntry, previous: number, batch: number, committed: Zxid): number {
    const { payload } = entry;
    const start = this.#to;
    const view = this.#view;
    view.setUint32(start + 4, previous);
    view.setUint32(start + 8, payload.length);
    view.setUint32(start + 12, kindNumber(entry.kind));
    view.setUint32(start + 16, batch);
    setZxid(view, start + 20, entry.zxid);
    setZxid(view, start + 28, committed);
    const isCopied = payload.length <= COPIED_BYTES;
    if (isCopied) this.#bytes.set(payload, start + RECORD_BYTES);
    const end = start + copiedBytes(entry);
    let checksum = crc32(this.#bytes.subarray(start + 4, end));
    if (!isCopied) checksum = crc32(payload, checksum);
    view.setUint32(start, checksum);
    this.#to = end;
    if (!isCopied) {
      this.#cut();
      this.chunks.push(payload);
    }
    return checksum;
  }

  #cut(): void {
    if (this.#to > this.#from) this.chunks.push(this.#bytes.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #prepare(entries: readonly LogEntry[], from: number, to: number): void {
    let size = HEADER_BYTES;
    for (let i = from; i < to; i++) {
      const entry = entries[i];
      if (entry !== undefined) size += copiedBytes(entry);
    }
    if (size > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(size, this.#bytes.length * 2));
      this.#view = viewOf(this.#bytes);
    }
    this.chunks = [];
    this.#from = 0;
    this.#to = 0;
  }
}
