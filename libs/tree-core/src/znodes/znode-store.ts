import { assert, DEFAULT_TIMING, NO_SESSION, ROOT, trustedZxid, ZXID_ZERO } from '@paddock/model';
import type {
  Access,
  Acl,
  SessionId,
  Stat,
  ZnodeCreation,
  ZnodePath,
  ZnodeRecord,
  Zxid,
} from '@paddock/model';
import type { Digest } from '../digest.ts';
import type { ChildrenPage } from './ordered-children.ts';
import { hashPrefix, hashRange } from './path-hash.ts';
import { OpenSubtrees } from './open-subtrees.ts';
import { TreeDigest } from './tree-digest.ts';
import { isReaped, lifeOf, ownerOfLife } from './znode-life.ts';
import { ZnodeLoading } from './znode-loading.ts';
import { accessOf, recordOf, statOf } from './znode-metadata.ts';
import { ZnodeReaper } from './znode-reaper.ts';
import {
  ACCESS,
  CHILDREN,
  CREATES,
  CTIME,
  CVERSION,
  CZXID,
  DATA_LENGTH,
  DESCENDANTS,
  FIRST_CHILD,
  LIFE,
  MTIME,
  MZXID,
  NEXT_SIBLING,
  PARENT,
  PZXID,
  SUBTREE_BYTES,
  VERSION,
} from './znode-rows.ts';
import { ZnodeSearch } from './znode-search.ts';
import { ZnodeSnapshot } from './znode-snapshot.ts';
import { ROOT_ROW, ZnodeTable } from './znode-table.ts';

/** Of a snapshot's chunk, unless another size is asked for. */
const CHUNK_BYTES = 1024 * 1024;
/** Leaves the count of creations as it is. */
const SAME_CREATES = -1;

/**
 * The znode tree in memory (paper 4.3). It applies transactions and validates nothing. A row is its handle of a znode,
 * valid until the next change.
 *
 * Changes have absolute values, and the zxids that a znode carries tell what it has seen already, so that
 * replaying any stretch of the log once more to its end gives the same tree (P7):
 * 1. a znode's data changes only by a zxid of at least its mzxid;
 * 2. what it knows of its children changes only by a zxid of at least its pzxid;
 * 3. a znode's ACL changes only by a zxid of at least that which set it, or made the znode;
 * 4. a creation of what exists with at least this czxid, below what was created later, or below nothing,
 *    has been overtaken, and so has a deletion of what was created later.
 */
