import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { KeptBytes, MemoryDisk } from '@paddock/link-memory';
import { describe, expect, it } from 'vitest';
import { TxnLogError } from '../src/index.ts';
import type { TxnLogErrorDetail } from '../src/index.ts';
import { FORMAT, HEADER_BYTES, writeHeader } from '../src/segment-format.ts';
import { entries, entry, LogFixture, texts } from './log-fixture.ts';
import type { FixtureOptions } from './log-fixture.ts';

function refusal(disk: MemoryDisk, options?: FixtureOptions): TxnLogErrorDetail {
  try {
    new LogFixture(disk, options);
  } catch (error) {
    if (error instanceof TxnLogError) return error.detail;
    throw error;
  }
  throw new TypeError('the log started');
}

/** Three batches: 1.1–1.3, 1.4–1.6, 1.7–1.9; the last written, its sync not completed. */
function tornFixture(fillBytes: number): LogFixture {
  const fixture = new LogFixture(undefined, { fillBytes });
  fixture.write(entries(1, 1, 3));
  fixture.write(entries(1, 4, 6));
  fixture.log.append(entries(1, 7, 9), ZXID_ZERO);
  fixture.disk.runNext();
  return fixture;
}

describe('a torn tail', () => {
  it.each([0, 256])('bug 17: is cut at every byte of the last batch (%i bytes ahead)', (fill) => {
    const fixture = tornFixture(fill);
    let lengths = 0;
    for (let kept = 0; ; kept++) {
      let length = 0;
      const disk = fixture.disk.crash({
        keepWrite: (write) => {
          length = write.length;
          return [[0, kept]];
        },
      });
      const again = new LogFixture(disk);
      const found = again.all().length;
      expect(found).toBeGreaterThanOrEqual(6);
      expect(texts(again.all())).toEqual(texts(entries(1, 1, found)));
      lengths += found;
      // What is recovered is a log like any other: it goes on, and what was cut off never comes back.
      again.write([entry(2, 1)]);
      const third = new LogFixture(again.disk.crash());
      expect(texts(third.all())).toEqual([...texts(entries(1, 1, found)), '2.1']);
      if (kept >= length) break;
    }
    expect(lengths).toBeGreaterThan(6);
  });

  it('bug 48: is cut at its first hole, whatever blocks of it arrived', () => {
    const fixture = tornFixture(0);
    const block = 16;
    for (let mask = 0; mask < 512; mask++) {
      const disk = fixture.disk.crash({
        keepWrite: ({ length }) => {
          const kept: KeptBytes[] = [];
          for (let i = 0; i * block < length; i++) {
            const isKept = ((mask >> (i % 9)) & 1) === 1;
            if (isKept) kept.push([i * block, Math.min(length, (i + 1) * block)]);
          }
          return kept;
        },
      });
      const again = new LogFixture(disk);
      const found = again.all().length;
      expect(found).toBeGreaterThanOrEqual(6);
      expect(texts(again.all())).toEqual(texts(entries(1, 1, found)));
    }
  });

  it('bug 17: is cut at every byte of a segment that has just been begun', () => {
    const options = { segmentBytes: 100, fillBytes: 0 };
    const fixture = new LogFixture(undefined, options);
    fixture.write(entries(1, 1, 3));
    fixture.log.append([entry(1, 4)], ZXID_ZERO);
    fixture.disk.runNext();
    for (let kept = 0; kept < 100; kept++) {
      const disk = fixture.disk.crash({ keepDirectoryChanges: 9, keepWrite: () => [[0, kept]] });
      const again = new LogFixture(disk, options);
      expect(again.all().length).toBe(again.log.recovered.lastZxid === makeZxid(1, 4) ? 4 : 3);
      again.write([entry(2, 1)]);
      expect(texts(new LogFixture(again.disk.crash()).all()).at(-1)).toBe('2.1');
    }
  });

  it('says what was cut', () => {
    const fixture = tornFixture(0);
    const disk = fixture.disk.crash({ keepWrite: () => [[0, 10]] });
    expect(new LogFixture(disk).log.recovered.torn?.bytes).toBe(10);
  });

  it('is not seen in zeros that were written ahead', () => {
    const fixture = new LogFixture(undefined, { fillBytes: 4096 });
    fixture.write(entries(1, 1, 3));
    expect(fixture.disk.content(fixture.lastSegment).length).toBeGreaterThan(4096);
    const again = new LogFixture(fixture.disk.crash());
    expect(again.log.recovered.torn).toBeNull();
    expect(again.disk.content(again.lastSegment).length).toBeLessThan(4096);
  });
});

