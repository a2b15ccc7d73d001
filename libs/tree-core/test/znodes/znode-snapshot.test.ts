import { makeZxid, trustedPath, trustedZxid, ZXID_ZERO } from '@paddock/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashPrefix } from '../../src/znodes/path-hash.ts';
import { TreeDigest } from '../../src/znodes/tree-digest.ts';
import { VERSION } from '../../src/znodes/znode-rows.ts';
import { ZnodeSnapshot } from '../../src/znodes/znode-snapshot.ts';
import { ZnodeStore } from '../../src/znodes/znode-store.ts';
import { ROOT_ROW, ZnodeTable } from '../../src/znodes/znode-table.ts';
import { applyChange, creation, NaiveTree } from './naive-tree.ts';
import { expectSameTree, runs, wishes } from './tree-arbitraries.ts';

function load(chunks: readonly Uint8Array[]): ZnodeStore {
  const store = new ZnodeStore();
  for (const chunk of chunks) store.load(chunk);
  store.endLoad();
  return store;
}

function snapshotOf(store: ZnodeStore, bytes = 1000): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  store.beginSnapshot();
  for (let it = store.snapshotSlice(bytes); it !== null; it = store.snapshotSlice(bytes)) {
    chunks.push(it);
  }
  store.abandonSnapshot();
  return chunks;
}

function smallStore(): ZnodeStore {
  const store = new ZnodeStore();
  const data = Uint8Array.of(1, 2, 3);
  store.create(creation(trustedPath('/a'), data, 1, 1), makeZxid(1, 1), 5);
  store.create(creation(trustedPath('/b'), data, 2, 2), makeZxid(1, 2), 5);
  store.create(creation(trustedPath('/b/c'), data, 1, 1), makeZxid(1, 3), 5);
  return store;
}