export class ZnodeStore {
  readonly #table = new ZnodeTable();
  /** For whoever asks for many znodes at once. */
  readonly search = new ZnodeSearch(this.#table);
  readonly #digest = new TreeDigest(this.#table.accesses);
  readonly #ephemerals = new Map<SessionId, Set<number>>();
  /** No row carries a higher zxid. */
  #zxid = ZXID_ZERO;
  #snapshot: ZnodeSnapshot | null = null;
  readonly subtrees = new OpenSubtrees(this.#table, this);
  #loading: ZnodeLoading | null = null;
  readonly #reaper: ZnodeReaper;
  /** Met while loading, when not all of the tree is there. */
  #reapable: number[] = [];

  /** A container that has never had a child is due after so many milliseconds. */
  constructor(unusedContainerMs = DEFAULT_TIMING.unusedContainerMs) {
    const recordOf = (row: number, czxid: number): ZnodeRecord | null => {
      const { rows } = this.#table;
      return rows.isUsed(row) && rows.double(row, CZXID) === czxid ? this.record(row) : null;
    };
    const tree = { recordOf, path: (row: number) => this.path(row) };
    this.#reaper = new ZnodeReaper(tree, unusedContainerMs);
    this.#digest.add(this.#table.rows, ROOT_ROW);
  }

  /** Znodes, the root included. */
  get count(): number {
    return this.#table.rows.count;
  }

  /** Bytes of data in all znodes. */
  get dataBytes(): number {
    return this.#table.rows.double(ROOT_ROW, SUBTREE_BYTES);
  }

  /** Bytes of memory taken by rows, names, data and the index. */
  get memoryBytes(): number {
    return this.#table.memoryBytes;
  }

  /** The znode's row, or -1 where there is none. */
  find(path: ZnodePath): number {
    const row = this.#table.find(path);
    return row === 0 ? -1 : row;
  }

  /** The row of the znode, or -1 where that was overtaken. Its data is copied; `time` is ms since 1970. */
  create(creation: ZnodeCreation, zxid: Zxid, time: number): number {
    const { path, data, ephemeralOwner } = creation;
    if (path === ROOT) return ROOT_ROW;
    const table = this.#table;
    const { rows } = table;
    const end = path.lastIndexOf('/');
    const parentHash = hashPrefix(path, end);
    const parent = table.findHashed(path, end, parentHash);
    if (parent === 0 || rows.double(parent, CZXID) > zxid) return -1;
    this.#changeChildren(parent, creation.parentCversion, creation.parentCreates, zxid);
    const hash = hashRange(parentHash, path, end, path.length);
    const existing = table.findHashed(path, path.length, hash);
    if (existing !== 0) {
      assert(rows.double(existing, CZXID) >= zxid, 'a znode is created where an older one stands');
      return existing;
    }
    const row = table.insert(parent, path, hash, data);
    rows.setDouble(row, CZXID, zxid);
    rows.setDouble(row, MZXID, zxid);
    rows.setDouble(row, PZXID, zxid);
    rows.setDouble(row, CTIME, time);
    rows.setDouble(row, MTIME, time);
    const life = lifeOf(creation.znodeKind, ephemeralOwner, creation.ttlMs);
    rows.setDouble(row, LIFE, life);
    if (creation.acl !== undefined) {
      this.#setAccess(row, { acl: creation.acl, version: 0 }, ZXID_ZERO);
    }
    this.#digest.add(rows, row);
    table.weigh(row, 1, data.length);
    if (ephemeralOwner !== NO_SESSION) this.#own(ephemeralOwner, row);
    else if (isReaped(life)) this.#reaper.add(row, zxid);
    return row;
  }

  setData(row: number, data: Uint8Array, version: number, zxid: Zxid, time: number): void {
    const { rows } = this.#table;
    if (row < 0 || zxid < rows.double(row, MZXID)) return;
    this.#rowChanges(row, zxid);
    this.#digest.subtractSelf(rows, row);
    this.#table.weigh(row, 0, data.length - rows.integer(row, DATA_LENGTH));
    this.#table.writeData(row, data);
    rows.setInteger(row, VERSION, version);
    rows.setDouble(row, MZXID, zxid);
    rows.setDouble(row, MTIME, time);
    this.#digest.addSelf(rows, row);
  }

  setAcl(row: number, acl: Acl, version: number, zxid: Zxid): void {
    const { rows, accesses } = this.#table;
    if (row < 0 || zxid < rows.double(row, CZXID)) return;
    if (zxid < accesses.azxid(rows.integer(row, ACCESS))) return;
    this.#rowChanges(row, zxid);
    this.#digest.subtractSelf(rows, row);
    this.#setAccess(row, { acl, version }, zxid);
    this.#digest.addSelf(rows, row);
  }

  delete(row: number, parentCversion: number, zxid: Zxid): void {
    const { rows } = this.#table;
    if (row < 0 || rows.double(row, CZXID) > zxid) return;
    assert(row !== ROOT_ROW, 'the root is never deleted');
    assert(rows.integer(row, CHILDREN) === 0, 'a znode is deleted that has children');
    this.#rowChanges(row, zxid);
    const parent = rows.integer(row, PARENT);
    this.#changeChildren(parent, parentCversion, SAME_CREATES, zxid);
    this.#digest.subtract(rows, row);
    this.#table.weigh(row, -1, -rows.integer(row, DATA_LENGTH));
    const owner = this.ephemeralOwner(row);
    if (owner !== NO_SESSION) this.#disown(owner, row);
    else if (isReaped(rows.double(row, LIFE))) this.#reaper.remove(row);
    this.subtrees.rowLeaves(row);
    this.#table.remove(row);
    if (rows.integer(parent, CHILDREN) === 0 && isReaped(rows.double(parent, LIFE))) {
      this.#reaper.add(parent, rows.double(parent, CZXID));
    }
  }

  stat(row: number): Stat {
    return statOf(this.#table, row);
  }

  access(row: number): Access {
    return accessOf(this.#table, row);
  }

  /** Znodes below this one, on all levels. */
  descendants(row: number): number {
    return this.#table.rows.integer(row, DESCENDANTS);
  }

  /** Bytes of data in the znode and in all below it. */
  subtreeBytes(row: number): number {
    return this.#table.rows.double(row, SUBTREE_BYTES);
  }

  /** Bytes that never change afterwards: they travel to other stages. */
  data(row: number): Uint8Array {
    return this.#table.copyData(row);
  }

  /** What the names of the children take in UTF-8, in bytes. */
  childNameBytes(row: number): number {
    return this.#table.children.nameBytes(row);
  }

  /** Names in ascending order of their UTF-16 units. */
  children(row: number): string[] {
    return this.#table.children.all(row);
  }

  /** Those of `children` behind `after`, at most `limit`, and no more than a page holds. */
  childrenPage(row: number, after: string, limit: number): ChildrenPage {
    return this.#table.children.page(row, after, limit);
  }

  /** At most so many rows of the znode and of all below it, a parent before its children; none for row -1. */
  subtree(row: number, limit: number): number[] {
    const { rows } = this.#table;
    const found = row < 0 ? [] : [row];
    for (let i = 0; i < found.length; i++) {
      let it = rows.integer(found[i] ?? 0, FIRST_CHILD);
      for (; it !== 0 && found.length < limit; it = rows.integer(it, NEXT_SIBLING)) found.push(it);
    }
    return found;
  }

  record(row: number): ZnodeRecord {
    return recordOf(this.#table, row);
  }

  dataLength(row: number): number {
    return this.#table.rows.integer(row, DATA_LENGTH);
  }

  path(row: number): ZnodePath {
    return this.#table.path(row);
  }

  ephemeralOwner(row: number): SessionId {
    return ownerOfLife(this.#table.rows.double(row, LIFE));
  }

  /** Paths in ascending order. */
  ephemerals(session: SessionId): readonly ZnodePath[] {
    const paths: ZnodePath[] = [];
    for (const row of this.#ephemerals.get(session) ?? []) paths.push(this.path(row));
    return paths.sort();
  }

  ephemeralCount(session: SessionId): number {
    return this.#ephemerals.get(session)?.size ?? 0;
  }

  /** At most so many containers and znodes with a TTL that are due for deletion at `time`, ms since 1970. */
  due(time: number, limit: number): ZnodePath[] {
    return this.#reaper.due(time, limit);
  }

  /** Independent of order, kept incrementally; equal trees have equal digests. */
  digest(): Digest {
    return { high: this.#digest.high, low: this.#digest.low };
  }

  /** From here until the end of the scan each change first saves the row's image as of now. */
  beginSnapshot(chunkBytes = CHUNK_BYTES): void {
    assert(this.#loading === null, 'no snapshot is taken of a tree that is being loaded');
    this.#snapshot = new ZnodeSnapshot(this.#table, this.#zxid, chunkBytes);
  }

  /** Encodes at most about `bytes` of rows as of beginSnapshot, and the images saved since; null after the last. */
  snapshotSlice(bytes: number): Uint8Array | null {
    return this.#running().slice(bytes);
  }

  /** Images saved since the last slice, for when slices pause; null where there are none. */
  snapshotImages(): Uint8Array | null {
    return this.#running().images();
  }

  /** What the scan has come to, to be compared with the digest at beginSnapshot. */
  snapshotDigest(): Digest {
    const { digest } = this.#running();
    return { high: digest.high, low: digest.low };
  }

  /** Ends it, finished or not: changes save no more images. */
  abandonSnapshot(): void {
    this.#snapshot = null;
  }

  /** Takes one chunk of a slice, in the order in which they were given. Throws CodecError. */
  load(chunk: Uint8Array): void {
    this.#loading ??= this.#beginLoading();
    this.#loading.add(chunk);
  }

  /** After the last chunk: before it nothing is found. Throws CodecError where the rows are not one tree. */
  endLoad(): void {
    assert(this.#loading !== null, 'nothing was loaded');
    this.#loading.finish((row) => this.#loaded(row));
    this.#loading = null;
    for (const row of this.#reapable) this.#reaper.add(row, this.#table.rows.double(row, CZXID));
    this.#reapable = [];
  }

  #running(): ZnodeSnapshot {
    assert(this.#snapshot !== null, 'no snapshot is being taken');
    return this.#snapshot;
  }

  #beginLoading(): ZnodeLoading {
    assert(this.count === 1 && this.#zxid === ZXID_ZERO, 'a tree is loaded into an empty store');
    this.#digest.subtract(this.#table.rows, ROOT_ROW);
    return new ZnodeLoading(this.#table);
  }

  #loaded(row: number): void {
    const { rows } = this.#table;
    this.#digest.add(rows, row);
    this.#table.weigh(row, 1, rows.integer(row, DATA_LENGTH));
    this.#see(rows.double(row, MZXID));
    this.#see(rows.double(row, PZXID));
    this.#see(this.#table.accesses.azxid(rows.integer(row, ACCESS)));
    const owner = this.ephemeralOwner(row);
    if (owner !== NO_SESSION) this.#own(owner, row);
    else if (isReaped(rows.double(row, LIFE))) this.#reapable.push(row);
  }

  #see(zxid: number): void {
    if (zxid > this.#zxid) this.#zxid = trustedZxid(zxid);
  }

  /** Before anything of the row changes. */
  #rowChanges(row: number, zxid: Zxid): void {
    this.#see(zxid);
    if (this.#snapshot !== null) this.#snapshot.rowChanges(row, zxid);
    this.subtrees.rowChanges(row);
  }

  #setAccess(row: number, access: Access, azxid: Zxid): void {
    const { rows, accesses } = this.#table;
    const before = rows.integer(row, ACCESS);
    rows.setInteger(row, ACCESS, accesses.use(access, azxid));
    accesses.release(before);
  }

  #changeChildren(row: number, cversion: number, creates: number, zxid: Zxid): void {
    const { rows } = this.#table;
    if (zxid < rows.double(row, PZXID)) return;
    this.#rowChanges(row, zxid);
    this.#digest.subtractChildren(rows, row);
    rows.setInteger(row, CVERSION, cversion);
    if (creates !== SAME_CREATES) rows.setInteger(row, CREATES, creates);
    rows.setDouble(row, PZXID, zxid);
    this.#digest.addChildren(rows, row);
  }

  #own(owner: SessionId, row: number): void {
    const rows = this.#ephemerals.get(owner);
    if (rows === undefined) this.#ephemerals.set(owner, new Set([row]));
    else rows.add(row);
  }

  #disown(owner: SessionId, row: number): void {
    const rows = this.#ephemerals.get(owner);
    if (rows === undefined) return;
    rows.delete(row);
    if (rows.size === 0) this.#ephemerals.delete(owner);
  }
}
