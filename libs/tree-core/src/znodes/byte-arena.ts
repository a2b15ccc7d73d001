import { assert, InvariantError } from '@paddock/model';

/**
 * Bytes of every length in a few big buffers, so that neither a znode's name nor its data is an object
 * of its own. A page is cut into slots of one size class; short byte strings share pages, long ones
 * have a buffer each. A reference is one 32-bit integer: at least 0 a page and an offset in it, below
 * 0 a long one. The length is kept by whoever keeps the reference.
 */

const UNIT = 8;
const PAGE_UNITS_SHIFT = 15;
const PAGE_UNITS = 1 << PAGE_UNITS_SHIFT;
const PAGE_BYTES = PAGE_UNITS * UNIT;
/** References reach 2^31 units: 16 GiB of short byte strings. */
const PAGES_MAX = 2 ** 31 / PAGE_UNITS;
/** Longer ones have their own buffer, whose own cost is then below some percent. */
const SHORT_BYTES = 8192;
/** Up to here a class for each multiple of 8, above eight classes for each doubling. */
const FINE_UNITS = 16;
const SHORT_WRITE = 24;
/** Copies handed out share buffers of this size: one buffer each takes ten times as long to make. */
const COPY_POOL_BYTES = 16_384;
const POOLED_COPY_BYTES = 2048;

function classOf(length: number): number {
  const units = (length + UNIT - 1) >>> 3;
  if (units <= FINE_UNITS) return units;
  const last = units - 1;
  const log = 31 - Math.clz32(last);
  return FINE_UNITS + 1 + (log - 4) * 8 + ((last >>> (log - 3)) & 7);
}

function unitsOfClass(sizeClass: number): number {
  if (sizeClass <= FINE_UNITS) return sizeClass;
  const coarse = sizeClass - FINE_UNITS - 1;
  return ((coarse & 7) + 9) << ((coarse >>> 3) + 1);
}

const CLASSES = classOf(SHORT_BYTES) + 1;
const CLASS_UNITS = Uint16Array.from({ length: CLASSES }, (_, it) => unitsOfClass(it));

class Page {
  readonly index: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Int32Array<ArrayBuffer>;
  sizeClass = 0;
  used = 0;
  /** First freed slot, in units; each holds the next one in its first word. -1 ends the list. */
  freed = -1;
  /** First unit that was never given out. */
  fresh = 0;
  /** The pages of the class that have room are a list. */
  listed = false;
  next: Page | null = null;
  previous: Page | null = null;

  constructor(index: number, buffer: ArrayBuffer) {
    this.index = index;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
  }
}

export class ByteArena {
  readonly #pages: (Page | null)[] = [];
  readonly #unusedPages: number[] = [];
  /** For each size class the first page with room. */
  readonly #open: (Page | null)[] = new Array<Page | null>(CLASSES).fill(null);
  readonly #long: (Uint8Array<ArrayBuffer> | null)[] = [];
  readonly #unusedLong: number[] = [];
  #longBytes = 0;
  #livePages = 0;
  #pool = new ArrayBuffer(0);
  #poolWords = new Int32Array(0);
  #poolUsed = 0;

  /** Bytes of memory taken, free slots included. */
  get memoryBytes(): number {
    return this.#livePages * PAGE_BYTES + this.#longBytes;
  }

  /** Copies `source` in and returns its reference. */
  write(source: Uint8Array): number {
    const length = source.length;
    if (length === 0) return 0;
    if (length > SHORT_BYTES) return this.#writeLong(source);
    const sizeClass = classOf(length);
    const page = this.#open[sizeClass] ?? this.#openPage(sizeClass);
    let unit = page.freed;
    if (unit >= 0) page.freed = page.words[unit << 1] ?? -1;
    else {
      unit = page.fresh;
      page.fresh += CLASS_UNITS[sizeClass] ?? 0;
    }
    page.used++;
    if (isFull(page)) this.#unlist(page);
    this.#fill(page, unit, source);
    return (page.index << PAGE_UNITS_SHIFT) | unit;
  }

  /** Replaces what stands at the reference; returns the reference from now on. */
  rewrite(reference: number, length: number, source: Uint8Array): number {
    const isShort = length !== 0 && length <= SHORT_BYTES && source.length <= SHORT_BYTES;
    if (isShort && classOf(length) === classOf(source.length)) {
      this.#fill(this.#page(reference), reference & (PAGE_UNITS - 1), source);
      return reference;
    }
    this.free(reference, length);
    return this.write(source);
  }

  free(reference: number, length: number): void {
    if (length === 0) return;
    if (reference < 0) {
      this.#freeLong(reference);
      return;
    }
    const page = this.#page(reference);
    const unit = reference & (PAGE_UNITS - 1);
    page.words[unit << 1] = page.freed;
    page.freed = unit;
    page.used--;
    if (!page.listed) this.#list(page);
    // The first of the list stays, so that a page is not taken and given back at each turn.
    if (page.used === 0 && page.previous !== null) this.#releasePage(page);
  }

  /** The buffer in which the bytes stand from offsetOf on. Valid until the next change. */
  bytesOf(reference: number): Uint8Array<ArrayBuffer> {
    return reference < 0 ? this.#longAt(reference) : this.#page(reference).bytes;
  }

