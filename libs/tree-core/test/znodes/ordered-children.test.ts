import { makeZxid, trustedPath } from '@paddock/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDERED_ABOVE } from '../../src/znodes/ordered-children.ts';
import { ZnodeStore } from '../../src/znodes/znode-store.ts';
import { creation } from './naive-tree.ts';
import { runs } from './tree-arbitraries.ts';

const none = new Uint8Array(0);
const ALL = 10_000;

/** Of all lengths, at both sides of what ASCII and a row hold, some how others begin. */
function nameOf(i: number): string {
  const kinds = ['n-', 'ä', 'ﬀ-behind-the-surrogates', '湖', '', 'x'.repeat(40)];
  return `${kinds[i % kinds.length] ?? ''}${i % 7 === 0 ? i : String(i).padStart(10, '0')}`;
}

/** One znode with children that come and go, beside the names as they should be. */
class Children {
  store = new ZnodeStore();
  readonly names = new Set<string>();
  #counter = 0;

  constructor() {
    this.store.create(creation(trustedPath('/p'), none, 1, 1), this.#next(), 5);
  }

  toggle(name: string): void {
    const path = trustedPath(`/p/${name}`);
    if (this.names.delete(name)) this.store.delete(this.store.find(path), 1, this.#next());
    else {
      this.names.add(name);
      this.store.create(creation(path, none, 1, 1), this.#next(), 5);
    }
  }

  /** The tree as it is after a restart from a snapshot. */
  restart(): void {
    const chunks: Uint8Array[] = [];
    this.store.beginSnapshot();
    for (let it = this.store.snapshotSlice(1e6); it !== null; it = this.store.snapshotSlice(1e6)) {
      if (it.length > 0) chunks.push(it);
    }
    this.store = new ZnodeStore();
    for (const chunk of chunks) this.store.load(chunk);
    this.store.endLoad();
  }

  page(after: string, limit: number): { children: string[]; more: boolean } {
    return this.store.childrenPage(this.store.find(trustedPath('/p')), after, limit);
  }

  nameBytes(): number {
    return this.store.childNameBytes(this.store.find(trustedPath('/p')));
  }

  listed(): string[] {
    return this.store.children(this.store.find(trustedPath('/p')));
  }

  #next() {
    return makeZxid(1, ++this.#counter);
  }
}

describe('the children of a znode', () => {
  it('are listed, whole and by pages, in the order of UTF-16 units, however many come and go', () => {
    const change = fc.record({
      first: fc.nat(700),
      count: fc.constantFrom(1, 1, 3, 60, 150, 400),
      stride: fc.constantFrom(1, 1, 3, 11),
      after: fc.nat(1100),
      limit: fc.constantFrom(1, 2, 50, ALL),
      restarts: fc.constantFrom(false, false, false, true),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 5, maxLength: 25, size: 'max' }), (changes) => {
        const children = new Children();
        for (const { first, count, stride, after, limit, restarts } of changes) {
          for (let i = 0; i < count; i++) children.toggle(nameOf(first + i * stride));
          if (restarts) children.restart();
          const sorted = [...children.names].sort();
          expect(children.listed()).toEqual(sorted);
          expect(children.nameBytes()).toBe(Buffer.byteLength(sorted.join('')));
          for (const name of ['', nameOf(after)]) {
            const behind = sorted.filter((it) => it > name);
            const page = { children: behind.slice(0, limit), more: behind.length > limit };
            expect(children.page(name, limit)).toEqual(page);
          }
        }
      }),
      runs(40),
    );
  });

  it('are in order where their number goes up and down around the bound', () => {
    const children = new Children();
    for (let i = 0; i <= 2 * ORDERED_ABOVE; i++) children.toggle(nameOf(i));
    for (let turn = 0; turn < 4; turn++) {
      for (let i = 0; i < 2 * ORDERED_ABOVE - 10 * turn; i++) children.toggle(nameOf(i));
      expect(children.listed()).toEqual([...children.names].sort());
    }
  });

  it('come in pages that take no more than a message, and at least one name each', () => {
    const children = new Children();
    for (let i = 100; i < 140; i++) {
      children.toggle(`${i}${'y'.repeat(i === 100 ? 200_000 : 40_000)}`);
    }
    const sizes: number[] = [];
    for (let after = '', more = true; more;) {
      const page = children.page(after, ALL);
      sizes.push(page.children.length);
      ({ more } = page);
      after = page.children.at(-1) ?? after;
    }
    expect(sizes[0]).toBe(1);
    expect(sizes[1]).toBe(2);
    expect(sizes.reduce((sum, it) => sum + it)).toBe(40);
  });
});
