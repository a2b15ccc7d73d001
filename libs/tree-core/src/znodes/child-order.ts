/** How names compare. */
export interface NameOrder {
  /** Below 0 where the name of row `a` comes before that of `b`, above 0 where behind. */
  compareNames(a: number, b: number): number;
  /** The same of a row's name and one in UTF-8; 0 where it is that. */
  compareName(row: number, name: Uint8Array): number;
  /** Of its name in UTF-8, in bytes. */
  nameLength(row: number): number;
}

const BLOCK_ROWS = 256;

class Block {
  readonly rows = new Int32Array(BLOCK_ROWS);
  count = 0;

  insert(place: number, row: number): void {
    this.rows.copyWithin(place + 1, place, this.count);
    this.rows[place] = row;
    this.count++;
  }

  removeAt(place: number): void {
    this.rows.copyWithin(place, place + 1, this.count);
    this.count--;
  }

  /** Takes over the rows of `other` from `start` on, behind its own. */
  take(other: Block, start: number): void {
    this.rows.set(other.rows.subarray(start, other.count), this.count);
    this.count += other.count - start;
    other.count = start;
  }
}

/**
 * The children of one znode in the order of their names: rows in blocks, none of which is empty. Finding a name
 * compares it with some twenty others among a million; a change moves part of one block.
 */
export class ChildOrder {
  readonly #names: NameOrder;
  readonly #blocks: Block[] = [];
  #nameBytes = 0;

  /** `rows` are sorted here. */
  constructor(names: NameOrder, rows: number[]) {
    this.#names = names;
    rows.sort((a, b) => names.compareNames(a, b));
    for (const row of rows) {
      this.#nameBytes += names.nameLength(row);
      this.#append(row);
    }
  }

  get memoryBytes(): number {
    return 4 * BLOCK_ROWS * this.#blocks.length;
  }

  /** Of all names together, in UTF-8. */
  get nameBytes(): number {
    return this.#nameBytes;
  }

  insert(row: number): void {
    this.#nameBytes += this.#names.nameLength(row);
    const last = this.#blocks.at(-1);
    // Names that only grow are most of what large lists are made of.
    if (last === undefined || this.#names.compareNames(row, rowAt(last, last.count - 1)) > 0) {
      this.#append(row);
      return;
    }
    const index = this.#blockOf(row);
    let block = this.#block(index);
    let place = this.#placeOf(block, row);
    if (block.count === BLOCK_ROWS) {
      const half = BLOCK_ROWS / 2;
      const upper = new Block();
      upper.take(block, half);
      this.#blocks.splice(index + 1, 0, upper);
      if (place > half) {
        block = upper;
        place -= half;
      }
    }
    block.insert(place, row);
  }

  /** The row must still have its name. */
  remove(row: number): void {
    this.#nameBytes -= this.#names.nameLength(row);
    const index = this.#blockOf(row);
    const block = this.#block(index);
    block.removeAt(this.#placeOf(block, row));
    const next = this.#blocks[index + 1];
    if (block.count === 0) this.#blocks.splice(index, 1);
    else if (next !== undefined && block.count + next.count <= BLOCK_ROWS / 2) {
      block.take(next, 0);
      this.#blocks.splice(index + 1, 1);
    }
  }

  /** Rows in their order, from the first whose name comes behind `after`; of all where that is empty. */
  *behind(after: Uint8Array): Generator<number, undefined> {
    const start = this.#firstBlockBehind(after);
    for (let index = start; index < this.#blocks.length; index++) {
      const block = this.#block(index);
      let place = index === start ? this.#firstBehind(block, after) : 0;
      for (; place < block.count; place++) yield rowAt(block, place);
    }
  }

  #append(row: number): void {
    let last = this.#blocks.at(-1);
    if (last === undefined || last.count === BLOCK_ROWS) {
      last = new Block();
      this.#blocks.push(last);
    }
    last.insert(last.count, row);
  }

  #block(index: number): Block {
    return this.#blocks[index] ?? NO_BLOCK;
  }

  /** The last block that begins with the row's name or one before it; else the first. */
  #blockOf(row: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#names.compareNames(rowAt(this.#block(middle), 0), row) <= 0) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Where the row stands in the block, or would stand. */
  #placeOf(block: Block, row: number): number {
    let low = 0;
    let high = block.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#names.compareNames(rowAt(block, middle), row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The last block that begins with `name` or one before it; else the first. */
  #firstBlockBehind(name: Uint8Array): number {
    let low = 0;
    let high = this.#blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#names.compareName(rowAt(this.#block(middle), 0), name) <= 0) low = middle;
      else high = middle;
    }
    return low;
  }

  #firstBehind(block: Block, name: Uint8Array): number {
    let low = 0;
    let high = block.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#names.compareName(rowAt(block, middle), name) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const NO_BLOCK = new Block();

function rowAt(block: Block, place: number): number {
  return block.rows[place] ?? 0;
}
