import {
  makeZxid,
  NO_SESSION,
  nodeName,
  parentPath,
  ROOT,
  trustedSessionId,
  trustedZxid,
} from '@paddock/model';
import type { SessionId, Stat, ZnodeCreation, ZnodePath, Zxid } from '@paddock/model';
import type { ZnodeStore } from '../../src/znodes/znode-store.ts';

interface NaiveZnode {
  stat: Stat;
  creates: number;
  data: Uint8Array;
}

/** A change as a transaction carries it, with absolute values. */
export type TreeChange =
  | {
      readonly kind: 'create';
      readonly path: ZnodePath;
      readonly data: Uint8Array;
      readonly owner: SessionId;
      readonly parentCversion: number;
      readonly parentCreates: number;
      readonly zxid: Zxid;
    }
  | {
      readonly kind: 'set';
      readonly path: ZnodePath;
      readonly data: Uint8Array;
      readonly version: number;
      readonly zxid: Zxid;
    }
  | {
      readonly kind: 'delete';
      readonly path: ZnodePath;
      readonly parentCversion: number;
      readonly zxid: Zxid;
    };

export function timeOf(zxid: Zxid): number {
  return 1_700_000_000_000 + (zxid % 1_000_000);
}

/** Persistent, unless somebody owns it. */
export function creation(
  path: ZnodePath,
  data: Uint8Array,
  parentCversion: number,
  parentCreates: number,
  ephemeralOwner: SessionId = NO_SESSION,
): ZnodeCreation {
  const znodeKind = ephemeralOwner === NO_SESSION ? 'persistent' : 'ephemeral';
  return { path, data, znodeKind, ephemeralOwner, ttlMs: 0, parentCversion, parentCreates };
}

export function applyChange(store: ZnodeStore, change: TreeChange): void {
  const { path, zxid } = change;
  const time = timeOf(zxid);
  if (change.kind === 'create') {
    const { data, owner, parentCversion, parentCreates } = change;
    store.create(creation(path, data, parentCversion, parentCreates, owner), zxid, time);
  } else if (change.kind === 'set') {
    store.setData(store.find(path), change.data, change.version, zxid, time);
  } else store.delete(store.find(path), change.parentCversion, zxid);
}

/** The tree as a Map of objects: what the store must equal, and the source of valid changes. */
export class NaiveTree {
  readonly znodes = new Map<ZnodePath, NaiveZnode>();
  zxid: Zxid = makeZxid(0, 0);

  constructor() {
    this.#put(ROOT, new Uint8Array(0), trustedSessionId(0), makeZxid(0, 0), 0);
  }

  /** Turns a wish into a change if it is possible now, and applies it here. */
  change(wish: Wish): TreeChange | null {
    const { path } = wish;
    const znode = this.znodes.get(path);
    const parent = this.znodes.get(parentPath(path));
    if (path === ROOT && wish.kind !== 'set') return null;
    const zxid = trustedZxid(this.zxid + wish.step);
    if (wish.kind === 'create') {
      if (znode !== undefined || parent === undefined) return null;
      if (parent.stat.ephemeralOwner !== 0) return null;
      this.zxid = zxid;
      this.#put(path, wish.data, wish.owner, zxid, timeOf(zxid));
      this.#childChanged(parent, zxid, 1);
      const { cversion } = parent.stat;
      const parentCreates = parent.creates;
      const { data, owner } = wish;
      return { kind: 'create', path, data, owner, parentCversion: cversion, parentCreates, zxid };
    }
    if (znode === undefined) return null;
    if (wish.kind === 'set') {
      this.zxid = zxid;
      const { data } = wish;
      const version = znode.stat.version + 1;
      znode.data = data;
      znode.stat = {
        ...znode.stat,
        version,
        mzxid: zxid,
        mtime: timeOf(zxid),
        dataLength: data.length,
      };
      return { kind: 'set', path, data, version, zxid };
    }
    if (znode.stat.numChildren > 0 || parent === undefined) return null;
    this.zxid = zxid;
    this.znodes.delete(path);
    this.#childChanged(parent, zxid, -1);
    return { kind: 'delete', path, parentCversion: parent.stat.cversion, zxid };
  }

  /** The names below each path. */
  children(): Map<ZnodePath, string[]> {
    const children = new Map<ZnodePath, string[]>();
    for (const path of this.znodes.keys()) {
      if (path === ROOT) continue;
      const siblings = children.get(parentPath(path));
      if (siblings === undefined) children.set(parentPath(path), [nodeName(path)]);
      else siblings.push(nodeName(path));
    }
    return children;
  }

  /** Counted anew. */
  subtree(path: ZnodePath): { descendants: number; subtreeBytes: number } {
    const prefix = path === ROOT ? path : `${path}/`;
    let descendants = -1;
    let subtreeBytes = 0;
    for (const [it, { data }] of this.znodes) {
      if (it !== path && !it.startsWith(prefix)) continue;
      descendants += 1;
      subtreeBytes += data.length;
    }
    return { descendants, subtreeBytes };
  }

  copy(): NaiveTree {
    const copy = new NaiveTree();
    copy.zxid = this.zxid;
    for (const [path, znode] of this.znodes) copy.znodes.set(path, { ...znode });
    return copy;
  }

  #put(path: ZnodePath, data: Uint8Array, owner: SessionId, zxid: Zxid, time: number): void {
    const stat: Stat = {
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: time,
      mtime: time,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: owner,
      dataLength: data.length,
      numChildren: 0,
      kind: owner === NO_SESSION ? 'persistent' : 'ephemeral',
      ttlMs: 0,
    };
    this.znodes.set(path, { stat, creates: 0, data });
  }

  #childChanged(parent: NaiveZnode, zxid: Zxid, by: number): void {
    const { cversion, numChildren } = parent.stat;
    parent.stat = {
      ...parent.stat,
      cversion: cversion + 1,
      pzxid: zxid,
      numChildren: numChildren + by,
    };
    if (by > 0) parent.creates++;
  }
}

export interface Wish {
  readonly kind: 'create' | 'set' | 'delete';
  readonly path: ZnodePath;
  readonly data: Uint8Array;
  readonly owner: SessionId;
  /** How far the zxid advances. */
  readonly step: number;
}
