import { assert, InvariantError } from '@paddock/model';

/**
 * One record of fixed width for each znode, in chunks of typed memory: a row is the record's number. All
 * that is known of a znode but its data stands together, since a request touches most of it: three cache
 * lines instead of one for each column. Growing allocates one more chunk and copies nothing. A row number
 * is at least 1, so that fresh memory, which is zero, means "none".
 */

/** Places of 32-bit integers within a record; what a search reads comes first. */
export const PARENT = 0;
/** Bytes of the name; negative where they are not all ASCII. */
export const NAME_LENGTH = 1;
/** The name itself up to SHORT_NAME_BYTES, else a reference to it. */
export const NAME = 2;
export const DATA = 9;
export const DATA_LENGTH = 10;
export const PATH_HASH = 11;
export const FIRST_CHILD = 12;
/** Siblings in order of creation; in a free row the next free one. */
export const NEXT_SIBLING = 13;
/** Of the first child: the last one. */
export const PREVIOUS_SIBLING = 14;
export const CHILDREN = 15;
export const VERSION = 16;
export const CVERSION = 17;
export const CREATES = 18;
export const DATA_HASH = 19;
/** Places of doubles within a record, behind the integers. */
export const CZXID = 10;
export const MZXID = 11;
export const PZXID = 12;
export const MTIME = 13;
/** What the znode's life hangs on; znode-life.ts says how. */
export const LIFE = 14;
export const CTIME = 15;
/**
 * Of all below the znode, kept by every change of one of them; derived, so in no digest and no snapshot. The bytes
 * are a double, and count the znode's own data too; the number is an integer behind it.
 */
export const SUBTREE_BYTES = 16;
export const DESCENDANTS = 34;
/** The number of the ACL in the access table. */
export const ACCESS = 35;

export const SHORT_NAME_BYTES = 4 * (DATA - NAME);

/** All are used, and each record begins with a whole double. */
const INTEGERS = 36;
const DOUBLES = INTEGERS / 2;
const CHUNK_SHIFT = 12;
const CHUNK_ROWS = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_ROWS - 1;
const RECORD_BYTES = INTEGERS * 4;
const CHUNK_BYTES = CHUNK_ROWS * RECORD_BYTES;

/** More rows than memory could hold: a larger number in a snapshot is damage. */
export const ROWS_MAX = 2 ** 27;

export class ZnodeRows {
  readonly #integers: Int32Array<ArrayBuffer>[] = [];
  readonly #doubles: Float64Array<ArrayBuffer>[] = [];
  readonly #bytes: Uint8Array<ArrayBuffer>[] = [];
  #end = 1;
  #free = 0;
  #count = 0;

  /** Rows in use. */
  get count(): number {
    return this.#count;
  }

  /** Every row in use is below. */
  get end(): number {
    return this.#end;
  }

  get memoryBytes(): number {
    return this.#integers.length * CHUNK_BYTES;
  }

  /** A row whose record is all zero. */
  allocate(): number {
    this.#count++;
    const free = this.#free;
    if (free !== 0) {
      this.#free = this.integer(free, NEXT_SIBLING);
      this.setInteger(free, NEXT_SIBLING, 0);
      return free;
    }
    const row = this.#end++;
    assert(row < ROWS_MAX, 'there are no more rows');
    if (row >>> CHUNK_SHIFT === this.#integers.length) this.#addChunk();
    return row;
  }

  release(row: number): void {
    const base = (row & CHUNK_MASK) * INTEGERS;
    this.#integerChunk(row).fill(0, base, base + INTEGERS);
    this.setInteger(row, NEXT_SIBLING, this.#free);
    this.#free = row;
    this.#count--;
  }

  isUsed(row: number): boolean {
    return row > 0 && row < this.#end && this.integer(row, PARENT) !== 0;
  }

  /** For loading: makes the row exist, to be used by who calls. relistFree must follow. */
  claim(row: number): void {
    while (row >>> CHUNK_SHIFT >= this.#integers.length) this.#addChunk();
    this.#end = Math.max(this.#end, row + 1);
    this.#count++;
  }

  relistFree(): void {
    this.#free = 0;
    for (let row = this.#end - 1; row > 0; row--) {
      if (this.isUsed(row)) continue;
      this.setInteger(row, NEXT_SIBLING, this.#free);
      this.#free = row;
    }
  }

  integer(row: number, place: number): number {
    return this.#integerChunk(row)[(row & CHUNK_MASK) * INTEGERS + place] ?? 0;
  }

  setInteger(row: number, place: number, value: number): void {
    this.#integerChunk(row)[(row & CHUNK_MASK) * INTEGERS + place] = value;
  }

  double(row: number, place: number): number {
    return this.#doubleChunk(row)[(row & CHUNK_MASK) * DOUBLES + place] ?? 0;
  }

  setDouble(row: number, place: number, value: number): void {
    this.#doubleChunk(row)[(row & CHUNK_MASK) * DOUBLES + place] = value;
  }

  /** The memory that holds the row; a short name stands in it from shortNameAt on. */
  bytesOf(row: number): Uint8Array<ArrayBuffer> {
    const chunk = this.#bytes[row >>> CHUNK_SHIFT];
    if (chunk === undefined) throw new InvariantError('no such row');
    return chunk;
  }

  shortNameAt(row: number): number {
    return (row & CHUNK_MASK) * RECORD_BYTES + NAME * 4;
  }

  #integerChunk(row: number): Int32Array<ArrayBuffer> {
    const chunk = this.#integers[row >>> CHUNK_SHIFT];
    if (chunk === undefined) throw new InvariantError('no such row');
    return chunk;
  }

  #doubleChunk(row: number): Float64Array<ArrayBuffer> {
    const chunk = this.#doubles[row >>> CHUNK_SHIFT];
    if (chunk === undefined) throw new InvariantError('no such row');
    return chunk;
  }

  #addChunk(): void {
    const buffer = new ArrayBuffer(CHUNK_BYTES);
    this.#integers.push(new Int32Array(buffer));
    this.#doubles.push(new Float64Array(buffer));
    this.#bytes.push(new Uint8Array(buffer));
  }
}
