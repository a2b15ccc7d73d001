import { trustedPath, trustedSessionId } from '@paddock/model';
import type { Stat, ZnodePath } from '@paddock/model';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ZnodeStore } from '../../src/znodes/znode-store.ts';
import type { NaiveTree, Wish } from './naive-tree.ts';

/** Few, so that znodes are born and die at the same places; beyond ASCII and one name within another too. */
const names = ['a', 'b', 'ab', 'lock-0000000001', 'größe', '湖', 'x'.repeat(60)] as const;

const kinds = ['create', 'create', 'set', 'delete'] as const;
const owners = [0, 0, 0, 7, 2 ** 53 - 1].map(trustedSessionId);
/** The last ones lie at and beyond what shares a page. */
const lengths = [0, 1, 3, 4, 24, 25, 100, 127, 128, 129, 300, 2000, 8192, 8193, 9000];

/** One number is one wish, since a property draws hundreds. */
function wishOf(seed: number): Wish {
  let rest = seed;
  const draw = <Value>(from: readonly Value[]): Value => {
    const value = from[rest % from.length];
    if (value === undefined) throw new RangeError('nothing to draw from');
    rest = Math.floor(rest / from.length);
    return value;
  };
  const kind = draw(kinds);
  const step = draw([1, 1, 1, 2 ** 32]);
  const parts = Array.from({ length: draw([1, 1, 2, 2, 3]) }, () => draw(names));
  const data = new Uint8Array(draw(lengths)).fill(rest % 256);
  if (data.length > 0) data[data.length - 1] = rest % 251;
  return { kind, path: trustedPath(`/${parts.join('/')}`), data, owner: draw(owners), step };
}

export const wish: fc.Arbitrary<Wish> = fc.nat(2 ** 31 - 1).map(wishOf);

export const wishes = (size: number): fc.Arbitrary<Wish[]> =>
  fc.array(wish, { minLength: size / 2, maxLength: size, size: 'max' });

/** Shrinking a hundred wishes takes minutes; a few seconds are enough to see what is wrong. */
export function runs(numRuns: number): { numRuns: number; interruptAfterTimeLimit: number } {
  return { numRuns, interruptAfterTimeLimit: 4000 };
}

interface SeenZnode {
  readonly path: string;
  readonly stat: Stat;
  readonly creates: number;
  readonly children: string;
  readonly data: string;
  readonly descendants: number;
  readonly subtreeBytes: number;
}

function seenBy(store: ZnodeStore, path: ZnodePath): SeenZnode {
  const row = store.find(path);
  if (row < 0) throw new RangeError(`${path} is not found`);
  const data = Buffer.from(store.data(row)).toString('latin1');
  const { creates } = store.record(row);
  const children = store.children(row).join('/');
  const subtree = { descendants: store.descendants(row), subtreeBytes: store.subtreeBytes(row) };
  return { path: store.path(row), stat: store.stat(row), creates, children, data, ...subtree };
}

export function expectSameTree(store: ZnodeStore, naive: NaiveTree): void {
  const seen: SeenZnode[] = [];
  const expected: SeenZnode[] = [];
  let dataBytes = 0;
  const children = naive.children();
  for (const [path, znode] of naive.znodes) {
    const { stat, creates } = znode;
    const childNames = (children.get(path) ?? []).sort().join('/');
    const data = Buffer.from(znode.data).toString('latin1');
    const subtree = naive.subtree(path);
    expected.push({ path, stat, creates, children: childNames, data, ...subtree });
    seen.push(seenBy(store, path));
    dataBytes += znode.data.length;
  }
  expect(seen).toEqual(expected);
  expect(store.count).toBe(naive.znodes.size);
  expect(store.dataBytes).toBe(dataBytes);
  for (const owner of owners.slice(3)) {
    const owned = [...naive.znodes].filter(([, it]) => it.stat.ephemeralOwner === owner);
    expect(store.ephemerals(owner)).toEqual(owned.map(([it]) => it).sort());
  }
}
