import { assert, decodeText, encodeText, trustedPath } from '@paddock/model';
import type { ZnodePath } from '@paddock/model';
import { AccessTable } from './access-table.ts';
import { ByteArena } from './byte-arena.ts';
import { hashAsciiChild, hashChild, hashPrefix, ROOT_HASH } from './path-hash.ts';
import { OrderedChildren } from './ordered-children.ts';
import type { ChildNames } from './ordered-children.ts';
import { PathIndex } from './path-index.ts';
import {
  ACCESS,
  CHILDREN,
  DATA,
  DATA_HASH,
  DATA_LENGTH,
  DESCENDANTS,
  FIRST_CHILD,
  NAME,
  NAME_LENGTH,
  NEXT_SIBLING,
  PARENT,
  PATH_HASH,
  PREVIOUS_SIBLING,
  SHORT_NAME_BYTES,
  SUBTREE_BYTES,
  VERSION,
  ZnodeRows,
} from './znode-rows.ts';

/** The root's row; it is its own parent. */
export const ROOT_ROW = 1;
const SLASH = 0x2f;

/** Rows, names, data and the ways to a row: the tree's shape, without the rules of its changes. */
export class ZnodeTable implements ChildNames {
  readonly rows = new ZnodeRows();
  /** The children of each znode in the order of their names. */
  readonly children = new OrderedChildren(this);
  readonly accesses = new AccessTable();
  readonly #bytes = new ByteArena();
  readonly #index = new PathIndex();

  constructor() {
    const root = this.rows.allocate();
    assert(root === ROOT_ROW, 'the root has the first row');
    this.rows.setInteger(root, PARENT, ROOT_ROW);
    this.rows.setInteger(root, PATH_HASH, ROOT_HASH);
  }

  get memoryBytes(): number {
    const { rows, children } = this;
    const reach = children.memoryBytes + this.#index.memoryBytes;
    return rows.memoryBytes + this.#bytes.memoryBytes + reach;
  }

  /** The row of the path, or 0. */
  find(path: ZnodePath): number {
    if (path.length === 1) return ROOT_ROW;
    return this.findHashed(path, path.length, hashPrefix(path, path.length));
  }

