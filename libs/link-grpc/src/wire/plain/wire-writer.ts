const INITIAL_BYTES = 1024;
/** What the fields of fixed size between two texts, byte strings or nested messages take, at most. */
const ROOM = 256;
const TWO_TO_28 = 2 ** 28;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Writes protobuf field by field, without an object for each message. A field is named by its number in the .proto
 * file and, as there, left out at its default; fields are to be written in the order of their numbers. The result is
 * the bytes that the generated class writes.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #depth = 0;
  /** Where the content of each open message starts. */
  readonly #starts: number[] = [];
  /** Bytes that the last length took at each depth: messages that follow each other are alike. */
  readonly #widths: number[] = [];

  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it holds. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Starts a nested message, which `close` ends. */
  open(field: number): void {
    this.#reserve(0);
    this.#tag((field << 3) | LENGTH_DELIMITED);
    this.#length += this.#widths[this.#depth] ?? 1;
    this.#starts[this.#depth++] = this.#length;
  }

  close(): void {
    const depth = --this.#depth;
    const start = this.#starts[depth] ?? 0;
    const reserved = this.#widths[depth] ?? 1;
    const length = this.#length - start;
    const width = varintWidth(length);
    const place = start - reserved;
    if (width !== reserved) {
      this.#reserve(width);
      this.#bytes.copyWithin(place + width, start, this.#length);
      this.#widths[depth] = width;
    }
    this.#length = place;
    this.#varint(length);
    this.#length += length;
  }

  fixed32(field: number, value: number): void {
    if (value === 0) return;
    this.#bytes[this.#length] = (field << 3) | FIXED32;
    this.#view.setUint32(this.#length + 1, value, true);
    this.#length += 5;
  }

  double(field: number, value: number): void {
    if (value !== 0) this.presentDouble(field, value);
  }

  /** An `optional` double, or a member of a oneof, which is written at its default too. */
  presentDouble(field: number, value: number): void {
    this.#bytes[this.#length] = (field << 3) | FIXED64;
    this.#view.setFloat64(this.#length + 1, value, true);
    this.#length += 9;
  }

  /** A uint32, or an enumeration. */
  uint32(field: number, value: number): void {
    if (value !== 0) this.presentUint32(field, value);
  }

  /** An `optional` uint32. */
  presentUint32(field: number, value: number): void {
    this.#tag((field << 3) | VARINT);
    this.#varint(value);
  }

  sint32(field: number, value: number): void {
    this.uint32(field, ((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** An int64 or uint64 that holds a safe integer from 0 on. */
  count64(field: number, value: number): void {
    if (value === 0) return;
    this.#tag((field << 3) | VARINT);
    let rest = value;
    if (rest >= TWO_TO_28) {
      let low = rest & (TWO_TO_28 - 1);
      for (let i = 0; i < 4; i++) {
        this.#bytes[this.#length++] = (low & 0x7f) | 0x80;
        low >>>= 7;
      }
      rest = Math.floor(rest / TWO_TO_28);
    }
    this.#varint(rest);
  }

  bool(field: number, value: boolean): void {
    if (value) this.presentBool(field, value);
  }

  /** A member of a oneof, which is written at its default too. */
  presentBool(field: number, value: boolean): void {
    this.#tag((field << 3) | VARINT);
    this.#bytes[this.#length++] = value ? 1 : 0;
  }

  text(field: number, value: string): void {
    if (value !== '') this.presentText(field, value);
  }

  /** A member of a repeated field, which is written at its default too. */
  presentText(field: number, value: string): void {
    const { length } = value;
    this.#reserve(3 * length);
    this.#tag((field << 3) | LENGTH_DELIMITED);
    if (length < 64) {
      const start = this.#length + 1;
      let i = 0;
      for (; i < length; i++) {
        const unit = value.charCodeAt(i);
        if (unit > 0x7f) break;
        this.#bytes[start + i] = unit;
      }
      if (i === length) {
        this.#bytes[this.#length] = length;
        this.#length = start + length;
        return;
      }
    }
    this.#varint(Buffer.byteLength(value));
    this.#length += this.#bytes.write(value, this.#length);
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length > 0) this.presentBytes(field, value);
  }

  /** A member of a oneof, which is written at its default too. */
  presentBytes(field: number, value: Uint8Array): void {
    this.#reserve(value.length);
    this.#tag((field << 3) | LENGTH_DELIMITED);
    this.#varint(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Fields that have been encoded already. */
  encoded(fields: Uint8Array): void {
    this.#reserve(fields.length);
    this.#bytes.set(fields, this.#length);
    this.#length += fields.length;
  }

  /** What has been written, copied out; the next message starts from nothing. */
  finish(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#length);
    this.#bytes.copy(bytes, 0, 0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** One byte for the fields up to 15, two for those behind; those of fixed width have none behind. */
  #tag(tag: number): void {
    if (tag > 0x7f) {
      this.#bytes[this.#length++] = (tag & 0x7f) | 0x80;
      this.#bytes[this.#length++] = tag >>> 7;
    } else this.#bytes[this.#length++] = tag;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes + ROOM;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function varintWidth(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}
