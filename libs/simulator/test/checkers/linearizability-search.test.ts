import { ANY_VERSION, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { OperationResult, Stat } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { LinearizabilitySearch } from '../../src/checkers/linearizability-search.ts';
import type { RegisterChange, RegisterOperation } from '../../src/checkers/register-model.ts';

const bytes = (value: number): Uint8Array => new Uint8Array([value]);

function stat(version: number): Stat {
  return {
    ...{ czxid: ZXID_ZERO, mzxid: ZXID_ZERO, pzxid: ZXID_ZERO, ctime: 0, mtime: 0, version },
    ...{
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0 as Stat['ephemeralOwner'],
      dataLength: 1,
      numChildren: 0,
    },
    ...{ kind: 'persistent' as const, ttlMs: 0 },
  };
}

function made(
  [call, answered]: readonly [number, number],
  operation: RegisterOperation['operation'],
  result: OperationResult | null,
  predecessor: RegisterOperation | null = null,
): RegisterOperation {
  return {
    call,
    answered,
    operation,
    result,
    predecessor,
    zxid: ZXID_ZERO,
    name: `${operation.kind} ${call}`,
  };
}

const create = (when: readonly [number, number]): RegisterOperation =>
  made(
    when,
    { kind: 'create', path: '/r', data: bytes(0), mode: 'persistent', ttlMs: 0 },
    { kind: 'created', path: '/r' as never, stat: stat(0) },
  );
const set = (
  when: readonly [number, number],
  value: number,
  version: number | null,
  wanted: number = ANY_VERSION,
): RegisterOperation =>
  made(
    when,
    { kind: 'setData', path: '/r', data: bytes(value), version: wanted },
    version === null ? null : { kind: 'dataSet', stat: stat(version) },
  );
const read = (
  when: readonly [number, number],
  value: number,
  version: number,
  predecessor: RegisterOperation | null = null,
): RegisterOperation =>
  made(
    when,
    { kind: 'getData', path: '/r', watch: false, atLeast: ZXID_ZERO },
    { kind: 'data', data: bytes(value), stat: stat(version) },
    predecessor,
  );

function verdict(...operations: RegisterOperation[]): string {
  return new LinearizabilitySearch(operations).run().kind;
}

describe('a search for an order of what was done to a znode', () => {
  it('finds one for operations one after the other, and for some that overlap', () => {
    expect(verdict(create([1, 2]), set([3, 4], 7, 1), read([5, 6], 7, 1))).toBe('linearizable');
    expect(verdict(create([1, 2]), set([3, 9], 7, 1), read([4, 5], 0, 0))).toBe('linearizable');
    expect(verdict(create([1, 2]), set([3, 9], 7, 1), read([4, 5], 7, 1))).toBe('linearizable');
  });

  it('finds none for a read that misses a write that was answered before it', () => {
    expect(verdict(create([1, 2]), set([3, 4], 7, 1), read([5, 6], 0, 0))).toBe('stuck');
  });

  it('finds that out though nobody knows of many writes whether they ran', () => {
    const known = Array.from({ length: 20 }, (_, i) => set([10 + 2 * i, 11 + 2 * i], i, i + 1));
    const unknown = Array.from({ length: 20 }, (_, i) => set([3, Infinity], 100 + i, null));
    const history = [create([1, 2]), ...known, ...unknown];
    expect(verdict(...history, read([90, 91], 19, 20))).toBe('linearizable');
    expect(verdict(...history, read([90, 91], 100, 20))).toBe('stuck');
    expect(verdict(...history, read([90, 91], 100, 21))).toBe('linearizable');
  });

  it('takes a hint at what was done, and believes none that does not explain everything', () => {
    const change = (kind: 'create' | 'setData', value: number): RegisterChange => ({
      ...{ zxid: makeZxid(1, 1), kind, data: bytes(value) },
    });
    const lost = made([1, Infinity], create([1, 2]).operation, null);
    const many = Array.from({ length: 30 }, (_, i) => set([3, Infinity], 10 + i, null));
    const gone = made([3, Infinity], { kind: 'delete', path: '/r', version: ANY_VERSION }, null);
    const seen = [lost, gone, ...many, read([90, 91], 15, 2), read([92, 93], 12, 3)];
    const hint = [
      change('create', 0),
      change('setData', 10),
      change('setData', 15),
      change('setData', 12),
    ];
    expect(new LinearizabilitySearch(seen).run(hint)).toEqual({ kind: 'linearizable' });
    const wrong = [create([1, 2]), set([3, 4], 7, 1), read([5, 6], 0, 0)];
    expect(new LinearizabilitySearch(wrong).run(hint)).toMatchObject({ kind: 'stuck' });
  });

  it('takes nobody for the maker of a change who asked for a version that was not there', () => {
    const change = (kind: RegisterChange['kind'], value: number): RegisterChange => ({
      ...{ zxid: makeZxid(1, 1), kind, data: kind === 'delete' ? null : bytes(value) },
    });
    const lost = made([1, Infinity], create([1, 2]).operation, null);
    const again = made([3, Infinity], create([3, 4]).operation, null);
    const deletion = (version: number): RegisterOperation =>
      made([3, Infinity], { kind: 'delete', path: '/r', version }, null);
    const many = Array.from({ length: 30 }, (_, i) => set([3, Infinity], 10 + i, null));
    const misfits = [deletion(1), deletion(1), deletion(2), deletion(2)];
    const known = [read([90, 91], 15, 2), read([92, 93], 12, 3)];
    const hint = [
      ...[change('create', 0), change('delete', 0), change('create', 0), change('setData', 10)],
      ...[change('setData', 15), change('setData', 12)],
    ];
    const seen = [lost, ...misfits, deletion(0), again, ...many, ...known];
    expect(new LinearizabilitySearch(seen).run(hint)).toEqual({ kind: 'linearizable' });
  });

  it('has a restoration bring back what the backup has, once, between its asking and its answer', () => {
    const before = [create([1, 2]), set([3, 4], 7, 1), set([5, 6], 8, 2)];
    const restore = (when: readonly [number, number], version = 1): RegisterOperation =>
      made(when, { kind: 'restore', found: { version, data: bytes(7) } }, null);
    const gone = made([7, 20], { kind: 'restore', found: null }, null);
    expect(verdict(...before, restore([7, 8]), read([9, 10], 7, 1))).toBe('linearizable');
    expect(verdict(...before, restore([7, 8]), read([9, 10], 8, 2))).toBe('stuck');
    expect(verdict(...before, restore([7, 20]), read([9, 10], 8, 2), read([21, 22], 7, 1))).toBe(
      'linearizable',
    );
    expect(verdict(...before, restore([7, 20]), read([21, 22], 8, 2))).toBe('stuck');
    expect(verdict(...before, restore([7, Infinity]), read([9, 10], 8, 2))).toBe('linearizable');
    expect(verdict(...before, restore([7, 8]), set([9, 10], 9, 2), read([11, 12], 9, 2))).toBe(
      'linearizable',
    );
    expect(verdict(...before, gone, create([21, 22]), read([23, 24], 0, 0))).toBe('linearizable');
    const back = [read([9, 10], 7, 1), set([11, 12], 9, 2), read([13, 14], 7, 1)];
    expect(verdict(...before, restore([7, 20]), ...back)).toBe('stuck');
    expect(verdict(...before, restore([7, 20]), restore([7, 20]), ...back)).toBe('linearizable');
  });

  it('finds none for two reads that see a change come and go', () => {
    const operations = [create([1, 2]), set([3, 20], 7, 1), read([4, 5], 7, 1)];
    expect(verdict(...operations, read([6, 7], 0, 0))).toBe('stuck');
  });

  it('finds none for a lost update: two writes that were given the same version', () => {
    expect(verdict(create([1, 2]), set([3, 9], 7, 1, 0), set([4, 8], 8, 1, 0))).toBe('stuck');
  });

  it('finds none for a write that was executed twice', () => {
    expect(verdict(create([1, 2]), set([3, 4], 7, 1), read([5, 6], 7, 2))).toBe('stuck');
  });

  it('lets a write that nobody heard of take effect late, early, or never', () => {
    const unheard = set([3, Infinity], 7, null);
    expect(verdict(create([1, 2]), unheard, read([4, 5], 0, 0))).toBe('linearizable');
    expect(verdict(create([1, 2]), unheard, read([4, 5], 7, 1))).toBe('linearizable');
    const late = [read([4, 5], 0, 0), read([8, 9], 7, 1)];
    expect(verdict(create([1, 2]), unheard, ...late)).toBe('linearizable');
    expect(verdict(create([1, 2]), unheard, read([4, 5], 7, 1), read([8, 9], 0, 0))).toBe('stuck');
  });

  it('finds none for a session whose reads go backwards, though each alone could be old', () => {
    const writes = [create([1, 2]), set([3, 4], 7, 1)];
    const newer = read([0, 6], 7, 1);
    expect(verdict(...writes, newer, read([0, 8], 0, 0))).toBe('linearizable');
    expect(verdict(...writes, newer, read([0, 8], 0, 0, newer))).toBe('stuck');
  });
});