  offsetOf(reference: number): number {
    return reference < 0 ? 0 : (reference & (PAGE_UNITS - 1)) * UNIT;
  }

  /** Some of the bytes, whatever they are: brings them near. */
  touch(reference: number, length: number): number {
    if (length === 0 || reference < 0) return 0;
    const { words } = this.#page(reference);
    const first = (reference & (PAGE_UNITS - 1)) << 1;
    return (words[first] ?? 0) ^ (words[first + ((length - 1) >>> 2)] ?? 0);
  }

  /** A view; valid until the next change. */
  view(reference: number, length: number): Uint8Array<ArrayBuffer> {
    if (length === 0) return this.#empty;
    const offset = this.offsetOf(reference);
    return this.bytesOf(reference).subarray(offset, offset + length);
  }

  /** Bytes that never change afterwards. Short ones share a buffer with the copies made before. */
  copy(reference: number, length: number): Uint8Array {
    if (length === 0) return this.#empty;
    if (reference < 0 || length > POOLED_COPY_BYTES) return this.view(reference, length).slice();
    const count = (length + 3) >>> 2;
    const start = this.#reservePool(count << 2);
    const source = this.#page(reference).words;
    const from = (reference & (PAGE_UNITS - 1)) << 1;
    const to = start >>> 2;
    const pool = this.#poolWords;
    for (let i = 0; i < count; i++) pool[to + i] = source[from + i] ?? 0;
    return new Uint8Array(this.#pool, start, length);
  }

  /** A hash of the bytes and of nothing else: the rest of the last word is zero. */
  hash(reference: number, length: number): number {
    let hash = length;
    if (length === 0) return hash;
    const words = reference < 0 ? wordsOf(this.#longAt(reference)) : this.#page(reference).words;
    const start = reference < 0 ? 0 : (reference & (PAGE_UNITS - 1)) << 1;
    const end = start + ((length + 3) >>> 2);
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ (words[i] ?? 0), 0x85eb_ca6b);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  readonly #empty = new Uint8Array(0);

  #fill(page: Page, unit: number, source: Uint8Array): void {
    const length = source.length;
    page.words[(unit << 1) + ((length - 1) >>> 2)] = 0;
    const offset = unit * UNIT;
    if (length > SHORT_WRITE) {
      page.bytes.set(source, offset);
      return;
    }
    const bytes = page.bytes;
    for (let i = 0; i < length; i++) bytes[offset + i] = source[i] ?? 0;
  }

  #page(reference: number): Page {
    const page = this.#pages[reference >>> PAGE_UNITS_SHIFT];
    if (page === undefined || page === null) throw new InvariantError('no page has this reference');
    return page;
  }

  #openPage(sizeClass: number): Page {
    const index = this.#unusedPages.pop() ?? this.#pages.length;
    assert(index < PAGES_MAX, 'the arena is full');
    const page = new Page(index, new ArrayBuffer(PAGE_BYTES));
    page.sizeClass = sizeClass;
    this.#pages[index] = page;
    this.#livePages++;
    this.#list(page);
    return page;
  }

  #releasePage(page: Page): void {
    this.#unlist(page);
    this.#pages[page.index] = null;
    this.#unusedPages.push(page.index);
    this.#livePages--;
  }

  #list(page: Page): void {
    const first = this.#open[page.sizeClass] ?? null;
    // Behind the first: fuller pages fill up before emptier ones are begun.
    if (first === null) this.#open[page.sizeClass] = page;
    else {
      page.previous = first;
      page.next = first.next;
      if (first.next !== null) first.next.previous = page;
      first.next = page;
    }
    page.listed = true;
  }

  #unlist(page: Page): void {
    if (page.previous === null) this.#open[page.sizeClass] = page.next;
    else page.previous.next = page.next;
    if (page.next !== null) page.next.previous = page.previous;
    page.next = null;
    page.previous = null;
    page.listed = false;
  }

  #reservePool(length: number): number {
    if (this.#poolUsed + length > this.#pool.byteLength) {
      this.#pool = new ArrayBuffer(COPY_POOL_BYTES);
      this.#poolWords = new Int32Array(this.#pool);
      this.#poolUsed = 0;
    }
    const start = this.#poolUsed;
    this.#poolUsed = start + length;
    return start;
  }

  #writeLong(source: Uint8Array): number {
    const padded = new Uint8Array((source.length + 3) & ~3);
    padded.set(source);
    const index = this.#unusedLong.pop() ?? this.#long.length;
    this.#long[index] = padded;
    this.#longBytes += padded.length;
    return -1 - index;
  }

  #freeLong(reference: number): void {
    this.#longBytes -= this.#longAt(reference).length;
    this.#long[-1 - reference] = null;
    this.#unusedLong.push(-1 - reference);
  }

  #longAt(reference: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#long[-1 - reference];
    if (bytes === undefined || bytes === null) throw new InvariantError('no long bytes are here');
    return bytes;
  }
}

function isFull(page: Page): boolean {
  return page.freed < 0 && page.fresh + (CLASS_UNITS[page.sizeClass] ?? 0) > PAGE_UNITS;
}

function wordsOf(bytes: Uint8Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}
