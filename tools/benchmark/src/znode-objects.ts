/** What is measured of a tree, kept in whatever way. */
export interface MeasuredTree {
  create(path: string, data: Uint8Array): void;
  has(path: string): boolean;
  /** Finds, makes a stat and gets the data. */
  read(path: string): number;
  setData(path: string, data: Uint8Array): void;
  delete(path: string): void;
}

class ZnodeObject {
  czxid: number;
  mzxid: number;
  pzxid: number;
  ctime: number;
  mtime: number;
  owner = 0;
  version = 0;
  cversion = 0;
  creates = 0;
  data: Uint8Array | null;
  slot: number;
  length: number;
  children: Set<string> | null = null;

  constructor(zxid: number, time: number, data: Uint8Array | null, slot: number, length: number) {
    this.czxid = zxid;
    this.mzxid = zxid;
    this.pzxid = zxid;
    this.ctime = time;
    this.mtime = time;
    this.data = data;
    this.slot = slot;
    this.length = length;
  }
}

const SLOT_BYTES = 104;
const PAGE_SLOTS = 2048;

/** Slots of one size only: less than a real tree needs, so the comparison favours it. */
class Slab {
  readonly #pages: Uint8Array<ArrayBuffer>[] = [];
  readonly #free: number[] = [];
  #end = 0;

  write(data: Uint8Array): number {
    const slot = this.#free.pop() ?? this.#end++;
    const page = Math.floor(slot / PAGE_SLOTS);
    if (page === this.#pages.length) this.#pages.push(new Uint8Array(PAGE_SLOTS * SLOT_BYTES));
    this.#pages[page]?.set(data, (slot % PAGE_SLOTS) * SLOT_BYTES);
    return slot;
  }

  free(slot: number): void {
    this.#free.push(slot);
  }

  copy(slot: number, length: number): Uint8Array {
    const offset = (slot % PAGE_SLOTS) * SLOT_BYTES;
    const page = this.#pages[Math.floor(slot / PAGE_SLOTS)];
    return Buffer.from(page?.subarray(offset, offset + length) ?? []);
  }
}

/** The tree as ZooKeeper keeps it: a Map from path to object, names of children in a Set. No digest. */
export class ObjectTree implements MeasuredTree {
  readonly #znodes = new Map<string, ZnodeObject>();
  readonly #slab: Slab | null;
  #zxid = 2 ** 32;

  constructor(isInSlabs: boolean) {
    this.#slab = isInSlabs ? new Slab() : null;
    this.#znodes.set('/', new ZnodeObject(0, 0, null, 0, 0));
  }

  create(path: string, data: Uint8Array): void {
    if (this.#znodes.has(path)) return;
    const slash = path.lastIndexOf('/');
    const parent = this.#znodes.get(slash === 0 ? '/' : path.slice(0, slash));
    if (parent === undefined) throw new RangeError(`${path} has no parent`);
    const zxid = ++this.#zxid;
    const kept = this.#slab === null ? data.slice() : null;
    const slot = this.#slab === null || data.length === 0 ? 0 : this.#slab.write(data);
    this.#znodes.set(path, new ZnodeObject(zxid, 1.7e12, kept, slot, data.length));
    parent.children ??= new Set();
    parent.children.add(path.slice(slash + 1));
    parent.cversion++;
    parent.creates++;
    parent.pzxid = zxid;
  }

  has(path: string): boolean {
    return this.#znodes.has(path);
  }

  read(path: string): number {
    const znode = this.#znodes.get(path);
    if (znode === undefined) return 0;
    const stat = {
      czxid: znode.czxid,
      mzxid: znode.mzxid,
      pzxid: znode.pzxid,
      ctime: znode.ctime,
      mtime: znode.mtime,
      version: znode.version,
      cversion: znode.cversion,
      ephemeralOwner: znode.owner,
      dataLength: znode.length,
      numChildren: znode.children?.size ?? 0,
      kind: 'persistent',
      ttlMs: 0,
    };
    const data = znode.data ?? this.#slab?.copy(znode.slot, znode.length);
    return stat.dataLength + (data?.length ?? 0);
  }

  setData(path: string, data: Uint8Array): void {
    const znode = this.#znodes.get(path);
    if (znode === undefined) return;
    if (this.#slab === null) znode.data = data.slice();
    else {
      this.#slab.free(znode.slot);
      znode.slot = this.#slab.write(data);
    }
    znode.length = data.length;
    znode.version++;
    znode.mzxid = ++this.#zxid;
    znode.mtime = 1.7e12;
  }

  delete(path: string): void {
    const znode = this.#znodes.get(path);
    if (znode === undefined) return;
    const slash = path.lastIndexOf('/');
    const parent = this.#znodes.get(slash === 0 ? '/' : path.slice(0, slash));
    if (this.#slab !== null && znode.length > 0) this.#slab.free(znode.slot);
    this.#znodes.delete(path);
    if (parent === undefined) return;
    parent.children?.delete(path.slice(slash + 1));
    parent.cversion++;
    parent.pzxid = ++this.#zxid;
  }
}
