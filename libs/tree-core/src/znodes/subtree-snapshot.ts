import type { SubtreeZnode, Zxid } from '@paddock/model';
import { ACCESS, CZXID, FIRST_CHILD, MZXID, NEXT_SIBLING, PARENT, PZXID } from './znode-rows.ts';
import { ROOT_ROW } from './znode-table.ts';
import type { ZnodeTable } from './znode-table.ts';

/** What a znode takes in an answer beside its path and data, about; and what passing over a row costs of a slice. */
const ZNODE_BYTES = 128;
const PASSED_BYTES = 8;

/** What it asks of the tree. */
export interface SnapshotTree {
  image(row: number): SubtreeZnode;
  /** Of whom it is taken for: others of its znodes are left out. */
  mayRead(row: number): boolean;
}

/**
 * A znode and all below it exactly as of one zxid, told in slices while changes go on, as a snapshot of the whole tree
 * is (H12), but from the top down: it passes over no row outside. Whoever changes or removes a row that was not told
 * yet saves its image first. A row that was born since carries a higher zxid, and nothing below it is older.
 */
export class SubtreeSnapshot {
  readonly zxid: Zxid;
  readonly #table: ZnodeTable;
  readonly #tree: SnapshotTree;
  readonly #top: number;
  /** Rows from here on were born since. */
  readonly #end: number;
  readonly #savedBytesMax: number;
  /** A bit for each row that was told. */
  readonly #told: Uint8Array;
  /** On each level the row to pass over next, 0 behind the last. */
  readonly #next: number[];
  #saved: SubtreeZnode[] = [];
  #savedBytes = 0;
  #isOverrun = false;

  constructor(
    table: ZnodeTable,
    tree: SnapshotTree,
    top: number,
    zxid: Zxid,
    savedBytesMax: number,
  ) {
    this.#table = table;
    this.#tree = tree;
    this.#top = top;
    this.#end = table.rows.end;
    this.#told = new Uint8Array((this.#end >>> 3) + 1);
    this.#next = [top];
    this.#savedBytesMax = savedBytesMax;
    this.zxid = zxid;
  }

  /** More has changed than may be saved for a reader that is slower: it is lost. */
  get isOverrun(): boolean {
    return this.#isOverrun;
  }

  get isDone(): boolean {
    return this.#next.length === 0 && this.#saved.length === 0;
  }

  /** To be called before a transaction changes or removes the row. */
  rowChanges(row: number): void {
    if (row >= this.#end || this.#isOverrun || this.#isTold(row) || !this.#isUnchanged(row)) return;
    if (!this.#isInside(row)) return;
    this.#tell(row);
    if (!this.#tree.mayRead(row)) return;
    const image = this.#tree.image(row);
    this.#saved.push(image);
    this.#savedBytes += bytesOf(image);
    if (this.#savedBytes <= this.#savedBytesMax) return;
    this.#isOverrun = true;
    this.#saved = [];
  }

  /** To be called before the row is removed, when it has no children any more. */
  rowLeaves(row: number): void {
    for (let level = 0; level < this.#next.length; level++) {
      if (this.#next[level] === row) this.#next[level] = this.#behind(row, level);
    }
  }

  /** Znodes of some `bytes`, at least one unless none is left that may be read; in no order that means anything. */
  slice(bytes: number): SubtreeZnode[] {
    const znodes: SubtreeZnode[] = [];
    let taken = 0;
    for (let it = this.#saved[znodes.length]; it !== undefined && taken < bytes;) {
      znodes.push(it);
      taken += bytesOf(it);
      it = this.#saved[znodes.length];
    }
    this.#saved = this.#saved.slice(znodes.length);
    this.#savedBytes -= taken;
    while (taken < bytes && this.#next.length > 0) {
      const image = this.#pass();
      if (image !== null) znodes.push(image);
      taken += image === null ? PASSED_BYTES : bytesOf(image);
    }
    return znodes;
  }

  /** Passes over one row, and goes down into it. Null where there is nothing to tell of it. */
  #pass(): SubtreeZnode | null {
    const { rows } = this.#table;
    const level = this.#next.length - 1;
    const row = this.#next[level] ?? 0;
    if (row === 0) {
      this.#next.pop();
      return null;
    }
    this.#next[level] = this.#behind(row, level);
    if (rows.double(row, CZXID) > this.zxid) return null;
    const first = rows.integer(row, FIRST_CHILD);
    if (first !== 0) this.#next.push(first);
    if (this.#isTold(row) || !this.#isUnchanged(row)) return null;
    this.#tell(row);
    return this.#tree.mayRead(row) ? this.#tree.image(row) : null;
  }

  /** The siblings of the top are outside. */
  #behind(row: number, level: number): number {
    return level === 0 ? 0 : this.#table.rows.integer(row, NEXT_SIBLING);
  }

  #isInside(row: number): boolean {
    const { rows } = this.#table;
    let at = row;
    while (at !== this.#top && at !== ROOT_ROW) at = rows.integer(at, PARENT);
    return at === this.#top;
  }

  #isUnchanged(row: number): boolean {
    const { rows, accesses } = this.#table;
    return (
      rows.double(row, MZXID) <= this.zxid &&
      rows.double(row, PZXID) <= this.zxid &&
      accesses.azxid(rows.integer(row, ACCESS)) <= this.zxid
    );
  }

  #isTold(row: number): boolean {
    return (((this.#told[row >>> 3] ?? 0) >>> (row & 7)) & 1) === 1;
  }

  #tell(row: number): void {
    this.#told[row >>> 3] = (this.#told[row >>> 3] ?? 0) | (1 << (row & 7));
  }
}

function bytesOf({ path, data }: SubtreeZnode): number {
  return ZNODE_BYTES + path.length + data.length;
}