describe('a snapshot of the tree', () => {
  it('H12: is the tree at its zxid, whatever changes between its slices', () => {
    const sliceBytes = fc.constantFrom(1, 300, 3000);
    fc.assert(
      fc.property(
        wishes(100),
        wishes(160),
        sliceBytes,
        fc.nat(12),
        (before, during, bytes, pace) => {
          const naive = new NaiveTree();
          const store = new ZnodeStore();
          for (const wish of before) {
            const change = naive.change(wish);
            if (change !== null) applyChange(store, change);
          }
          const atSnapshot = naive.copy();
          const digest = store.digest();
          store.beginSnapshot();
          const chunks: Uint8Array[] = [];
          let isDone = false;
          for (const [i, wish] of during.entries()) {
            const change = naive.change(wish);
            if (change !== null) applyChange(store, change);
            if (i % (pace + 1) !== 0 || isDone) continue;
            const images = store.snapshotImages();
            if (images !== null) chunks.push(images);
            const slice = store.snapshotSlice(bytes);
            if (slice === null) isDone = true;
            else chunks.push(slice);
          }
          for (let it = store.snapshotSlice(bytes); it !== null; it = store.snapshotSlice(bytes)) {
            chunks.push(it);
          }
          expect(store.snapshotDigest()).toEqual(digest);
          store.abandonSnapshot();
          const loaded = load(chunks);
          expect(loaded.digest()).toEqual(digest);
          expectSameTree(loaded, atSnapshot);
          expectSameTree(store, naive);
        },
      ),
      runs(40),
    );
  });

  it('H12 a: knows a row that took the number of a deleted one', () => {
    const store = smallStore();
    const digest = store.digest();
    store.beginSnapshot();
    store.delete(store.find(trustedPath('/a')), 3, makeZxid(1, 4));
    store.create(creation(trustedPath('/new'), Uint8Array.of(9), 4, 3), makeZxid(1, 5), 6);
    const chunks: Uint8Array[] = [];
    for (let it = store.snapshotSlice(1); it !== null; it = store.snapshotSlice(1)) chunks.push(it);
    const loaded = load(chunks);
    expect(loaded.children(loaded.find(trustedPath('/')))).toEqual(['a', 'b']);
    expect(loaded.digest()).toEqual(digest);
  });

  it.each([0, 1, 2, 3, 4])('H12 b: counts a child once that came behind %i slices', (slices) => {
    const store = smallStore();
    const chunks: Uint8Array[] = [];
    store.beginSnapshot();
    for (let i = 0; i < slices; i++) chunks.push(store.snapshotSlice(1) ?? new Uint8Array(0));
    const arrive = (it: ZnodeStore): void => {
      it.create(creation(trustedPath('/b/d'), Uint8Array.of(4), 2, 2), makeZxid(1, 4), 6);
    };
    arrive(store);
    const images = store.snapshotImages();
    if (images !== null) chunks.push(images);
    for (let it = store.snapshotSlice(1); it !== null; it = store.snapshotSlice(1)) chunks.push(it);
    const loaded = load(chunks.filter(({ length }) => length > 0));
    const derived = (it: ZnodeStore): unknown => [
      it.stat(it.find(trustedPath('/b'))).numChildren,
      it.count,
      it.dataBytes,
    ];
    expect(derived(loaded)).toEqual([1, 4, 9]);
    // The log behind the snapshot begins with it.
    arrive(loaded);
    expect(derived(loaded)).toEqual([2, 5, 10]);
    expect(derived(loaded)).toEqual(derived(store));
    expect(loaded.digest()).toEqual(store.digest());
  });

  it('goes on from a loaded tree as from the one it was taken of', () => {
    fc.assert(
      fc.property(wishes(80), wishes(80), (before, after) => {
        const naive = new NaiveTree();
        const store = new ZnodeStore();
        for (const wish of before) {
          const change = naive.change(wish);
          if (change !== null) applyChange(store, change);
        }
        const loaded = load(snapshotOf(store));
        for (const wish of after) {
          const change = naive.change(wish);
          if (change === null) continue;
          applyChange(store, change);
          applyChange(loaded, change);
        }
        expectSameTree(loaded, naive);
        expect(loaded.digest()).toEqual(store.digest());
        expect(load(snapshotOf(loaded)).digest()).toEqual(store.digest());
      }),
      runs(30),
    );
  });

  it('H12: comes to another digest than the running one where memory has rotted', () => {
    const scanAfter = (rot: (table: ZnodeTable, row: number) => void): [TreeDigest, TreeDigest] => {
      const table = new ZnodeTable();
      const row = table.insert(
        ROOT_ROW,
        trustedPath('/a'),
        hashPrefix('/a', 2),
        Uint8Array.of(1, 2, 3),
      );
      const digest = new TreeDigest(table.accesses);
      digest.add(table.rows, ROOT_ROW);
      digest.add(table.rows, row);
      rot(table, row);
      const snapshot = new ZnodeSnapshot(table, ZXID_ZERO, 1e6);
      while (snapshot.slice(1000) !== null);
      return [digest, snapshot.digest];
    };
    const flip = (bytes: Uint8Array): void => void (bytes[1] = (bytes[1] ?? 0) ^ 1);
    const isSame = ([running, scanned]: [TreeDigest, TreeDigest]): boolean =>
      running.high === scanned.high && running.low === scanned.low;
    expect(isSame(scanAfter(() => undefined))).toBe(true);
    expect(isSame(scanAfter((table, row) => flip(table.viewData(row))))).toBe(false);
    expect(isSame(scanAfter((table, row) => table.viewName(row).fill(0x62)))).toBe(false);
    expect(isSame(scanAfter((table, row) => table.rows.setInteger(row, VERSION, 1)))).toBe(false);
  });

  it('saves nothing twice, and nothing that was born since', () => {
    const store = smallStore();
    store.beginSnapshot();
    const row = store.find(trustedPath('/b'));
    for (let i = 4; i < 9; i++) store.setData(row, Uint8Array.of(i), i, makeZxid(1, i), 7);
    const images = store.snapshotImages();
    expect(images).not.toBeNull();
    store.create(creation(trustedPath('/new'), Uint8Array.of(1), 3, 3), makeZxid(1, 9), 7);
    store.setData(store.find(trustedPath('/new')), Uint8Array.of(2), 1, makeZxid(1, 10), 7);
    const chunks: Uint8Array[] = images === null ? [] : [images];
    for (let it = store.snapshotSlice(1e6); it !== null; it = store.snapshotSlice(1e6)) {
      chunks.push(it);
    }
    expect(load(chunks).count).toBe(4);
  });

  it('is refused where rows do not make up one tree', () => {
    const whole = snapshotOf(smallStore(), 1);
    expect(whole).toHaveLength(4);
    expect(() => load(whole.slice(1))).toThrow('without a root');
    expect(() => load([...whole.slice(0, 2), ...whole.slice(3)])).toThrow('without a parent');
    expect(() => load([...whole, ...whole.slice(3)])).toThrow('comes twice');
    const [first = new Uint8Array(0)] = whole;
    expect(() => load([first.subarray(0, 20)])).toThrow('bytes expected');
  });

  it('loads rows in any order', () => {
    const store = smallStore();
    expect(load(snapshotOf(store, 1).reverse()).digest()).toEqual(store.digest());
  });

  it('takes changes of a later epoch for later', () => {
    const store = smallStore();
    const digest = store.digest();
    store.beginSnapshot();
    const zxid = trustedZxid(makeZxid(2, 1));
    store.delete(store.find(trustedPath('/b/c')), 2, zxid);
    store.delete(store.find(trustedPath('/b')), 3, trustedZxid(zxid + 1));
    const chunks: Uint8Array[] = [];
    for (let it = store.snapshotSlice(1); it !== null; it = store.snapshotSlice(1)) chunks.push(it);
    expect(load(chunks).digest()).toEqual(digest);
  });
});
