import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { MemoryDisk } from '@paddock/link-memory';
import { describe, expect, it } from 'vitest';
import { snapshotName } from '../src/snapshot-name.ts';
import { SnapshotScene } from './snapshot-scene.ts';

const first = makeZxid(1, 10);
const second = makeZxid(1, 20);
const third = makeZxid(2, 1);
const content = [Uint8Array.of(1, 2, 3), new Uint8Array(200).fill(7), Uint8Array.of(9)];

describe('snapshots of a database that was found to be wrong', () => {
  it('H22: that are kept as evidence are neither loaded nor removed, also after a power cut', () => {
    const scene = new SnapshotScene();
    for (const zxid of [first, second]) scene.take(zxid, content);
    const names = scene.files.keepEvidence(first, third, Uint8Array.of(1, 2));
    expect(names).toEqual([
      `evidence.${snapshotName(second)}`,
      `evidence.${snapshotName(third)}.json`,
    ]);
    expect(scene.files.zxids).toEqual([first]);
    const later = new SnapshotScene(scene.disk.crash());
    expect(later.load()).toMatchObject({ zxid: first, rejected: [] });
    for (let counter = 2; counter < 6; counter++) later.take(makeZxid(2, counter), content);
    const kept = [4, 5].map((counter) => snapshotName(makeZxid(2, counter)));
    expect(later.disk.list()).toEqual([...names, ...kept]);
  });

  it('H22: do not come back where one was given up after it had got its name', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    scene.files.begin(second);
    for (const chunk of content) scene.files.write(chunk);
    scene.files.finish();
    while (!scene.disk.exists(snapshotName(second))) expect(scene.step()).toBe(true);
    scene.files.abandon();
    const names = scene.files.keepEvidence(first, third, Uint8Array.of(1));
    // Whatever the disk remembers of what is done later.
    for (const keepDirectoryChanges of [0, 1, Infinity]) {
      const later = new SnapshotScene(scene.disk.crash({ keepDirectoryChanges }));
      expect(later.load()).toMatchObject({ zxid: first });
    }
    scene.settle();
    expect(scene.disk.list()).toEqual([...names, snapshotName(first)]);
    expect(new SnapshotScene(scene.disk.crash()).load()).toMatchObject({ zxid: first });
  });

  it('H22: that were all wrong leave nothing to load', () => {
    const scene = new SnapshotScene();
    for (const zxid of [first, second]) scene.take(zxid, content);
    scene.files.keepEvidence(ZXID_ZERO, second, Uint8Array.of(1));
    expect(new SnapshotScene(scene.disk.crash()).load()).toMatchObject({ zxid: null });
  });

  function keep(scene: SnapshotScene, zxid: Zxid): boolean {
    const isBegun = scene.files.beginEvidence(zxid);
    for (const chunk of content) scene.files.write(chunk);
    scene.files.finish();
    scene.settle();
    return isBegun;
  }

  it('H22: are whole, whatever was in memory, and known by no start', () => {
    const scene = new SnapshotScene();
    scene.take(first, content);
    expect(keep(scene, third)).toBe(true);
    const name = `evidence.${snapshotName(third)}.memory`;
    expect(scene.told.at(-1)).toBe(`evidence ${name}: kept`);
    const later = new SnapshotScene(scene.disk.crash());
    expect(later.disk.list()).toEqual([name, snapshotName(first)]);
    expect(later.load()).toMatchObject({ zxid: first, rejected: [] });
    // Under the name of a snapshot it is one: so it can be looked into.
    const elsewhere = scene.disk.crash();
    elsewhere.rename(name, snapshotName(third));
    expect(new SnapshotScene(elsewhere).load()).toMatchObject({ zxid: third });
  });

  it('H22: are no more than a few, whatever goes wrong again and again', () => {
    const scene = new SnapshotScene();
    const begun = [1, 2, 3, 4, 5].map((counter) => keep(scene, makeZxid(3, counter)));
    expect(begun).toEqual([true, true, true, false, false]);
    scene.take(makeZxid(3, 9), content);
    expect(scene.disk.list()).toHaveLength(4);
  });

  it('H22: leave nothing where the disk fails or takes too long', () => {
    const scene = new SnapshotScene(new MemoryDisk());
    scene.disk.failNext('write');
    expect(keep(scene, second)).toBe(true);
    expect(scene.told).toEqual([expect.stringContaining(`${snapshotName(second)}.memory: `)]);
    expect(scene.told[0]).not.toContain('kept');
    scene.files.beginEvidence(third);
    scene.files.abandon();
    scene.settle();
    expect(scene.disk.list()).toEqual([]);
    expect(scene.told).toHaveLength(1);
  });
});
