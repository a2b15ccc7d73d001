import { trustedPath } from '@paddock/model';
import type { ZnodePath } from '@paddock/model';
import { hashPrefix } from './path-hash.ts';
import type { ZnodeTable } from './znode-table.ts';

const FIRST_CAPACITY = 64;
const NO_PATH = trustedPath('');

/**
 * Finds the rows of many paths together. In a large tree a search mostly waits for memory: for the slot of the index,
 * then for the row, then for the data. Those of a batch are fetched in turn, step by step, so that the processor waits
 * for many at a time instead of for one after the other.
 */
export class ZnodeSearch {
  readonly #table: ZnodeTable;
  readonly #paths: ZnodePath[] = [];
  #count = 0;
  #hashes = new Int32Array(FIRST_CAPACITY);
  #rows = new Int32Array(FIRST_CAPACITY);
  /** What was fetched: kept, so that the compiler does not drop the fetching. */
  fetched = 0;

  constructor(table: ZnodeTable) {
    this.#table = table;
  }

  clear(): void {
    this.#count = 0;
  }

  add(path: ZnodePath): void {
    if (this.#count === this.#rows.length) this.#grow();
    this.#paths[this.#count] = path;
    this.#count += 1;
  }

  /** Finds them all; with their data brought near if it is going to be read. */
  run(withData: boolean): void {
    this.#fetch();
    this.#find();
    if (withData) this.#fetchData();
  }

  /** The row of the path that was added as this one, counted from 0; or -1. Valid until the next change of the tree. */
  row(index: number): number {
    return this.#rows[index] ?? -1;
  }

  #fetch(): void {
    const table = this.#table;
    const hashes = this.#hashes;
    const rows = this.#rows;
    const count = this.#count;
    for (let i = 0; i < count; i++) {
      const path = this.#paths[i] ?? NO_PATH;
      hashes[i] = hashPrefix(path, path.length);
    }
    let fetched = 0;
    for (let i = 0; i < count; i++) fetched ^= table.touchIndex(hashes[i] ?? 0);
    for (let i = 0; i < count; i++) rows[i] = table.candidate(hashes[i] ?? 0);
    for (let i = 0; i < count; i++) fetched ^= table.touchRow(rows[i] ?? 0);
    this.fetched = fetched;
  }

  #find(): void {
    const table = this.#table;
    for (let i = 0; i < this.#count; i++) {
      const path = this.#paths[i] ?? NO_PATH;
      const row =
        path.length === 1
          ? table.find(path)
          : table.findHashed(path, path.length, this.#hashes[i] ?? 0);
      this.#rows[i] = row === 0 ? -1 : row;
    }
  }

  #fetchData(): void {
    const table = this.#table;
    let fetched = 0;
    for (let i = 0; i < this.#count; i++) {
      const row = this.#rows[i] ?? -1;
      if (row >= 0) fetched ^= table.touchData(row);
    }
    this.fetched ^= fetched;
  }

  #grow(): void {
    const capacity = 2 * this.#rows.length;
    this.#hashes = new Int32Array(capacity);
    this.#rows = new Int32Array(capacity);
  }
}
