import type { AccessTable } from './access-table.ts';
import { OPEN } from './access-table.ts';
import {
  ACCESS,
  CREATES,
  CTIME,
  CVERSION,
  CZXID,
  DATA_HASH,
  DATA_LENGTH,
  LIFE,
  MTIME,
  MZXID,
  PATH_HASH,
  PZXID,
  VERSION,
} from './znode-rows.ts';
import type { ZnodeRows } from './znode-rows.ts';

const WORD = 2 ** 32;

function mixHigh(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x85eb_ca6b);
  return h ^ (h >>> 15);
}

function mixLow(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x9e37_79b1);
  return h ^ (h >>> 13);
}

/**
 * A sum of hashes over all znodes: it does not depend on their order, and a change subtracts what the
 * znode was and adds what it is. Two hashes make up a znode's share: of the znode itself, which a
 * change of its data renews, and of what it knows of its children, which each of theirs renews.
 * Neither reads the data again: the row keeps the data's hash. Two lanes of 32 bits.
 */
export class TreeDigest {
  readonly #accesses: AccessTable;
  #high = 0;
  #low = 0;
  // The lanes of the hash in the making; fields, because a function returns one number.
  #h = 0;
  #l = 0;

  constructor(accesses: AccessTable) {
    this.#accesses = accesses;
  }

  get high(): number {
    return this.#high >>> 0;
  }

  get low(): number {
    return this.#low >>> 0;
  }

  add(rows: ZnodeRows, row: number, dataHash = rows.integer(row, DATA_HASH)): void {
    this.addSelf(rows, row, dataHash);
    this.addChildren(rows, row);
  }

  subtract(rows: ZnodeRows, row: number): void {
    this.subtractSelf(rows, row);
    this.subtractChildren(rows, row);
  }

  addSelf(rows: ZnodeRows, row: number, dataHash = rows.integer(row, DATA_HASH)): void {
    this.#hashSelf(rows, row, dataHash);
    this.#addHash();
  }

  subtractSelf(rows: ZnodeRows, row: number): void {
    this.#hashSelf(rows, row, rows.integer(row, DATA_HASH));
    this.#subtractHash();
  }

  addChildren(rows: ZnodeRows, row: number): void {
    this.#hashChildren(rows, row);
    this.#addHash();
  }

  subtractChildren(rows: ZnodeRows, row: number): void {
    this.#hashChildren(rows, row);
    this.#subtractHash();
  }

  #hashSelf(rows: ZnodeRows, row: number, dataHash: number): void {
    this.#begin(1, rows.integer(row, PATH_HASH));
    this.#word(dataHash);
    this.#word(rows.integer(row, DATA_LENGTH));
    this.#word(rows.integer(row, VERSION));
    this.#double(rows.double(row, CZXID));
    this.#double(rows.double(row, MZXID));
    this.#double(rows.double(row, CTIME));
    this.#double(rows.double(row, MTIME));
    this.#double(rows.double(row, LIFE));
    const access = rows.integer(row, ACCESS);
    if (access !== OPEN) this.#word(this.#accesses.hash(access));
  }

  #hashChildren(rows: ZnodeRows, row: number): void {
    this.#begin(2, rows.integer(row, PATH_HASH));
    this.#word(rows.integer(row, CVERSION));
    this.#word(rows.integer(row, CREATES));
    this.#double(rows.double(row, PZXID));
  }

  #begin(kind: number, pathHash: number): void {
    this.#h = mixHigh(kind, pathHash);
    this.#l = mixLow(kind, pathHash);
  }

  #word(word: number): void {
    this.#h = mixHigh(this.#h, word);
    this.#l = mixLow(this.#l, word);
  }

  #double(value: number): void {
    this.#word(value | 0);
    this.#word((value / WORD) | 0);
  }

  #addHash(): void {
    this.#high = (this.#high + this.#h) | 0;
    this.#low = (this.#low + this.#l) | 0;
  }

  #subtractHash(): void {
    this.#high = (this.#high - this.#h) | 0;
    this.#low = (this.#low - this.#l) | 0;
  }
}
