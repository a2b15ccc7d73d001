import { DiskError } from '@paddock/ports';
import type { Completion, Disk, DiskErrorCode } from '@paddock/ports';
import { describe, expect, it } from 'vitest';

/** One empty directory, for one test. */
export interface DiskFixture {
  readonly disk: Disk;
  /** Lets some time go by, in which what was asked for may complete. */
  settle(): Promise<void>;
  /** The same storage, opened by another process. */
  reopen(): Disk;
  dispose(): void;
}

/** How often a test lets time go by before it takes a request for lost. */
const TURNS = 1000;

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function codeOf(action: () => unknown): DiskErrorCode | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof DiskError) return error.code;
    throw error;
  }
  return undefined;
}

/** What every Disk does. `make` gives a new fixture each time. */
export function describeDisk(subject: string, make: () => DiskFixture): void {
  describe(subject, () => {
    describeFiles(make);
    describeNames(make);
  });
}

async function on(
  make: () => DiskFixture,
  test: (it: DiskFixture) => Promise<void>,
): Promise<void> {
  const fixture = make();
  try {
    await test(fixture);
  } finally {
    fixture.dispose();
  }
}

/** Runs one asynchronous request and hands back how it ended. */
async function outcome(
  fixture: DiskFixture,
  start: (done: Completion) => void,
): Promise<boolean | undefined> {
  let ok: boolean | undefined;
  start((result) => (ok = result.ok));
  for (let turn = 0; turn < TURNS && ok === undefined; turn++) await fixture.settle();
  return ok;
}

function describeFiles(make: () => DiskFixture): void {
  it('writes chunks one behind the other and reads them back', () =>
    on(make, async (fixture) => {
      const file = fixture.disk.create('a');
      const written = await outcome(fixture, (done) =>
        file.write(0, [bytes(1, 2), bytes(), bytes(3)], done),
      );
      expect(written).toBe(true);
      expect(file.size).toBe(3);
      expect([...file.read(0, 3)]).toEqual([1, 2, 3]);
      expect(await outcome(fixture, (done) => file.sync(done))).toBe(true);
      file.close();
    }));

  it('reads fewer bytes at the end of the file', () =>
    on(make, async (fixture) => {
      const file = fixture.disk.create('a');
      await outcome(fixture, (done) => file.write(0, [bytes(1, 2, 3)], done));
      expect([...file.read(2, 10)]).toEqual([3]);
      expect(file.read(3, 10).length).toBe(0);
      file.close();
    }));

  it('fills a gap before a write with zeros', () =>
    on(make, async (fixture) => {
      const file = fixture.disk.create('a');
      await outcome(fixture, (done) => file.write(3, [bytes(9)], done));
      expect([...file.read(0, 10)]).toEqual([0, 0, 0, 9]);
      file.close();
    }));

  it('completes a write after the call that asked for it', () =>
    on(make, async (fixture) => {
      const file = fixture.disk.create('a');
      let returned = false;
      let early = true;
      const written = await outcome(fixture, (done) => {
        file.write(0, [bytes(1)], (result) => {
          early = !returned;
          done(result);
        });
        returned = true;
      });
      expect(written).toBe(true);
      expect(early).toBe(false);
      file.close();
    }));

  it('cuts a file, and what is written behind the cut starts from zeros', () =>
    on(make, async (fixture) => {
      const file = fixture.disk.create('a');
      await outcome(fixture, (done) => file.write(0, [bytes(1, 2, 3, 4)], done));
      file.truncate(1);
      expect(file.size).toBe(1);
      await outcome(fixture, (done) => file.write(3, [bytes(7)], done));
      expect([...file.read(0, 10)]).toEqual([1, 0, 0, 7]);
      file.close();
    }));

  it('shows another process what was written', () =>
    on(make, async (fixture) => {
      const file = fixture.disk.create('a');
      await outcome(fixture, (done) => file.write(0, [bytes(5, 6)], done));
      await outcome(fixture, (done) => file.sync(done));
      fixture.disk.syncDirectory();
      file.close();
      const again = fixture.reopen().open('a');
      expect(again.size).toBe(2);
      expect([...again.read(0, 2)]).toEqual([5, 6]);
      again.close();
    }));
}

function describeNames(make: () => DiskFixture): void {
  it('lists names in ascending order', () =>
    on(make, async (fixture) => {
      for (const name of ['b', 'a', 'c']) fixture.disk.create(name).close();
      fixture.disk.remove('c');
      fixture.disk.rename('b', 'd');
      fixture.disk.syncDirectory();
      expect(fixture.disk.list()).toEqual(['a', 'd']);
      expect(fixture.disk.exists('a')).toBe(true);
      expect(fixture.disk.exists('b')).toBe(false);
      await fixture.settle();
    }));

  it('removes and syncs the directory without blocking', () =>
    on(make, async (fixture) => {
      fixture.disk.create('a').close();
      expect(await outcome(fixture, (done) => fixture.disk.startRemove('a', done))).toBe(true);
      expect(await outcome(fixture, (done) => fixture.disk.startDirectorySync(done))).toBe(true);
      expect(fixture.disk.list()).toEqual([]);
    }));

  it('says what is wrong with a name by a code', () =>
    on(make, async (fixture) => {
      fixture.disk.create('a').close();
      expect(codeOf(() => fixture.disk.create('a'))).toBe('exists');
      expect(codeOf(() => fixture.disk.open('b'))).toBe('notFound');
      expect(codeOf(() => fixture.disk.remove('b'))).toBe('notFound');
      await fixture.settle();
    }));

  it('replaces a small file whole', () =>
    on(make, async (fixture) => {
      fixture.disk.replace('record', bytes(1, 2, 3));
      fixture.disk.replace('record', bytes(4));
      expect(fixture.disk.list()).toEqual(['record']);
      const file = fixture.reopen().open('record');
      expect([...file.read(0, 10)]).toEqual([4]);
      file.close();
      await fixture.settle();
    }));
}
