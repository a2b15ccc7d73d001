import { assert } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { CodecError } from './codec-error.ts';
import { crc32c } from './crc32c.ts';

/**
 * A snapshot's file is a head, the chunks in frames, and an end:
 *   head   magic (8 bytes), format version, zxid (8), checksum
 *   frame  length of the chunk, checksum; the chunk
 *   end    a length of 0, checksum, number of chunks, their bytes (8)
 * All words have 32 bits, big-endian. A checksum is seeded by the one before it, so that a frame holds
 * only in its place, and a file without its end is torn.
 */

/** Raised when an older program could not read what is written. */
export const SNAPSHOT_FORMAT = 1;
export const SNAPSHOT_HEAD_BYTES = 24;
export const SNAPSHOT_FRAME_BYTES = 8;
export const SNAPSHOT_END_BYTES = 20;
/** A longer chunk is damage, found before anything of that length is allocated. */
export const SNAPSHOT_CHUNK_BYTES_MAX = 64 * 1024 * 1024;

const MAGIC = Uint8Array.from([0x50, 0x61, 0x64, 0x64, 0x6f, 0x63, 0x6b, 0x53]);

/** Makes head, frames and end of one file, in this order. */
export class SnapshotFrameWriter {
  readonly #writer = new ByteWriter(32);
  #checksum = 0;
  #chunks = 0;
  #bytes = 0;

  head(zxid: Zxid): Uint8Array {
    this.#writer.rawBytes(MAGIC);
    this.#writer.u32(SNAPSHOT_FORMAT);
    this.#writer.zxid(zxid);
    this.#checksum = crc32c(this.#writer.peek());
    this.#writer.u32(this.#checksum);
    return this.#writer.take();
  }

  /** What goes in front of the chunk. */
  frame(chunk: Uint8Array): Uint8Array {
    const { length } = chunk;
    assert(length > 0 && length <= SNAPSHOT_CHUNK_BYTES_MAX, 'a chunk has 1 byte to 64 MiB');
    this.#chunks++;
    this.#bytes += length;
    this.#writer.u32(length);
    this.#checksum = crc32c(chunk, crc32c(this.#writer.peek(), this.#checksum));
    this.#writer.u32(this.#checksum);
    return this.#writer.take();
  }

  end(): Uint8Array {
    this.#writer.u32(0);
    this.#writer.u32(0);
    this.#writer.u32(this.#chunks);
    this.#writer.f64(this.#bytes);
    const checksum = crc32c(this.#writer.peek(), this.#checksum);
    this.#writer.patchU32(4, checksum);
    return this.#writer.take();
  }
}

/** Checks what a SnapshotFrameWriter made, piece by piece. Throws CodecError. */
export class SnapshotFrameReader {
  #checksum = 0;
  #chunks = 0;
  #bytes = 0;
  #length = 0;
  #expected = 0;

  head(bytes: Uint8Array): Zxid {
    const reader = new ByteReader(bytes);
    const isMagic = MAGIC.every((byte) => reader.u8() === byte);
    if (!isMagic) reader.fail('not a snapshot');
    const format = reader.u32();
    this.#checksum = crc32c(bytes, 0, 0, SNAPSHOT_HEAD_BYTES - 4);
    const stored = new ByteReader(bytes, SNAPSHOT_HEAD_BYTES - 4).u32();
    if (stored !== this.#checksum) reader.fail('a head with a wrong checksum');
    if (format !== SNAPSHOT_FORMAT) {
      throw new CodecError('unknownKind', MAGIC.length, `unknown snapshot format ${format}`);
    }
    return reader.zxid();
  }

  /** The length of the chunk that follows; 0 says that this is the end's beginning. */
  frame(bytes: Uint8Array): number {
    const reader = new ByteReader(bytes);
    this.#length = reader.u32();
    this.#expected = reader.u32();
    if (this.#length > SNAPSHOT_CHUNK_BYTES_MAX) reader.fail('a chunk of impossible length');
    return this.#length;
  }

  chunk(chunk: Uint8Array): void {
    const length = new ByteWriter(4);
    length.u32(this.#length);
    this.#checksum = crc32c(chunk, crc32c(length.peek(), this.#checksum));
    this.#chunks++;
    this.#bytes += chunk.length;
    if (this.#checksum !== this.#expected) {
      throw new CodecError('malformed', 0, 'a chunk with a wrong checksum');
    }
  }

  /** All SNAPSHOT_END_BYTES of the end. */
  end(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes, SNAPSHOT_FRAME_BYTES);
    const zeroed = bytes.slice();
    zeroed.fill(0, 4, SNAPSHOT_FRAME_BYTES);
    if (crc32c(zeroed, this.#checksum) !== this.#expected) {
      reader.fail('an end with a wrong checksum');
    }
    if (reader.u32() !== this.#chunks || reader.f64() !== this.#bytes) {
      reader.fail('chunks are missing');
    }
  }
}
