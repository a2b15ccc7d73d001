import { decodeText } from '@paddock/model';
import { copyOf } from '../fields.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const WORD_BITS = 32;
const TWO_TO_28 = 2 ** 28;

/** Thrown where a message is not laid out plainly, or is malformed: its generated class tells which. */
export class NotPlain extends Error {
  override readonly name = 'NotPlain';
}

/** Without a stack of its own: it is caught where a message is read. */
const notPlain = new NotPlain('not plain');

/**
 * Reads protobuf that is laid out plainly, as every encoder writes what it knows: each field at most once, in the
 * order of their numbers, none that is unknown here, numbers in their shortest form. Fields are asked for in that
 * order, by their number in the .proto file; one that is absent has its default. Any other layout, and every broken
 * one, is noticed at the end of the message at the latest.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;
  #end: number;
  #depth = 0;
  /** Where the messages around the present one end. */
  readonly #ends: number[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#end = bytes.length;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** True, and inside of it until `leave`, where the field is a message. */
  enter(field: number): boolean {
    if (!this.#next((field << 3) | LENGTH_DELIMITED)) return false;
    const end = this.#lengthEnd();
    this.#ends[this.#depth++] = this.#end;
    this.#end = end;
    return true;
  }

  /** Enters a field that every message of the kind has. */
  enterPresent(field: number): void {
    if (!this.enter(field)) throw notPlain;
  }

  leave(): void {
    if (this.#at !== this.#end) throw notPlain;
    this.#end = this.#ends[--this.#depth] ?? 0;
  }

  /** The whole of the message that was entered last, at depth `depth`, wherever reading it has stopped. */
  abandon(start: number, end: number, depth: number): Buffer {
    this.#depth = depth;
    this.#end = end;
    this.#at = end;
    return this.#bytes.subarray(start, end);
  }

  /** Where reading stands, and where the present message ends: for `abandon`. */
  get at(): number {
    return this.#at;
  }

  get end(): number {
    return this.#end;
  }

  get depth(): number {
    return this.#depth;
  }

  fixed32(field: number): number {
    if (!this.#next((field << 3) | FIXED32)) return 0;
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  double(field: number): number {
    if (!this.#next((field << 3) | FIXED64)) return 0;
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** An `optional` double; undefined where it is absent. */
  optionalDouble(field: number): number | undefined {
    if (!this.#next((field << 3) | FIXED64)) return undefined;
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** A uint32, or an enumeration whose known values are not negative. */
  uint32(field: number): number {
    return this.#next((field << 3) | VARINT) ? this.#varint() : 0;
  }

  /** An `optional` uint32; undefined where it is absent. */
  optionalUint32(field: number): number | undefined {
    return this.#next((field << 3) | VARINT) ? this.#varint() : undefined;
  }

  sint32(field: number): number {
    const value = this.uint32(field);
    return (value >>> 1) ^ -(value & 1);
  }

  /** An int64 or uint64 of at most 56 bits. */
  count64(field: number): number {
    if (!this.#next((field << 3) | VARINT)) return 0;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let high = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      high |= (byte & 0x7f) << shift;
      if (byte < 0x80) return high * TWO_TO_28 + low;
    }
    throw notPlain;
  }

  /** True where the field is present and true. */
  bool(field: number): boolean {
    return this.optionalBool(field) ?? false;
  }

  /** An `optional` bool; undefined where it is absent. */
  optionalBool(field: number): boolean | undefined {
    if (!this.#next((field << 3) | VARINT)) return undefined;
    const value = this.#byte();
    if (value > 1) throw notPlain;
    return value === 1;
  }

  /** Whether the field is next, whatever it holds; a member of a oneof is present at its default too. */
  hasBool(field: number): boolean {
    if (!this.#next((field << 3) | VARINT)) return false;
    if (this.#byte() > 1) throw notPlain;
    return true;
  }

  text(field: number): string {
    return this.optionalText(field) ?? '';
  }

  /** Undefined where it is absent. Throws where it is not UTF-8. */
  optionalText(field: number): string | undefined {
    if (!this.#next((field << 3) | LENGTH_DELIMITED)) return undefined;
    const end = this.#lengthEnd();
    const start = this.#at;
    this.#at = end;
    let units = 0;
    for (let i = start; i < end; i++) units |= this.#bytes[i] ?? 0;
    if (units > 0x7f) return decodeText(this.#bytes, start, end);
    return this.#bytes.toString('latin1', start, end);
  }

  /** Of a repeated field. */
  texts(field: number): string[] {
    const texts: string[] = [];
    for (let it = this.optionalText(field); it !== undefined; it = this.optionalText(field)) {
      texts.push(it);
    }
    return texts;
  }

  bytes(field: number): Uint8Array {
    return this.optionalBytes(field) ?? new Uint8Array(0);
  }

  /** Copied; undefined where it is absent. */
  optionalBytes(field: number): Uint8Array | undefined {
    if (!this.#next((field << 3) | LENGTH_DELIMITED)) return undefined;
    const end = this.#lengthEnd();
    const start = this.#at;
    this.#at = end;
    return copyOf(this.#bytes, start, end);
  }

  #next(tag: number): boolean {
    if (tag > 0x7f) return this.#nextLong(tag);
    if (this.#at >= this.#end || this.#bytes[this.#at] !== tag) return false;
    this.#at++;
    return true;
  }

  /** Of a field with a number above 15, whose tag has two bytes. */
  #nextLong(tag: number): boolean {
    if (this.#at + 1 >= this.#end) return false;
    if (this.#bytes[this.#at] !== ((tag & 0x7f) | 0x80)) return false;
    if (this.#bytes[this.#at + 1] !== tag >>> 7) return false;
    this.#at += 2;
    return true;
  }

  #lengthEnd(): number {
    const length = this.#varint();
    const end = this.#at + length;
    if (end > this.#end) throw notPlain;
    return end;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < WORD_BITS; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw notPlain;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw notPlain;
    return byte;
  }
}
