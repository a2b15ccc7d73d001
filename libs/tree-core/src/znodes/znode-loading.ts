import { ByteReader, CodecError, readZnodeImage } from '@paddock/codec';
import type { ZnodeImage } from '@paddock/codec';
import { NO_SESSION } from '@paddock/model';
import { lifeOf } from './znode-life.ts';
import {
  ACCESS,
  CREATES,
  CTIME,
  CVERSION,
  CZXID,
  FIRST_CHILD,
  LIFE,
  MTIME,
  MZXID,
  NEXT_SIBLING,
  PARENT,
  PZXID,
  ROWS_MAX,
  VERSION,
} from './znode-rows.ts';
import type { ZnodeRows } from './znode-rows.ts';
import { ROOT_ROW } from './znode-table.ts';
import type { ZnodeTable } from './znode-table.ts';

/**
 * Fills an empty table from the images of a snapshot, which come in any order. Rows keep their numbers;
 * children are linked, paths hashed and made findable when all are there. Throws CodecError where the
 * images are not those of one tree.
 */
export class ZnodeLoading {
  readonly #table: ZnodeTable;
  #hasRoot = false;

  constructor(table: ZnodeTable) {
    this.#table = table;
  }

  add(chunk: Uint8Array): void {
    const reader = new ByteReader(chunk);
    while (reader.remaining > 0) {
      const offset = reader.offset;
      const fault = this.#restore(readZnodeImage(reader));
      if (fault !== null) throw new CodecError('malformed', offset, fault);
    }
  }

  /** `visit` sees each znode once, a parent before its children. */
  finish(visit: (row: number) => void): void {
    const { rows } = this.#table;
    if (!this.#hasRoot) throw new CodecError('malformed', 0, 'a snapshot without a root');
    rows.relistFree();
    for (let row = ROOT_ROW + 1; row < rows.end; row++) {
      if (!rows.isUsed(row)) continue;
      const parent = rows.integer(row, PARENT);
      if (!rows.isUsed(parent)) throw new CodecError('malformed', 0, 'a znode without a parent');
      this.#table.link(row, parent);
    }
    if (this.#visitTree(visit) !== rows.count) {
      throw new CodecError('malformed', 0, 'znodes that no path leads to');
    }
    for (let row = ROOT_ROW; row < rows.end; row++) {
      if (rows.isUsed(row)) this.#table.children.order(row);
    }
  }

  /** What is wrong with the image, or null. */
  #restore(image: ZnodeImage): string | null {
    const { row } = image;
    const { rows } = this.#table;
    if (row === 0 || row >= ROWS_MAX || image.parent === 0) return 'no znode has row 0';
    if ((image.kind === 'ephemeral') !== (image.ephemeralOwner !== NO_SESSION)) {
      return 'an ephemeral znode, and no other, has an owner';
    }
    const isRoot = row === ROOT_ROW;
    if (isRoot ? this.#hasRoot : rows.isUsed(row)) return `row ${row} comes twice`;
    if (isRoot !== (image.parent === row)) return 'the root alone is its own parent';
    if (isRoot) this.#hasRoot = true;
    else rows.claim(row);
    this.#table.restoreName(row, image.name);
    this.#table.writeData(row, image.data);
    fill(rows, image);
    rows.setInteger(row, ACCESS, this.#table.accesses.use(image.access, image.azxid));
    return null;
  }

  /** Walks down from the root; what stands in a circle or hangs on one is not met. */
  #visitTree(visit: (row: number) => void): number {
    const { rows } = this.#table;
    visit(ROOT_ROW);
    let visited = 1;
    let row = ROOT_ROW;
    for (;;) {
      let next = rows.integer(row, FIRST_CHILD);
      while (next === 0 && row !== ROOT_ROW) {
        next = rows.integer(row, NEXT_SIBLING);
        if (next === 0) row = rows.integer(row, PARENT);
      }
      if (next === 0) return visited;
      row = next;
      this.#table.indexChild(row);
      visit(row);
      visited++;
    }
  }
}

function fill(rows: ZnodeRows, image: ZnodeImage): void {
  const { row } = image;
  rows.setInteger(row, PARENT, image.parent);
  rows.setDouble(row, CZXID, image.czxid);
  rows.setDouble(row, MZXID, image.mzxid);
  rows.setDouble(row, PZXID, image.pzxid);
  rows.setDouble(row, CTIME, image.ctime);
  rows.setDouble(row, MTIME, image.mtime);
  rows.setDouble(row, LIFE, lifeOf(image.kind, image.ephemeralOwner, image.ttlMs));
  rows.setInteger(row, VERSION, image.version);
  rows.setInteger(row, CVERSION, image.cversion);
  rows.setInteger(row, CREATES, image.creates);
}
