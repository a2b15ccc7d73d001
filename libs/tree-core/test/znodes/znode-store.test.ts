import { makeZxid, NO_SESSION, trustedPath, trustedZxid } from '@paddock/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZnodeStore } from '../../src/znodes/znode-store.ts';
import { applyChange, creation, NaiveTree } from './naive-tree.ts';
import type { TreeChange, Wish } from './naive-tree.ts';
import { expectSameTree, runs, wishes } from './tree-arbitraries.ts';

function changesOf(naive: NaiveTree, wanted: readonly Wish[]): TreeChange[] {
  return wanted.map((it) => naive.change(it)).filter((it) => it !== null);
}

function storeOf(changes: readonly TreeChange[]): ZnodeStore {
  const store = new ZnodeStore();
  for (const change of changes) applyChange(store, change);
  return store;
}

const none = new Uint8Array(0);

describe('the znode store', () => {
  it('has a root from the start', () => {
    const store = new ZnodeStore();
    const row = store.find(trustedPath('/'));
    expect(store.count).toBe(1);
    expect(store.stat(row).czxid).toBe(0);
    expect(store.children(row)).toEqual([]);
    expect(store.find(trustedPath('/a'))).toBe(-1);
  });

  it('equals a Map of objects after any changes', () => {
    fc.assert(
      fc.property(wishes(120), (wanted) => {
        const naive = new NaiveTree();
        const store = storeOf(changesOf(naive, wanted));
        expectSameTree(store, naive);
      }),
      runs(40),
    );
  });

  it('finds many znodes together as it finds each of them alone, absent ones too', () => {
    fc.assert(
      fc.property(wishes(300), wishes(300), (present, asked) => {
        const store = storeOf(changesOf(new NaiveTree(), present));
        const paths = [trustedPath('/'), ...asked.map((it) => it.path)];
        // Twice: a second batch is not mixed up with what the first one left.
        for (const batch of [paths, paths.slice(0, 7).reverse()]) {
          store.search.clear();
          for (const path of batch) store.search.add(path);
          store.search.run(true);
          const together = batch.map((_, index) => store.search.row(index));
          expect(together).toEqual(batch.map((path) => store.find(path)));
        }
      }),
      runs(10),
    );
  });

  it('P7: replaying any stretch of changes once more to its end gives the same tree', () => {
    fc.assert(
      fc.property(wishes(120), fc.nat(10_000), fc.nat(10_000), (wanted, a, b) => {
        const naive = new NaiveTree();
        const changes = changesOf(naive, wanted);
        const end = a % (changes.length + 1);
        const store = storeOf(changes.slice(0, end));
        const before = store.digest();
        for (const change of changes.slice(b % (end + 1), end)) applyChange(store, change);
        expect(store.digest()).toEqual(before);
        for (const change of changes.slice(end)) applyChange(store, change);
        for (const change of changes.slice(b % (end + 1))) applyChange(store, change);
        expectSameTree(store, naive);
        expect(store.digest()).toEqual(storeOf(changes).digest());
      }),
      runs(40),
    );
  });

  it('P7: keeps what a parent has seen when the end of a replay finds nothing to delete', () => {
    const store = new ZnodeStore();
    const [x, y] = [trustedPath('/x'), trustedPath('/y')];
    const createY = (): unknown => store.create(creation(y, none, 2, 2), makeZxid(1, 2), 5);
    const deleteX = (): void => store.delete(store.find(x), 3, makeZxid(1, 3));
    store.create(creation(x, none, 1, 1), makeZxid(1, 1), 5);
    createY();
    deleteX();
    const before = store.digest();
    createY();
    deleteX();
    expect(store.digest()).toEqual(before);
  });

  it('P7: applying each change twice in a row equals applying it once', () => {
    fc.assert(
      fc.property(wishes(80), (wanted) => {
        const naive = new NaiveTree();
        const changes = changesOf(naive, wanted);
        expectSameTree(storeOf(changes.flatMap((it) => [it, it])), naive);
      }),
      runs(30),
    );
  });

  it('has a digest that tells trees apart by data, place, versions, times and owners', () => {
    const create = (path: string, data: string, owner = NO_SESSION, zxid = 5): ZnodeStore => {
      const store = new ZnodeStore();
      const bytes = new TextEncoder().encode(data);
      store.create(creation(trustedPath(path), bytes, 1, 1, owner), makeZxid(1, zxid), 1000);
      return store;
    };
    const digests = [
      create('/a', 'x'),
      create('/a', 'y'),
      create('/b', 'x'),
      create('/a', 'x', NO_SESSION, 6),
      create('/a', ''),
    ].map((it) => JSON.stringify(it.digest()));
    expect(new Set(digests).size).toBe(digests.length);
    expect(create('/a', 'x').digest()).toEqual(create('/a', 'x').digest());
  });

  it('has the digest of the empty tree when all is deleted, but for what the root has seen', () => {
    const store = new ZnodeStore();
    const other = new ZnodeStore();
    const path = trustedPath('/a');
    store.create(creation(path, none, 1, 1), makeZxid(1, 1), 5);
    store.create(creation(trustedPath('/b'), none, 2, 2), makeZxid(1, 2), 5);
    other.create(creation(trustedPath('/b'), none, 2, 2), makeZxid(1, 2), 5);
    store.delete(store.find(path), 3, makeZxid(1, 3));
    other.create(creation(path, none, 3, 2), makeZxid(1, 3), 5);
    other.delete(other.find(path), 3, makeZxid(1, 3));
    expect(store.digest()).toEqual(other.digest());
  });

  it('keeps thousands of znodes apart while they come and go', () => {
    const naive = new NaiveTree();
    const store = new ZnodeStore();
    const at = (i: number): Wish['path'] => trustedPath(`/n${i}`);
    const wishAt = (kind: Wish['kind'], i: number, length: number): void => {
      const data = new Uint8Array(length).fill(i);
      const change = naive.change({ kind, path: at(i), data, owner: NO_SESSION, step: 1 });
      if (change !== null) applyChange(store, change);
    };
    for (let i = 0; i < 6000; i++) wishAt('create', i, i % 150);
    for (let i = 0; i < 6000; i += 3) wishAt('delete', i, 0);
    for (let i = 0; i < 6000; i += 2) wishAt('set', i, (i * 7) % 900);
    for (let i = 0; i < 6000; i += 6) wishAt('create', i, 10);
    expect(store.count).toBe(naive.znodes.size);
    const wrong = [...naive.znodes].filter(([path, znode]) => {
      const row = store.find(path);
      const isSame = Buffer.compare(store.data(row), znode.data) === 0;
      return store.stat(row).mzxid !== znode.stat.mzxid || !isSame;
    });
    expect(wrong).toEqual([]);
    for (const path of [...naive.znodes.keys()].reverse()) {
      if (path !== '/') store.delete(store.find(path), 9, trustedZxid(naive.zxid + 1));
    }
    expect(store.count).toBe(1);
    expect(store.dataBytes).toBe(0);
  });

  it('hands out data that later changes leave alone', () => {
    const store = new ZnodeStore();
    const path = trustedPath('/a');
    const row = store.create(creation(path, Uint8Array.of(1, 2, 3), 1, 1), makeZxid(1, 1), 5);
    const data = store.data(row);
    store.setData(row, Uint8Array.of(7, 8, 9), 1, makeZxid(1, 2), 6);
    expect([...data]).toEqual([1, 2, 3]);
    expect([...store.data(row)]).toEqual([7, 8, 9]);
  });
});
