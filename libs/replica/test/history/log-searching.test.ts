import { encodeRestoration } from '@paddock/codec';
import { trustedPath } from '@paddock/model';
import type { LogEntry, Zxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { dataEntry, zxid } from '../stages/entries.ts';
import { LogWorld } from './log-world.ts';

function upTo(count: number): Zxid[] {
  return Array.from({ length: count }, (_, i) => zxid(i + 1));
}

describe('a search of the log', () => {
  it('finds every change, over many slices, either way', () => {
    const world = new LogWorld(200_000);
    world.write(1, 150, 10_000);
    const newest = world.query();
    const oldest = world.query({ newestFirst: false });
    world.run();
    expect(oldest.zxids).toEqual(upTo(150));
    expect(newest.zxids).toEqual(upTo(150).reverse());
    expect(newest.end).toMatchObject({ logStart: 0, more: false });
    expect(newest.parts[0]).toEqual({ kind: 'begins', logStart: 0, through: zxid(150) });
    expect(world.reads).toBeGreaterThan(10);
  });

  it('tells nothing that may yet be cut off the log', () => {
    const world = new LogWorld();
    world.write(1, 9);
    world.deliverable = zxid(6);
    const newest = world.query();
    const oldest = world.query({ newestFirst: false });
    world.run();
    expect(oldest.zxids).toEqual(upTo(6));
    expect(newest.zxids).toEqual(upTo(6).reverse());
    expect(newest.parts[0]).toMatchObject({ through: zxid(6) });
  });

  it('keeps to its bounds, and says where it has stopped for its limit', () => {
    const world = new LogWorld();
    world.write(1, 20);
    const between = world.query({ since: zxid(3), before: zxid(7) });
    const limited = world.query({ limit: 5, newestFirst: false });
    world.run();
    expect(between.zxids).toEqual([zxid(6), zxid(5), zxid(4)]);
    expect(between.end?.more).toBe(false);
    expect(limited.zxids).toEqual(upTo(5));
    expect(limited.end?.more).toBe(true);
  });

  it('does not part the changes of a transaction', () => {
    const world = new LogWorld();
    const edit = (name: string) =>
      ({
        kind: 'setZnodeData',
        path: trustedPath(`/a/${name}`),
        data: new Uint8Array(0),
        version: 1,
      }) as const;
    const edits = [edit('x'), edit('y'), edit('z')];
    const steps = edits.map((it) => ({ kind: 'dataSet', edits: [it] }) as const);
    const change = { kind: 'transaction', succeeded: true, readBytes: 0, steps } as const;
    world.append([dataEntry(1, change), dataEntry(2, change)]);
    const reader = world.query({ subtree: true, limit: 1 });
    world.run();
    expect(reader.zxids).toEqual([zxid(2), zxid(2), zxid(2)]);
    const changes = reader.parts.flatMap((it) => (it.kind === 'changes' ? it.changes : []));
    expect(changes.map((it) => it.path)).toEqual(['/a/z', '/a/y', '/a/x']);
  });

  it('tells of a restoration, which changes every znode, as what it is', () => {
    const world = new LogWorld();
    world.write(1, 3);
    const backup = '00000001.00000002.0123456789abcdef.1';
    const payload = encodeRestoration({ backup, time: 77, leader: 3 });
    world.append([{ zxid: zxid(4), kind: 'restoration', payload }]);
    const one = world.query({ limit: 2 });
    const below = world.query({ path: trustedPath('/elsewhere'), subtree: true });
    world.run();
    expect(one.zxids).toEqual([zxid(4), zxid(3)]);
    expect(below.parts.flatMap((it) => (it.kind === 'changes' ? it.changes : []))).toMatchObject([
      {
        ...{ zxid: zxid(4), time: 77, path: '/elsewhere', operation: 'restored' },
        ...{ cause: 'restoration', restoration: { backup: zxid(2), leader: 3 } },
      },
    ]);
  });

  it('says how far back the log reaches that has been purged', () => {
    const world = new LogWorld(20_000);
    world.write(1, 100, 1000);
    world.log.purge(zxid(60));
    world.disk.run();
    const { logStart } = world.log;
    expect(logStart).toBeGreaterThan(zxid(20));
    const newest = world.query();
    const oldest = world.query({ newestFirst: false });
    world.run();
    expect(newest.end).toMatchObject({ logStart, more: false });
    expect(oldest.parts[0]).toMatchObject({ kind: 'begins', logStart });
    expect(oldest.zxids[0]).toBe(logStart + 1);
    expect(oldest.zxids).toEqual(newest.zxids.reverse());
  });

  it('fails where what comes next is purged while it reads forwards', () => {
    const world = new LogWorld(200_000);
    world.write(1, 150, 10_000);
    const reader = world.query({ newestFirst: false });
    reader.isFull = true;
    world.run();
    expect(reader.failure).toBeNull();
    world.log.purge(zxid(140));
    world.disk.run();
    reader.isFull = false;
    reader.searching.drained();
    world.run();
    expect(reader.failure).toBe('compacted');
    expect(reader.end).toBeNull();
  });

  it('asks for no more than is read', () => {
    const world = new LogWorld();
    world.write(1, 150, 10_000);
    const reader = world.query();
    reader.isFull = true;
    world.run();
    const { reads } = world;
    expect(reads).toBeLessThanOrEqual(2);
    expect(reader.end).toBeNull();
    reader.isFull = false;
    reader.searching.drained();
    world.run();
    expect(world.reads).toBeGreaterThan(reads);
    expect(reader.end).not.toBeNull();
  });

  it('leaves the broadcaster its turns between slices', () => {
    const world = new LogWorld();
    world.write(1, 150, 10_000);
    world.query();
    const before: number[] = [];
    const timers = world.timers.of(world);
    const look = (): void => {
      before.push(world.reads);
      if (before.length < 60) timers.soon(look);
    };
    timers.soon(look);
    world.run();
    const atOnce = before.slice(1).map((it, i) => it - (before[i] ?? 0));
    expect(Math.max(...atOnce)).toBe(1);
  });

  it('is refused where too many are under way, and one that ends makes room', () => {
    const world = new LogWorld();
    world.write(1, 3);
    const readers = Array.from({ length: 8 }, () => world.query());
    expect(world.query().failure).toBe('throttled');
    readers[0]?.searching.cancel();
    const next = world.query();
    expect(next.failure).toBeNull();
    world.run();
    expect(next.end).not.toBeNull();
    expect(readers[0]?.parts).toEqual([]);
  });

  it('fails where an entry cannot be read', () => {
    const world = new LogWorld();
    world.write(1, 3);
    const bad: LogEntry = { zxid: zxid(4), kind: 'data', payload: Uint8Array.of(99) };
    world.append([bad]);
    const reader = world.query();
    world.run();
    expect(reader.failure).toBe('systemError');
  });

  it('fails where its broadcaster stops', () => {
    const world = new LogWorld();
    world.write(1, 3);
    const reader = world.query();
    world.serving.stop();
    world.run();
    expect(reader.failure).toBe('notServing');
  });
});
