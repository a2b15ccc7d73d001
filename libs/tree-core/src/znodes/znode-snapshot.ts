import { ByteWriter, writeZnodeImage } from '@paddock/codec';
import type { ZnodeImage } from '@paddock/codec';
import { assert, NO_SESSION, NO_TTL, OPEN_ACCESS, trustedZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { TreeDigest } from './tree-digest.ts';
import { kindOfLife, ownerOfLife, ttlOfLife } from './znode-life.ts';
import {
  ACCESS,
  CREATES,
  CTIME,
  CVERSION,
  CZXID,
  DATA_HASH,
  LIFE,
  MTIME,
  MZXID,
  PARENT,
  PATH_HASH,
  PZXID,
  VERSION,
} from './znode-rows.ts';
import type { ZnodeTable } from './znode-table.ts';

/** What passing over a free or newer row costs, in bytes of a slice's budget. */
const SKIPPED_ROW_BYTES = 4;

/**
 * A snapshot exact at its zxid, taken in slices while changes go on (H12). The cursor goes over the rows;
 * the first change of a row that it has not reached saves the row's image first. A row needs no mark for
 * that: whatever changes it gives it a zxid above the snapshot's. For the same reason a row that was born
 * since, also one that took a freed number, is known and skipped.
 */
export class ZnodeSnapshot {
  /** Every znode as of here, each exactly once. */
  readonly zxid: Zxid;
  readonly digest: TreeDigest;
  readonly #table: ZnodeTable;
  readonly #end: number;
  readonly #writer = new ByteWriter(64 * 1024);
  readonly #image = emptyImage();
  readonly #chunkBytes: number;
  /** Images that fill a chunk, which is never much larger than that: it must fit a message of a link. */
  #full: Uint8Array[] = [];
  #cursor = 1;

  constructor(table: ZnodeTable, zxid: Zxid, chunkBytes: number) {
    this.#table = table;
    this.digest = new TreeDigest(table.accesses);
    this.#chunkBytes = chunkBytes;
    this.#end = table.rows.end;
    this.zxid = zxid;
  }

  /** To be called before a transaction changes or removes the row. */
  rowChanges(row: number, zxid: Zxid): void {
    assert(zxid > this.zxid, 'a snapshot does not see changes of its own past');
    if (row >= this.#cursor && row < this.#end && this.#isUnchanged(row)) this.#write(row);
  }

  /** Some `bytes` of images; empty where it only passed over free rows; null after the last row. */
  slice(bytes: number): Uint8Array | null {
    const full = this.#full.shift();
    if (full !== undefined) return full;
    const { rows } = this.#table;
    let skipped = 0;
    const room = Math.min(bytes, this.#chunkBytes);
    while (
      this.#cursor < this.#end &&
      this.#full.length === 0 &&
      this.#writer.length + skipped < room
    ) {
      const row = this.#cursor++;
      if (rows.isUsed(row) && this.#isUnchanged(row)) this.#write(row);
      else skipped += SKIPPED_ROW_BYTES;
    }
    const image = this.#full.shift();
    if (image !== undefined) return image;
    return this.#cursor === this.#end && this.#writer.length === 0 && skipped === 0
      ? null
      : this.#take();
  }

  /** Images of rows that changed since the last slice: to be called until there are none, which is null. */
  images(): Uint8Array | null {
    const full = this.#full.shift();
    if (full !== undefined) return full;
    return this.#writer.length === 0 ? null : this.#take();
  }

  /** In a buffer of its own: the writer goes on in the same memory, however large the slices are. */
  #take(): Uint8Array {
    const taken = this.#writer.peek().slice();
    this.#writer.reset();
    return taken;
  }

  #isUnchanged(row: number): boolean {
    const { rows } = this.#table;
    // A znode's birth sets both too.
    return (
      rows.double(row, MZXID) <= this.zxid &&
      rows.double(row, PZXID) <= this.zxid &&
      this.#table.accesses.azxid(rows.integer(row, ACCESS)) <= this.zxid
    );
  }

  #write(row: number): void {
    const table = this.#table;
    const { rows } = table;
    const image = this.#image;
    image.row = row;
    image.parent = rows.integer(row, PARENT);
    image.name = table.viewName(row);
    image.data = table.viewData(row);
    image.czxid = trustedZxid(rows.double(row, CZXID));
    image.mzxid = trustedZxid(rows.double(row, MZXID));
    image.pzxid = trustedZxid(rows.double(row, PZXID));
    image.ctime = rows.double(row, CTIME);
    image.mtime = rows.double(row, MTIME);
    const life = rows.double(row, LIFE);
    image.kind = kindOfLife(life);
    image.ephemeralOwner = ownerOfLife(life);
    image.ttlMs = ttlOfLife(life);
    image.version = rows.integer(row, VERSION);
    image.cversion = rows.integer(row, CVERSION);
    image.creates = rows.integer(row, CREATES);
    const access = rows.integer(row, ACCESS);
    image.access = table.accesses.access(access);
    image.azxid = table.accesses.azxid(access);
    writeZnodeImage(this.#writer, image);
    if (this.#writer.length >= this.#chunkBytes) this.#full.push(this.#take());
    // The hashes that the row keeps are made anew, so that memory that has rotted shows (H12).
    const isSound = table.rehashPath(row) === rows.integer(row, PATH_HASH);
    this.digest.add(rows, row, isSound ? table.rehashData(row) : ~rows.integer(row, DATA_HASH));
  }
}

/** Filled anew for each row. */
function emptyImage(): ZnodeImage {
  return {
    row: 0,
    parent: 0,
    name: new Uint8Array(0),
    data: new Uint8Array(0),
    czxid: ZXID_ZERO,
    mzxid: ZXID_ZERO,
    pzxid: ZXID_ZERO,
    ctime: 0,
    mtime: 0,
    kind: 'persistent',
    ephemeralOwner: NO_SESSION,
    ttlMs: NO_TTL,
    version: 0,
    cversion: 0,
    creates: 0,
    access: OPEN_ACCESS,
    azxid: ZXID_ZERO,
  };
}