  /** The row that the first `end` units of `path` name, which have this hash; or 0. */
  findHashed(path: ZnodePath, end: number, hash: number): number {
    if (end === 0) return ROOT_ROW;
    let row = this.#index.first(hash);
    while (row !== 0 && !this.#isAt(row, path, end)) row = this.#index.next();
    return row;
  }

  /** These three bring near what a search is going to read; their results mean nothing. */
  touchIndex(hash: number): number {
    return this.#index.touch(hash);
  }

  touchRow(row: number): number {
    return this.rows.integer(row, PARENT) ^ this.rows.integer(row, VERSION);
  }

  touchData(row: number): number {
    return this.#bytes.touch(this.rows.integer(row, DATA), this.rows.integer(row, DATA_LENGTH));
  }

  /** A row whose path has this hash, or 0. */
  candidate(hash: number): number {
    return this.#index.first(hash);
  }

  /** A new last child; everything but its place, name and data is zero. `hash` is its path's. */
  insert(parent: number, path: ZnodePath, hash: number, data: Uint8Array): number {
    const row = this.rows.allocate();
    this.#writeName(row, path);
    this.writeData(row, data);
    this.rows.setInteger(row, PATH_HASH, hash);
    this.link(row, parent);
    this.children.added(parent, row);
    this.#index.insert(hash, row);
    return row;
  }

  remove(row: number): void {
    const { rows } = this;
    this.children.leaving(rows.integer(row, PARENT), row);
    this.#unlink(row);
    this.#index.remove(rows.integer(row, PATH_HASH), row);
    this.#freeName(row);
    this.#bytes.free(rows.integer(row, DATA), rows.integer(row, DATA_LENGTH));
    this.accesses.release(rows.integer(row, ACCESS));
    rows.release(row);
  }

  /** Makes the row the last child of `parent`. */
  link(row: number, parent: number): void {
    const { rows } = this;
    rows.setInteger(row, PARENT, parent);
    rows.setInteger(row, NEXT_SIBLING, 0);
    rows.setInteger(parent, CHILDREN, rows.integer(parent, CHILDREN) + 1);
    const first = rows.integer(parent, FIRST_CHILD);
    if (first === 0) {
      rows.setInteger(parent, FIRST_CHILD, row);
      rows.setInteger(row, PREVIOUS_SIBLING, row);
      return;
    }
    const last = rows.integer(first, PREVIOUS_SIBLING);
    rows.setInteger(last, NEXT_SIBLING, row);
    rows.setInteger(row, PREVIOUS_SIBLING, last);
    rows.setInteger(first, PREVIOUS_SIBLING, row);
  }

  /** So many znodes and bytes more: the znodes count for all above the row, the bytes for the row as well. */
  weigh(row: number, znodes: number, bytes: number): void {
    if (znodes === 0 && bytes === 0) return;
    const { rows } = this;
    rows.setDouble(row, SUBTREE_BYTES, rows.double(row, SUBTREE_BYTES) + bytes);
    for (let at = row; at !== ROOT_ROW;) {
      at = rows.integer(at, PARENT);
      rows.setInteger(at, DESCENDANTS, rows.integer(at, DESCENDANTS) + znodes);
      rows.setDouble(at, SUBTREE_BYTES, rows.double(at, SUBTREE_BYTES) + bytes);
    }
  }

  writeData(row: number, data: Uint8Array): void {
    const { rows } = this;
    const length = rows.integer(row, DATA_LENGTH);
    const reference = this.#bytes.rewrite(rows.integer(row, DATA), length, data);
    rows.setInteger(row, DATA, reference);
    rows.setInteger(row, DATA_LENGTH, data.length);
    rows.setInteger(row, DATA_HASH, this.#bytes.hash(reference, data.length));
  }

  /** The hash of the data as it stands in memory now. */
  rehashData(row: number): number {
    return this.#bytes.hash(this.rows.integer(row, DATA), this.rows.integer(row, DATA_LENGTH));
  }

  copyData(row: number): Uint8Array {
    return this.#bytes.copy(this.rows.integer(row, DATA), this.rows.integer(row, DATA_LENGTH));
  }

  /** A view; valid until the next change. */
  viewData(row: number): Uint8Array {
    return this.#bytes.view(this.rows.integer(row, DATA), this.rows.integer(row, DATA_LENGTH));
  }

  /** The name in UTF-8, as a view that is valid until the next change. */
  viewName(row: number): Uint8Array {
    const length = this.nameLength(row);
    const start = this.#nameStart(row, length);
    return this.#nameBytes(row, length).subarray(start, start + length);
  }

  name(row: number): string {
    const length = this.nameLength(row);
    const start = this.#nameStart(row, length);
    return decodeText(this.#nameBytes(row, length), start, start + length);
  }

  compareNames(a: number, b: number): number {
    const [aLength, bLength] = [this.nameLength(a), this.nameLength(b)];
    return compareBytes(
      this.#nameBytes(a, aLength),
      this.#nameStart(a, aLength),
      aLength,
      this.#nameBytes(b, bLength),
      this.#nameStart(b, bLength),
      bLength,
    );
  }

  compareName(row: number, name: Uint8Array): number {
    const length = this.nameLength(row);
    const start = this.#nameStart(row, length);
    return compareBytes(this.#nameBytes(row, length), start, length, name, 0, name.length);
  }

  path(row: number): ZnodePath {
    if (row === ROOT_ROW) return trustedPath('/');
    let path = '';
    for (let at = row; at !== ROOT_ROW; at = this.rows.integer(at, PARENT)) {
      path = `/${this.name(at)}${path}`;
    }
    return trustedPath(path);
  }

  /** For loading: the name as it came, in UTF-8; the index learns of the row by `indexChild`. */
  restoreName(row: number, name: Uint8Array): void {
    this.#keepName(row, name, isAscii(name) ? name.length : -name.length);
  }

  /** For loading: hashes the path of a row whose parent's is hashed, and lets it be found. */
  indexChild(row: number): void {
    const hash = this.rehashPath(row);
    this.rows.setInteger(row, PATH_HASH, hash);
    this.#index.insert(hash, row);
  }

  /** The hash of the row's path from its name and its parent's hash. */
  rehashPath(row: number): number {
    if (row === ROOT_ROW) return ROOT_HASH;
    const { rows } = this;
    const parentHash = rows.integer(rows.integer(row, PARENT), PATH_HASH);
    const length = rows.integer(row, NAME_LENGTH);
    if (length < 0) return hashChild(parentHash, this.name(row));
    const start = this.#nameStart(row, length);
    return hashAsciiChild(parentHash, this.#nameBytes(row, length), start, length);
  }

  /** Of the name in UTF-8, in bytes. */
  nameLength(row: number): number {
    return Math.abs(this.rows.integer(row, NAME_LENGTH));
  }

  /** Where the name stands: in the row if it is short, else in the arena. */
  #nameBytes(row: number, length: number): Uint8Array {
    if (length <= SHORT_NAME_BYTES) return this.rows.bytesOf(row);
    return this.#bytes.bytesOf(this.rows.integer(row, NAME));
  }

  #nameStart(row: number, length: number): number {
    if (length <= SHORT_NAME_BYTES) return this.rows.shortNameAt(row);
    return this.#bytes.offsetOf(this.rows.integer(row, NAME));
  }

  #writeName(row: number, path: ZnodePath): void {
    const start = path.lastIndexOf('/') + 1;
    const length = path.length - start;
    if (length > SHORT_NAME_BYTES || !this.#writeShortName(row, path, start, length)) {
      const name = encodeText(path.slice(start));
      this.#keepName(row, name, name.length === length ? length : -name.length);
    }
  }

  /** False where a unit is not ASCII. */
  #writeShortName(row: number, path: ZnodePath, start: number, length: number): boolean {
    const bytes = this.rows.bytesOf(row);
    const at = this.rows.shortNameAt(row);
    for (let i = 0; i < length; i++) {
      const unit = path.charCodeAt(start + i);
      if (unit > 0x7f) return false;
      bytes[at + i] = unit;
    }
    this.rows.setInteger(row, NAME_LENGTH, length);
    return true;
  }

  #keepName(row: number, name: Uint8Array, signedLength: number): void {
    this.rows.setInteger(row, NAME_LENGTH, signedLength);
    if (name.length <= SHORT_NAME_BYTES) {
      this.rows.bytesOf(row).set(name, this.rows.shortNameAt(row));
    } else this.rows.setInteger(row, NAME, this.#bytes.write(name));
  }

  #freeName(row: number): void {
    const length = this.nameLength(row);
    if (length > SHORT_NAME_BYTES) this.#bytes.free(this.rows.integer(row, NAME), length);
  }

