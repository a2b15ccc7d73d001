import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type { LogEntry, Zxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import type { TxnLog } from '../src/txn-log.ts';
import { entries, entry, LogFixture } from './log-fixture.ts';

const END = makeZxid(9, 1);

/** All of it, from the end on, and how many entries came at once. */
function readBackwards(
  log: TxnLog,
  maxBytes: number,
  after = ZXID_ZERO,
): { zxids: Zxid[]; slices: number[] } {
  const zxids: Zxid[] = [];
  const slices: number[] = [];
  for (let before = END; ;) {
    const slice: readonly LogEntry[] = log.readBelow(after, before, maxBytes);
    const first = slice[0];
    if (first === undefined) return { zxids, slices };
    slices.push(slice.length);
    zxids.unshift(...slice.map(({ zxid }) => zxid));
    before = first.zxid;
  }
}

describe('a log that is read from its end', () => {
  it('shows every entry once, over the ends of segments and epochs', () => {
    const fixture = new LogFixture(undefined, { segmentBytes: 200_000 });
    const text = 'x'.repeat(10_000);
    for (let i = 0; i < 60; i += 3) fixture.write(entries(1, i + 1, i + 3, text));
    for (let i = 0; i < 60; i += 3) fixture.write(entries(2, i + 1, i + 3, text));
    expect(fixture.segments.length).toBeGreaterThan(4);
    const all = fixture.all().map(({ zxid }) => zxid);
    for (const maxBytes of [1, 70_000, 300_000]) {
      expect(readBackwards(fixture.log, maxBytes).zxids).toEqual(all);
    }
  });

  it('takes about as much at once as was asked for, and one entry however large', () => {
    const fixture = new LogFixture();
    for (let i = 1; i <= 50; i++) fixture.write([entry(1, i, 'x'.repeat(10_000))]);
    fixture.write([entry(1, 51, 'y'.repeat(400_000))]);
    const { slices } = readBackwards(fixture.log, 150_000);
    expect(slices[0]).toBeLessThanOrEqual(8);
    expect(Math.max(...slices)).toBeLessThanOrEqual(22);
    expect(slices.reduce((sum, it) => sum + it, 0)).toBe(51);
  });

  it('shows nothing at or behind the bounds', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 9));
    const some = fixture.log.readBelow(makeZxid(1, 3), makeZxid(1, 7), 1_000_000);
    expect(some.map(({ zxid }) => zxid)).toEqual([4, 5, 6].map((it) => makeZxid(1, it)));
    expect(fixture.log.readBelow(makeZxid(1, 9), END, 1_000_000)).toEqual([]);
    expect(fixture.log.readBelow(ZXID_ZERO, makeZxid(1, 1), 1_000_000)).toEqual([]);
  });

  it('shows no entry that is not durable yet', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 3));
    fixture.log.append(entries(1, 4, 5), ZXID_ZERO);
    expect(readBackwards(fixture.log, 1000).zxids.at(-1)).toBe(makeZxid(1, 3));
  });

  it('goes as far back as the log does after a purge', () => {
    const fixture = new LogFixture(undefined, { segmentBytes: 1000 });
    for (let i = 1; i <= 40; i++) fixture.write([entry(1, i, 'x'.repeat(200))]);
    fixture.log.purge(makeZxid(1, 30));
    fixture.disk.run();
    const { zxids } = readBackwards(fixture.log, 1000);
    expect(zxids).toEqual(fixture.all().map(({ zxid }) => zxid));
    expect(zxids[0]).toBeGreaterThan(makeZxid(1, 1));
  });
});
