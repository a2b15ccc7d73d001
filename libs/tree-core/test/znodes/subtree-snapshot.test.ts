import { ROOT, trustedPath } from '@paddock/model';
import type { SubtreeZnode, ZnodePath } from '@paddock/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SubtreeSnapshot } from '../../src/znodes/subtree-snapshot.ts';
import { ZnodeStore } from '../../src/znodes/znode-store.ts';
import { applyChange, NaiveTree } from './naive-tree.ts';
import type { Wish } from './naive-tree.ts';
import { runs, wishes } from './tree-arbitraries.ts';

const EVERYTHING = (): boolean => true;
const BYTES_MAX = 1024 * 1024;

function grow(store: ZnodeStore, naive: NaiveTree, all: readonly Wish[]): void {
  for (const wish of all) {
    const change = naive.change(wish);
    if (change !== null) applyChange(store, change);
  }
}

function isInside(path: string, top: string): boolean {
  return path === top || path.startsWith(top === '/' ? top : `${top}/`);
}

function seen(znodes: readonly SubtreeZnode[]): unknown[] {
  const told = znodes.map((it) => ({ ...it, data: Buffer.from(it.data).toString('latin1') }));
  return told.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function expected(naive: NaiveTree, top: ZnodePath): unknown[] {
  const inside = [...naive.znodes].filter(([path]) => isInside(path, top));
  return seen(inside.map(([path, { data, stat }]) => ({ path, data, stat })));
}

function rest(snapshot: SubtreeSnapshot, bytes: number): SubtreeZnode[] {
  const znodes: SubtreeZnode[] = [];
  while (!snapshot.isDone) znodes.push(...snapshot.slice(bytes));
  return znodes;
}

describe('a snapshot of a subtree', () => {
  it('is the subtree at its zxid, whatever changes between its slices', () => {
    const sliceBytes = fc.constantFrom(1, 300, 3000);
    fc.assert(
      fc.property(
        wishes(100),
        wishes(160),
        sliceBytes,
        fc.nat(12),
        fc.nat(),
        (before, during, bytes, pace, pick) => {
          const naive = new NaiveTree();
          const store = new ZnodeStore();
          grow(store, naive, before);
          const paths = [...naive.znodes.keys()];
          const top = paths[pick % paths.length] ?? ROOT;
          const wanted = expected(naive, top);
          const row = store.find(top);
          const snapshot = store.subtrees.open(row, naive.zxid, EVERYTHING, BYTES_MAX);
          const told: SubtreeZnode[] = [];
          for (const [i, wish] of during.entries()) {
            grow(store, naive, [wish]);
            if (i % (pace + 1) === 0) told.push(...snapshot.slice(bytes));
          }
          told.push(...rest(snapshot, bytes));
          expect(seen(told)).toEqual(wanted);
          store.subtrees.close(snapshot);
        },
      ),
      runs(60),
    );
  });

  it('passes over nothing outside, and tells a parent before its children where nothing changes', () => {
    const naive = new NaiveTree();
    const store = new ZnodeStore();
    const create = (path: string): Wish => ({
      ...{ kind: 'create', path: trustedPath(path), data: new Uint8Array(1) },
      ...{ owner: 0 as never, step: 1 },
    });
    grow(store, naive, ['/a', '/a/b', '/a/b/c', '/a/d', '/e', '/e/f'].map(create));
    const row = store.find(trustedPath('/a'));
    const snapshot = store.subtrees.open(row, naive.zxid, EVERYTHING, BYTES_MAX);
    expect(rest(snapshot, 1).map(({ path }) => path)).toEqual(['/a', '/a/b', '/a/b/c', '/a/d']);
  });

  it('goes on where the znode to be told next is deleted', () => {
    const naive = new NaiveTree();
    const store = new ZnodeStore();
    const wish = (kind: Wish['kind'], path: string): Wish => ({
      ...{ kind, path: trustedPath(path), data: new Uint8Array(1) },
      ...{ owner: 0 as never, step: 1 },
    });
    grow(
      store,
      naive,
      ['/a', '/b', '/c', '/d'].map((it) => wish('create', it)),
    );
    const snapshot = store.subtrees.open(store.find(ROOT), naive.zxid, EVERYTHING, BYTES_MAX);
    const told = [...snapshot.slice(1), ...snapshot.slice(1)];
    expect(told.map(({ path }) => path)).toEqual(['/', '/a']);
    grow(store, naive, [wish('delete', '/b'), wish('delete', '/c'), wish('create', '/e')]);
    told.push(...rest(snapshot, 1));
    expect(told.map(({ path }) => path)).toEqual(['/', '/a', '/b', '/c', '/d']);
  });

  it('is lost where more changes than may be saved for it', () => {
    const naive = new NaiveTree();
    const store = new ZnodeStore();
    const wish = (kind: Wish['kind'], path: string): Wish => ({
      ...{ kind, path: trustedPath(path), data: new Uint8Array(300) },
      ...{ owner: 0 as never, step: 1 },
    });
    grow(store, naive, [wish('create', '/a'), wish('create', '/b'), wish('create', '/c')]);
    const open = (): SubtreeSnapshot =>
      store.subtrees.open(store.find(ROOT), naive.zxid, EVERYTHING, 1000);
    const lost = open();
    grow(store, naive, [wish('set', '/a'), wish('set', '/b')]);
    expect(lost.isOverrun).toBe(false);
    const later = open();
    grow(store, naive, [wish('set', '/a'), wish('set', '/a'), wish('set', '/c')]);
    expect([lost.isOverrun, later.isOverrun]).toEqual([true, false]);
  });
});
