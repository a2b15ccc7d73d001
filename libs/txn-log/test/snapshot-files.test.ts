import { crc32c } from '@paddock/codec';
import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { MemoryDisk } from '@paddock/link-memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshotName, zxidOfName } from '../src/snapshot-name.ts';
import { SnapshotScene } from './snapshot-scene.ts';

const first = makeZxid(1, 10);
const second = makeZxid(1, 20);
const third = makeZxid(2, 1);
const content = [Uint8Array.of(1, 2, 3), new Uint8Array(200).fill(7), Uint8Array.of(9)];
const numbers = content.map((it) => [...it]);

describe('the snapshot files', () => {
  it('give back the newest snapshot as it was written', () => {
    const scene = new SnapshotScene();
    scene.take(first, [Uint8Array.of(5)]);
    scene.take(second, content);
    expect(scene.told).toEqual([
      `finished ${first}, oldest ${first}`,
      `finished ${second}, oldest ${first}`,
    ]);
    const later = new SnapshotScene(scene.disk);
    expect(later.load()).toEqual({ zxid: second, chunks: numbers, rejected: [] });
    expect(later.files.oldestKept).toBe(first);
  });

  it('have names that sort as zxids do', () => {
    const zxids = [
      makeZxid(0, 1),
      makeZxid(0, 2 ** 32 - 1),
      makeZxid(1, 0),
      makeZxid(2 ** 21 - 1, 16),
    ];
    const names = zxids.map(snapshotName);
    expect([...names].sort()).toEqual(names);
    expect(names.map(zxidOfName)).toEqual(zxids);
    expect(zxidOfName('snapshot.000001.0000000a.1.tmp')).toBeUndefined();
  });

  it('keep as many as asked for, and tell the oldest of them (H23)', () => {
    const scene = new SnapshotScene();
    for (const zxid of [first, second, third]) scene.take(zxid, content);
    expect(scene.told.at(-1)).toBe(`finished ${third}, oldest ${second}`);
    expect(scene.disk.list()).toEqual([snapshotName(second), snapshotName(third)]);
  });

  it('say that there is nothing to load', () => {
    expect(new SnapshotScene().load()).toEqual({ zxid: null, chunks: [], rejected: [] });
    expect(new SnapshotScene().files.oldestKept).toBe(ZXID_ZERO);
  });

  it('fall back to the snapshot before one that is damaged, and say so', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    scene.take(second, content);
    scene.disk.damage(snapshotName(second), (bytes) => bytes.with(60, (bytes[60] ?? 0) ^ 1));
    const later = new SnapshotScene(scene.disk);
    const loaded = later.load();
    expect(loaded.zxid).toBe(first);
    expect(loaded.chunks).toEqual(numbers);
    expect(loaded.rejected).toHaveLength(1);
    expect(loaded.rejected[0]).toContain('checksum');
    expect(later.files.zxids).toEqual([first]);
    later.take(third, content);
    expect(later.disk.list()).toEqual([snapshotName(first), snapshotName(third)]);
  });

  it('fall back where the consumer finds a snapshot bad', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    scene.take(second, content);
    const rejected: Zxid[] = [];
    const end = scene.files.loadNewest({
      begin: () => undefined,
      chunk: () => null,
      end: (zxid) => (zxid === second ? 'its digest is another' : null),
      rejected: (zxid) => rejected.push(zxid),
    });
    expect(end).toEqual({ kind: 'loaded', zxid: first });
    expect(rejected).toEqual([second]);
  });

  it('load nothing of a newer format, and leave it alone', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    scene.disk.damage(snapshotName(first), (bytes) => withFormat(bytes, 2));
    const end = new SnapshotScene(scene.disk).files.loadNewest({
      begin: () => undefined,
      chunk: () => null,
      end: () => null,
      rejected: () => undefined,
    });
    expect(end.kind).toBe('newerFormat');
    expect(scene.disk.exists(snapshotName(first))).toBe(true);
  });

  it('find every torn file', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    const { length } = scene.disk.content(snapshotName(first));
    for (let cut = 0; cut < length; cut++) {
      const torn = new SnapshotScene();
      torn.take(first, content);
      torn.disk.damage(snapshotName(first), (bytes) => bytes.slice(0, cut));
      expect(new SnapshotScene(torn.disk).load()).toMatchObject({ zxid: null });
    }
  });

  it('find every flipped bit, and every byte that is overwritten', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    const name = snapshotName(first);
    const whole = scene.disk.content(name).slice();
    const isFound = (change: (bytes: Uint8Array) => Uint8Array): boolean => {
      scene.disk.damage(name, () => change(whole.slice()));
      return new SnapshotScene(scene.disk).load().zxid === null;
    };
    const undetected: string[] = [];
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        if (!isFound((it) => it.with(at, (it[at] ?? 0) ^ (1 << bit)))) {
          undetected.push(`${at}/${bit}`);
        }
      }
      if (whole[at] !== 0 && !isFound((it) => it.with(at, 0))) undetected.push(`${at} zeroed`);
    }
    expect(undetected).toEqual([]);
    expect(isFound((it) => Uint8Array.of(...it, 0))).toBe(true);
    expect(isFound((it) => it)).toBe(false);
  });

  it('find chunks that were swapped, lost or repeated', () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(chunk, { minLength: 2, maxLength: 5 }),
        fc.nat(),
        fc.nat(),
        (chunks, a, b) => {
          const scene = new SnapshotScene();
          scene.take(first, chunks);
          const whole = scene.disk.content(snapshotName(first)).slice();
          const frames = framesOf(whole, chunks);
          const from = a % chunks.length;
          const to = b % chunks.length;
          const [moved = new Uint8Array(0)] = frames.chunks.splice(from, 1);
          if (a % 3 !== 0) frames.chunks.splice(to, 0, moved);
          if (a % 3 === 1) frames.chunks.splice(to, 0, moved);
          const damaged = Buffer.concat([frames.head, ...frames.chunks, frames.end]);
          if (damaged.equals(whole)) return;
          scene.disk.damage(snapshotName(first), () => new Uint8Array(damaged));
          expect(new SnapshotScene(scene.disk).load().zxid).toBeNull();
        },
      ),
    );
  });

  it('have a snapshot whole or not at all, wherever the power is cut', () => {
    for (let cut = 0; ; cut++) {
      const scene = new SnapshotScene();
      scene.take(first, content);
      scene.files.begin(second);
      for (const chunk of content) scene.files.write(chunk);
      scene.files.finish();
      let steps = 0;
      while (steps < cut && scene.step()) steps++;
      for (const keepDirectoryChanges of [0, 1, 2, 3]) {
        const survivor = new SnapshotScene(scene.disk.crash({ keepDirectoryChanges }));
        const loaded = survivor.load();
        expect(loaded.rejected).toEqual([]);
        expect(loaded.zxid).toBe(scene.told.length === 2 ? second : (loaded.zxid ?? first));
        expect(loaded.chunks).toEqual(numbers);
        expect(survivor.disk.list().filter((it) => it.endsWith('.tmp'))).toEqual([]);
      }
      if (steps < cut) return;
    }
  });

  it('read a snapshot back before it gets its name, and give up one that reads back wrong (H8)', () => {
    const scene = new SnapshotScene();
    scene.files.begin(first);
    scene.files.write(Uint8Array.of(1, 2, 3));
    scene.files.finish();
    while (scene.disk.pending > 0) scene.disk.runNext();
    const [name = ''] = scene.disk.list();
    expect(name).toContain('.tmp');
    scene.disk.damage(name, (bytes) => bytes.with(33, 0xff));
    scene.settle();
    expect(scene.told).toHaveLength(1);
    expect(scene.told[0]).toContain('read back: a chunk with a wrong checksum');
    expect(scene.disk.list()).toEqual([]);
  });

  it('write one batch at a time, and what comes meanwhile with the next', () => {
    const scene = new SnapshotScene();
    scene.files.begin(first);
    for (const chunk of content) scene.files.write(chunk);
    expect(scene.disk.pending).toBe(1);
    scene.disk.runNext();
    expect(scene.disk.pending).toBe(1);
    scene.disk.runNext();
    expect(scene.disk.pending).toBe(0);
  });

  it('give up a snapshot whose write fails, and take the next', () => {
    const scene = new SnapshotScene();
    scene.disk.failNext('write', 'full');
    scene.take(first, content);
    expect(scene.told).toEqual([`failed ${first}: planned failure of write`]);
    scene.take(second, content);
    expect(scene.disk.list()).toEqual([snapshotName(second)]);
  });

  it('say when a sync has failed', () => {
    const scene = new SnapshotScene();
    scene.disk.failNext('sync');
    scene.take(first, content);
    expect(scene.told).toEqual(['sync failed: planned failure of sync']);
    const directory = new SnapshotScene();
    directory.disk.failNext('syncDirectory');
    directory.take(first, content);
    expect(directory.told).toEqual(['sync failed: planned failure of syncDirectory']);
  });

  it('forget a snapshot that is abandoned at any moment', () => {
    for (let moment = 0; moment < 12; moment++) {
      const scene = new SnapshotScene();
      scene.files.begin(first);
      for (const chunk of content) scene.files.write(chunk);
      scene.files.finish();
      let isRunning = true;
      for (let step = 0; step < moment && isRunning; step++) isRunning = scene.step();
      if (scene.told.length > 0) continue;
      scene.files.abandon();
      scene.take(first, [Uint8Array.of(4)]);
      expect(scene.told).toEqual([`finished ${first}, oldest ${first}`]);
      expect(scene.load().chunks).toEqual([[4]]);
      expect(scene.disk.list()).toEqual([snapshotName(first)]);
    }
  });

  it('give up one that cannot be opened to be read back', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    scene.files.begin(second);
    for (const chunk of content) scene.files.write(chunk);
    scene.files.finish();
    const [unfinished = ''] = scene.disk.list().filter((name) => name.endsWith('.tmp'));
    scene.disk.remove(unfinished);
    scene.settle();
    expect(scene.told.at(-1)).toMatch(`failed ${second}: `);
    scene.take(second, content);
    expect(scene.load()).toMatchObject({ zxid: second, rejected: [] });
  });

  it('H22: keep the newest that a majority had agreed with, however old it is', () => {
    const scene = new SnapshotScene();
    for (const zxid of [first, second]) scene.take(zxid, content, second);
    const later = [1, 2, 3].map((counter) => makeZxid(3, counter));
    for (const zxid of later) scene.take(zxid, content, second);
    const kept = [second, ...later.slice(1)].map(snapshotName);
    expect(scene.disk.list()).toEqual(kept);
    expect(scene.files.oldestKept).toBe(second);
    // Where nobody has agreed yet the oldest is the one.
    scene.take(makeZxid(3, 4), content, ZXID_ZERO);
    expect(scene.files.oldestKept).toBe(second);
  });

  it('are not removed while they are held, and are with the next one that is finished then (H8)', () => {
    const scene = new SnapshotScene(new MemoryDisk(), 1);
    scene.take(first, content);
    scene.files.hold(first);
    scene.files.hold(first);
    scene.take(second, content);
    scene.files.release(first);
    scene.take(third, content);
    expect(scene.disk.list()).toEqual([first, third].map(snapshotName));
    expect(scene.told.at(-1)).toBe(`finished ${third}, oldest ${first}`);
    scene.files.release(first);
    scene.settle();
    expect(scene.disk.list()).toEqual([first, third].map(snapshotName));
    const fourth = makeZxid(2, 2);
    scene.take(fourth, content);
    expect(scene.disk.list()).toEqual([snapshotName(fourth)]);
  });

  it('are loaded in turns as they are at once', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    scene.take(second, content);
    scene.disk.damage(snapshotName(second), (bytes) => bytes.with(bytes.length - 21, 77));
    const told: string[] = [];
    const load = scene.files.startLoad({
      begin: (zxid) => void told.push(`begin ${zxid}`),
      chunk: (chunk) => {
        told.push(`${chunk.length}`);
        return null;
      },
      end: () => null,
      rejected: (zxid) => void told.push(`rejected ${zxid}`),
    });
    let turns = 0;
    while (load.next(1) === null) turns++;
    expect(load.next(1)).toEqual({ kind: 'loaded', zxid: first });
    expect(turns).toBeGreaterThan(3);
    expect(told).toEqual([
      ...[`begin ${second}`, '3', '200', `rejected ${second}`],
      ...[`begin ${first}`, '3', '200', '1'],
    ]);
  });
});

/** A file's head with another format number and a checksum to go with it. */
function withFormat(bytes: Uint8Array, format: number): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  view.setUint32(8, format);
  view.setUint32(20, crc32c(changed, 0, 0, 20));
  return changed;
}

function framesOf(
  whole: Uint8Array,
  chunks: readonly Uint8Array[],
): { head: Uint8Array; chunks: Uint8Array[]; end: Uint8Array } {
  let position = 24;
  const frames = chunks.map((chunk) => {
    const start = position;
    position += 8 + chunk.length;
    return whole.slice(start, position);
  });
  return { head: whole.slice(0, 24), chunks: frames, end: whole.slice(position) };
}