  #unlink(row: number): void {
    const { rows } = this;
    const parent = rows.integer(row, PARENT);
    const first = rows.integer(parent, FIRST_CHILD);
    const next = rows.integer(row, NEXT_SIBLING);
    const previous = rows.integer(row, PREVIOUS_SIBLING);
    if (row === first) rows.setInteger(parent, FIRST_CHILD, next);
    else rows.setInteger(previous, NEXT_SIBLING, next);
    // The first child knows the last one.
    if (next !== 0) rows.setInteger(next, PREVIOUS_SIBLING, previous);
    else if (row !== first) rows.setInteger(first, PREVIOUS_SIBLING, previous);
    rows.setInteger(parent, CHILDREN, rows.integer(parent, CHILDREN) - 1);
  }

  /** Whether the first `end` units of `path` name the row: compares the names from the last one up. */
  #isAt(row: number, path: ZnodePath, end: number): boolean {
    const { rows } = this;
    let at = row;
    let rest = end;
    while (at !== ROOT_ROW) {
      const length = rows.integer(at, NAME_LENGTH);
      const start = length < 0 ? rest - this.name(at).length : rest - length;
      if (start < 1 || path.charCodeAt(start - 1) !== SLASH) return false;
      if (
        length < 0
          ? !path.startsWith(this.name(at), start)
          : !this.#isNamed(at, path, start, length)
      ) {
        return false;
      }
      rest = start - 1;
      at = rows.integer(at, PARENT);
    }
    return rest === 0;
  }

  #isNamed(row: number, path: ZnodePath, start: number, length: number): boolean {
    const bytes = this.#nameBytes(row, length);
    const at = this.#nameStart(row, length);
    for (let i = 0; i < length; i++) {
      if (bytes[at + i] !== path.charCodeAt(start + i)) return false;
    }
    return true;
  }
}

/** No name has surrogates or what lies behind them, so bytes of UTF-8 have the order of UTF-16 units. */
function compareBytes(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): number {
  const length = Math.min(aLength, bLength);
  for (let i = 0; i < length; i++) {
    const difference = (a[aStart + i] ?? 0) - (b[bStart + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte > 0x7f) return false;
  return true;
}
