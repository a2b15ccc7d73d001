import { makeZxid, NO_SESSION, reapedAt, trustedPath } from '@paddock/model';
import type { ZnodeKind } from '@paddock/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZnodeStore } from '../../src/znodes/znode-store.ts';
import { runs } from './tree-arbitraries.ts';

const UNUSED_MS = 1000;
const none = new Uint8Array(0);

/** A store that numbers its own changes. */
class Tree {
  store = new ZnodeStore(UNUSED_MS);
  #counter = 0;
  #children = 0;

  create(path: string, kind: ZnodeKind, ttlMs: number, time: number): void {
    const creation = { path: trustedPath(path), data: none, znodeKind: kind, ttlMs };
    const parent = { parentCversion: ++this.#children, parentCreates: this.#children };
    const owner = { ephemeralOwner: NO_SESSION };
    this.store.create({ ...creation, ...owner, ...parent }, this.#next(), time);
  }

  set(path: string, time: number): void {
    const row = this.store.find(trustedPath(path));
    if (row > 0) this.store.setData(row, none, 1, this.#next(), time);
  }

  delete(path: string): void {
    const row = this.store.find(trustedPath(path));
    if (row <= 0 || this.store.stat(row).numChildren > 0) return;
    this.store.delete(row, ++this.#children, this.#next());
  }

  /** The tree as it is after a restart from a snapshot. */
  restart(): void {
    const chunks: Uint8Array[] = [];
    this.store.beginSnapshot();
    for (let it = this.store.snapshotSlice(1e6); it !== null; it = this.store.snapshotSlice(1e6)) {
      if (it.length > 0) chunks.push(it);
    }
    this.store = new ZnodeStore(UNUSED_MS);
    for (const chunk of chunks) this.store.load(chunk);
    this.store.endLoad();
  }

  due(time: number, limit = 100): string[] {
    return this.store.due(time, limit).toSorted();
  }

  #next() {
    return makeZxid(1, ++this.#counter);
  }
}

const NAMES = ['/a', '/b', '/c', '/a/x', '/b/x', '/b/y'];

const step = fc.record({
  what: fc.constantFrom('container', 'ttl', 'persistent', 'set', 'delete', 'restart'),
  path: fc.constantFrom(...NAMES),
  ttlMs: fc.integer({ min: 1, max: 400 }),
  waitMs: fc.integer({ min: 0, max: 200 }),
});

describe('what goes by itself', () => {
  it('is named when it is due and not before, whatever happens meanwhile', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tree = new Tree();
        let time = 1_000_000;
        for (const { what, path, ttlMs, waitMs } of steps) {
          time += waitMs;
          if (what === 'set') tree.set(path, time);
          else if (what === 'delete') tree.delete(path);
          else if (what === 'restart') tree.restart();
          else if (tree.store.find(trustedPath(path)) < 0) {
            tree.create(path, what, what === 'ttl' ? ttlMs : 0, time);
          }
          const expected = NAMES.filter((name) => {
            const row = tree.store.find(trustedPath(name));
            return row > 0 && reapedAt(tree.store.record(row), UNUSED_MS) <= time;
          });
          expect(tree.due(time)).toEqual(expected.toSorted());
        }
      }),
      runs(60),
    );
  });

  it('is due at once where a container, listed as one that was never used, loses its child', () => {
    const tree = new Tree();
    tree.create('/a', 'container', 0, 5000);
    expect(tree.due(5001)).toEqual([]);
    tree.create('/a/x', 'persistent', 0, 5002);
    tree.delete('/a/x');
    expect(tree.due(5003)).toEqual(['/a']);
    tree.delete('/a');
    expect(tree.due(9000)).toEqual([]);
  });

  it('is named in the order in which it is due, and no more at a time than asked for', () => {
    const tree = new Tree();
    for (let i = 1; i <= 500; i++) tree.create(`/n${i}`, 'ttl', (i * 7919) % 503, 0);
    const first = tree.store.due(1000, 100);
    expect(first).toHaveLength(100);
    const ttls = first.map((it) => tree.store.stat(tree.store.find(it)).ttlMs);
    expect(ttls).toEqual(ttls.toSorted((a, b) => a - b));
    expect(Math.max(...ttls)).toBeLessThan(110);
  });
});
