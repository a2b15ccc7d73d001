import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type { LogEntry, Zxid } from '@paddock/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryBytes, History } from '../src/history.ts';
import { entry } from './broadcaster-fixture.ts';

function zxidsAfter(history: History, zxid: Zxid): Zxid[] | undefined {
  const from = history.positionAfter(zxid);
  if (from === undefined) return undefined;
  const zxids: Zxid[] = [];
  for (let i = from; i < history.endPosition; i++) zxids.push(history.at(i).zxid);
  return zxids;
}

describe('history', () => {
  it('H9: what a quorum has and this disk has not cannot be delivered', () => {
    const history = new History(1000);
    for (let counter = 1; counter <= 5; counter++) history.append(entry(1, counter));
    history.markCommitted(makeZxid(1, 4));
    history.markDurable(makeZxid(1, 2));
    expect(history.deliverable).toBe(makeZxid(1, 2));
    history.markDurable(makeZxid(1, 5));
    expect(history.deliverable).toBe(makeZxid(1, 4));
  });

  it('keeps everything that is not both durable and committed in memory', () => {
    const history = new History(0);
    for (let counter = 1; counter <= 5; counter++) history.append(entry(1, counter));
    history.markDurable(makeZxid(1, 5));
    history.markCommitted(makeZxid(1, 3));
    history.release(ZXID_ZERO);
    expect(zxidsAfter(history, makeZxid(1, 3))).toEqual([makeZxid(1, 4), makeZxid(1, 5)]);
    expect(zxidsAfter(history, makeZxid(1, 2))).toBeUndefined();
    expect(history.pendingBytes).toBe(2 * entryBytes(entry(1, 4)));
    history.markCommitted(makeZxid(1, 5));
    expect(history.pendingBytes).toBe(0);
  });

  it('keeps nothing that every database has been sent', () => {
    const history = new History(1_000_000);
    for (let counter = 1; counter <= 5; counter++) history.append(entry(1, counter));
    history.markDurable(makeZxid(1, 5));
    history.markCommitted(makeZxid(1, 5));
    history.release(makeZxid(1, 3));
    expect(zxidsAfter(history, makeZxid(1, 2))).toBeUndefined();
    expect(zxidsAfter(history, makeZxid(1, 3))).toEqual([makeZxid(1, 4), makeZxid(1, 5)]);
  });

  it('finds what is behind a zxid as a list would, over epochs and releases', () => {
    const run = fc.record({
      skip: fc.integer({ min: 1, max: 3 }),
      count: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(
        fc.array(run, { maxLength: 8 }),
        fc.integer({ min: 0, max: 4000 }),
        (runs, bytes) => {
          const history = new History(bytes);
          const list: LogEntry[] = [];
          let epoch = 0;
          for (const { skip, count } of runs) {
            epoch += skip;
            for (let counter = 1; counter <= count; counter++) {
              const one = entry(epoch, counter);
              list.push(one);
              history.append(one);
            }
          }
          history.markDurable(history.last);
          history.markCommitted(history.last);
          history.release(ZXID_ZERO);
          const floor = list.findIndex((it) => zxidsAfter(history, it.zxid) !== undefined);
          for (const [i, it] of list.entries()) {
            const expected = list.slice(i + 1).map((other) => other.zxid);
            if (i >= floor) expect(zxidsAfter(history, it.zxid)).toEqual(expected);
            else expect(zxidsAfter(history, it.zxid)).toBeUndefined();
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('begins behind what was recovered', () => {
    const history = new History(1000);
    history.recover(makeZxid(3, 9), makeZxid(9, 9), ZXID_ZERO, [makeZxid(3, 9)]);
    expect(history.committed).toBe(makeZxid(3, 9));
    expect(history.positionAfter(ZXID_ZERO)).toBeUndefined();
    expect(zxidsAfter(history, makeZxid(3, 9))).toEqual([]);
  });
});