describe('damage before durable entries', () => {
  it('bug 52: refuses at any byte of an older segment, naming segment and offset', () => {
    const options = { segmentBytes: 150 };
    const fixture = new LogFixture(undefined, options);
    for (let i = 1; i <= 9; i++) fixture.write([entry(1, i)]);
    const [, middle = ''] = fixture.segments;
    const { length } = fixture.disk.content(middle);
    for (let offset = 0; offset < length; offset++) {
      const disk = fixture.disk.crash();
      disk.damage(middle, (content) => flipped(content, offset));
      const detail = refusal(disk, options);
      expect(detail).toMatchObject({ code: 'damaged', segment: middle });
    }
  });

  it('refuses at any byte of an older batch of the last segment', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 3));
    const end = fixture.disk.content(fixture.lastSegment).length;
    fixture.write(entries(1, 4, 4));
    for (let offset = 0; offset < end; offset++) {
      const disk = fixture.disk.crash();
      disk.damage(fixture.lastSegment, (content) => flipped(content, offset));
      expect(refusal(disk)).toMatchObject({ code: 'damaged', segment: fixture.lastSegment });
      expect(disk.content(fixture.lastSegment).length).toBeGreaterThan(end);
    }
  });

  it('refuses where a segment is missing or shortened', () => {
    const options = { segmentBytes: 150 };
    const fixture = new LogFixture(undefined, options);
    for (let i = 1; i <= 9; i++) fixture.write([entry(1, i)]);
    const [, middle = '', next = ''] = fixture.segments;
    const without = fixture.disk.crash();
    without.remove(middle);
    expect(refusal(without, options)).toMatchObject({ code: 'damaged', segment: next, offset: 0 });
    const shorter = fixture.disk.crash();
    shorter.damage(middle, (content) => content.slice(0, content.length - 1));
    expect(refusal(shorter, options)).toMatchObject({ code: 'damaged', segment: middle });
    const zeros = fixture.disk.crash();
    zeros.damage(middle, (content) => content.fill(0, HEADER_BYTES));
    expect(refusal(zeros, options)).toMatchObject({ code: 'damaged', segment: next });
  });

  it('tells a reader about damage that came later', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 3));
    fixture.disk.damage(fixture.lastSegment, (content) => flipped(content, HEADER_BYTES + 40));
    expect(() => fixture.all()).toThrow(/damaged at byte 79/);
  });
});

describe('stale records', () => {
  it('H10: older records of the same size behind a new one do not parse', () => {
    const fixture = new LogFixture();
    for (let i = 1; i <= 9; i++) fixture.write([entry(1, i)]);
    const old = fixture.disk.content(fixture.lastSegment);
    fixture.log.truncate(makeZxid(1, 4));
    fixture.write([entry(2, 1)]);
    const end = fixture.disk.content(fixture.lastSegment).length;
    const disk = fixture.disk.crash();
    // What a truncation that did not reach the disk would leave.
    disk.damage(fixture.lastSegment, (content) => joined(content, old.slice(end)));
    const again = new LogFixture(disk);
    expect(again.log.recovered.lastZxid).toBe(makeZxid(2, 1));
    expect(texts(again.all())).toEqual([...texts(entries(1, 1, 4)), '2.1']);
    expect(again.log.recovered.torn?.bytes).toBe(old.length - end);
  });

  it('H10: a truncation is durable when it returns', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 9));
    fixture.log.truncate(makeZxid(1, 4));
    const again = new LogFixture(fixture.disk.crash());
    expect(again.log.recovered.lastZxid).toBe(makeZxid(1, 4));
  });
});

describe('what belongs together', () => {
  it('refuses a format of a later version, of log and records', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 3));
    const disk = fixture.disk.crash();
    disk.damage(fixture.lastSegment, (content) => {
      const place = { generation: 1, first: makeZxid(1, 1), after: ZXID_ZERO, previous: 0 };
      writeHeader(content, place, FORMAT + 1);
      return content;
    });
    expect(refusal(disk)).toMatchObject({ code: 'newerFormat', version: FORMAT + 1 });
  });

  it.each(['epochs', 'base'])('bug 13, 20: refuses without %s, or with a damaged one', (name) => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 3));
    const without = fixture.disk.crash();
    without.remove(name);
    expect(refusal(without)).toMatchObject({ code: 'recordUnusable', file: name });
    const { length } = fixture.disk.content(name);
    for (let offset = 0; offset < length; offset++) {
      const disk = fixture.disk.crash();
      disk.damage(name, (content) => flipped(content, offset));
      expect(refusal(disk)).toMatchObject({ file: name });
    }
  });

  it('refuses a log of a later epoch than was accepted', () => {
    const fixture = new LogFixture();
    fixture.write([entry(1, 1), entry(2, 1)]);
    fixture.log.writeEpochs({ acceptedEpoch: makeEpoch(1), currentEpoch: makeEpoch(1) });
    expect(refusal(fixture.disk.crash())).toMatchObject({ code: 'recordUnusable', file: 'epochs' });
  });

  it('starts from nothing at every step of its first start', () => {
    for (let step = 0; ; step++) {
      const fixture = new LogFixture();
      const fresh = fixture.disk.crash();
      for (const name of fresh.list()) fresh.remove(name);
      fresh.syncDirectory();
      const begun = fresh.crash();
      begun.crashBefore(step);
      let started = true;
      try {
        new LogFixture(begun);
      } catch {
        started = false;
      }
      const again = new LogFixture(begun.crash({ keepDirectoryChanges: step % 3 }));
      expect(again.log.recovered.lastZxid).toBe(ZXID_ZERO);
      if (started) return;
    }
  });
});

function flipped(content: Uint8Array, offset: number): Uint8Array {
  content[offset] = (content[offset] ?? 0) ^ 0x10;
  return content;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

describe('the ends of epochs', () => {
  it.each([60, 200, 100_000])('are found over segments of %i bytes', (segmentBytes) => {
    const fixture = new LogFixture(undefined, { segmentBytes });
    for (let i = 1; i <= 5; i++) fixture.write([entry(1, i)]);
    for (let i = 1; i <= 2; i++) fixture.write([entry(4, i)]);
    fixture.write([entry(5, 1)]);
    const again = new LogFixture(fixture.disk.crash(), { segmentBytes });
    const ends = [makeZxid(1, 5), makeZxid(4, 2), makeZxid(5, 1)];
    expect(again.log.recovered.epochEnds).toEqual(ends);
    expect(new LogFixture().log.recovered.epochEnds).toEqual([]);
  });
});
