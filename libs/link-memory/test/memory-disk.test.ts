import { describeDisk } from '@paddock/compliance';
import { describe, expect, it } from 'vitest';
import { DiskCrash, MemoryDisk } from '../src/index.ts';

describeDisk('a memory disk', () => {
  const disk = new MemoryDisk();
  return {
    disk,
    settle: async () => disk.run(),
    reopen: () => disk.crash(),
    dispose: () => undefined,
  };
});

const ignore = () => undefined;
const bytes = (...values: number[]) => Uint8Array.from(values);

describe('a crash of a memory disk', () => {
  it('loses what was not synced', () => {
    const disk = new MemoryDisk();
    const file = disk.create('a');
    disk.syncDirectory();
    file.write(0, [bytes(1, 2)], ignore);
    file.sync(ignore);
    disk.run();
    file.write(2, [bytes(3, 4)], ignore);
    disk.run();
    expect([...disk.crash().content('a')]).toEqual([1, 2]);
  });

  it('keeps the part of a write that the test chooses', () => {
    const disk = new MemoryDisk();
    const file = disk.create('a');
    disk.syncDirectory();
    file.write(0, [bytes(1, 2, 3)], ignore);
    const torn = disk.crash({ keepWrite: () => [[1, 2]] });
    expect([...torn.content('a')]).toEqual([0, 2]);
  });

  it('loses names that no directory sync has followed', () => {
    const disk = new MemoryDisk();
    disk.create('a');
    expect(disk.crash().list()).toEqual([]);
    expect(disk.crash({ keepDirectoryChanges: 1 }).list()).toEqual(['a']);
  });

  it('loses for good what a failed sync should have kept', () => {
    const disk = new MemoryDisk();
    const file = disk.create('a');
    disk.syncDirectory();
    const results: boolean[] = [];
    file.write(0, [bytes(1)], (result) => results.push(result.ok));
    disk.failNext('sync');
    file.sync((result) => results.push(result.ok));
    file.sync((result) => results.push(result.ok));
    disk.run();
    expect(results).toEqual([true, false, true]);
    expect(disk.crash().content('a').length).toBe(0);
    expect([...disk.content('a')]).toEqual([1]);
  });

  it('comes where it is planned, and nothing happens behind it', () => {
    const disk = new MemoryDisk();
    disk.crashBefore(1);
    disk.create('a');
    expect(() => disk.syncDirectory()).toThrow(DiskCrash);
    expect(() => disk.syncDirectory()).toThrow(DiskCrash);
    expect(disk.crash().list()).toEqual([]);
  });

  it('leaves requests waiting until the test runs them', () => {
    const disk = new MemoryDisk();
    const file = disk.create('a');
    let written = false;
    file.write(0, [bytes(1)], () => (written = true));
    expect(disk.pending).toBe(1);
    expect(written).toBe(false);
    disk.run();
    expect(written).toBe(true);
  });
});

describe('a kill of the program above a memory disk', () => {
  it('keeps what was written readable, and not durable', () => {
    const disk = new MemoryDisk();
    const file = disk.create('a');
    disk.syncDirectory();
    file.write(0, [bytes(1)], ignore);
    disk.run();
    file.write(1, [bytes(2)], ignore);
    disk.forgetRequests();
    expect(disk.pending).toBe(0);
    expect([...disk.content('a')]).toEqual([1]);
    expect([...disk.crash({ keepWrite: ({ length }) => [[0, length]] }).content('a')]).toEqual([1]);
    expect([...disk.crash().content('a')]).toEqual([]);
  });
});
