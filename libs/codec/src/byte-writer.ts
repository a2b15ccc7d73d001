import { counterOf, encodeTextInto, epochOf } from '@paddock/model';
import type { Zxid } from '@paddock/model';

/** UTF-8 needs at most this many bytes for one UTF-16 unit. */
const BYTES_PER_UNIT = 3;
const BLOCK = 64 * 1024;
/** Longest copy that shares a block. */
const BLOCK_SHARE = 4 * 1024;

/**
 * Gathers bytes in a scratch that grows and is used again: all numbers big-endian, texts and byte
 * strings behind a 32-bit length. `take` copies out what was written, so that nothing keeps the scratch.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #length = 0;
  #block: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #blockUsed = BLOCK;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written since the last `take` or `reset`. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
  }

  f64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value);
  }

  /** Two 32-bit words: the epoch (or what stands for it in a term) and the counter. */
  zxid(value: Zxid): void {
    const at = this.#grow(8);
    this.#view.setUint32(at, epochOf(value));
    this.#view.setUint32(at + 4, counterOf(value));
  }

  text(value: string): void {
    const at = this.#grow(4 + value.length * BYTES_PER_UNIT);
    const written = encodeTextInto(value, this.#bytes, at + 4);
    this.#view.setUint32(at, written);
    this.#length = at + 4 + written;
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(4 + value.length);
    this.#view.setUint32(at, value.length);
    this.#bytes.set(value, at + 4);
  }

  /** Bytes without a length before them. */
  rawBytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** Overwrites a word that was written before, for instance a count that is known only at the end. */
  patchU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value);
  }

  /**
   * A copy of what was written; starts anew. Short ones share a block, since a buffer of its own costs each of them
   * more than its bytes: the block lives as long as any of them.
   */
  take(): Uint8Array<ArrayBuffer> {
    const length = this.#length;
    this.#length = 0;
    if (length > BLOCK_SHARE) return this.#bytes.slice(0, length);
    if (this.#blockUsed + length > BLOCK) {
      this.#block = new Uint8Array(BLOCK);
      this.#blockUsed = 0;
    }
    const taken = this.#block.subarray(this.#blockUsed, this.#blockUsed + length);
    taken.set(this.#bytes.subarray(0, length));
    this.#blockUsed += length;
    return taken;
  }

  /** A view of what was written, valid until the next call. */
  peek(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  reset(): void {
    this.#length = 0;
  }

  /** May replace the scratch: nothing of it may be held across a call. */
  #grow(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) this.#enlarge(needed);
    this.#length = needed;
    return at;
  }

  #enlarge(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
