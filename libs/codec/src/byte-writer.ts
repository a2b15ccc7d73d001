import { counterOf, encodeTextInto, epochOf } from '@paddock/model';
import type { Zxid } from '@paddock/model';

/** UTF-8 needs at most this many bytes for one UTF-16 unit. */
const BYTES_PER_UNIT = 3;
const BLOCK_BYTES = 64 * 1024;

/**
 * Gathers bytes: all numbers big-endian, texts and byte strings behind a 32-bit length. What is taken one after the
 * other lies one behind the other in a block of memory, since a buffer of its own would cost a short text more than its
 * bytes; the block lives as long as any of them.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  /** Where in the block the present writing begins; what is before it has been taken. */
  #start = 0;
  #length = 0;

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
    this.#length = at + 4 + written - this.#start;
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
    this.#view.setUint32(this.#start + offset, value);
  }

  /** What was written, which nothing will change; starts anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.peek();
    this.#start += this.#length;
    this.#length = 0;
    return taken;
  }

  /** A view of what was written, valid until the next call. */
  peek(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#start, this.#start + this.#length);
  }

  reset(): void {
    this.#length = 0;
  }

  /** May replace the block: nothing of it may be held across a call. */
  #grow(count: number): number {
    if (this.#start + this.#length + count > this.#bytes.length) this.#renew(this.#length + count);
    const at = this.#start + this.#length;
    this.#length += count;
    return at;
  }

  /** Goes on in a new block, with what was written so far. */
  #renew(needed: number): void {
    const fresh = new Uint8Array(Math.max(BLOCK_BYTES, needed * 2));
    fresh.set(this.peek());
    this.#bytes = fresh;
    this.#view = new DataView(fresh.buffer);
    this.#start = 0;
  }
}
