import { makeZxid, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import {
  BroadcasterFixture,
  deliver,
  EMPTY,
  entries,
  recovered,
  serving,
} from './broadcaster-fixture.ts';

describe('delivery', () => {
  it('starts behind what the database has applied', () => {
    const fixture = serving();
    fixture.propose(2, entries(1, 2, 10));
    fixture.sync();
    fixture.database(5, makeZxid(1, 7));
    const read = fixture.reads[0];
    expect(read?.after).toBe(makeZxid(1, 7));
    fixture.step({ kind: 'logRead', read: read?.read ?? 0, entries: entries(1, 8, 10) });
    expect(fixture.delivered(5)).toEqual([8, 9, 10].map((c) => makeZxid(1, c)));
    fixture.database(6, makeZxid(1, 10));
    expect(fixture.delivered(6)).toEqual([]);
  });

  it('crosses epochs in memory', () => {
    // The first database does not report what it applies, so that what is behind its window stays in memory.
    const fixture = serving({ lastCounter: 5, limits: { deliveryWindowBytes: 1 } });
    fixture.propose(2, entries(1, 2, 5));
    fixture.sync();
    fixture.propose(2, entries(2, 1, 3));
    fixture.sync();
    for (const [applied, count] of [
      [makeZxid(1, 4), 4],
      [makeZxid(1, 5), 3],
      [makeZxid(2, 1), 2],
    ] as const) {
      const link = 10 + count;
      fixture.database(link, applied);
      expect(fixture.delivered(link).length).toBe(count);
    }
  });

  it('keeps what a database has not applied within the window', () => {
    const fixture = serving({ limits: { deliveryWindowBytes: 1000, batchOperations: 3 } });
    fixture.propose(2, entries(1, 2, 100));
    fixture.sync();
    const before = fixture.delivered(1).length;
    expect(before).toBeLessThan(20);
    fixture.tick();
    expect(fixture.delivered(1).length).toBe(before);
    let applied = before;
    while (applied < 100) {
      fixture.fromDatabase(1, { kind: 'applied', zxid: makeZxid(1, applied) });
      const status = fixture.core.status().databases[0];
      expect(status?.windowBytes).toBeLessThan(1000 + 3 * 80);
      expect(fixture.delivered(1).length).toBeGreaterThan(applied);
      applied = fixture.delivered(1).length;
    }
    expect(fixture.delivered(1)).toEqual(entries(1, 1, 100).map((it) => it.zxid));
  });

  it('does not let one slow database hold up another', () => {
    const fixture = serving({ limits: { deliveryWindowBytes: 1000 } });
    fixture.database(5, makeZxid(1, 1));
    for (let i = 2; i <= 100; i++) {
      fixture.propose(2, entries(1, i, i));
      fixture.sync();
      fixture.fromDatabase(5, { kind: 'applied', zxid: makeZxid(1, i) });
    }
    expect(fixture.delivered(5).at(-1)).toBe(makeZxid(1, 100));
    expect(fixture.delivered(1).length).toBeLessThan(30);
  });

  it('reads from the log what memory no longer has, then goes on from memory', () => {
    const limits = { deliveryWindowBytes: 1000, queueBytes: 1000, batchOperations: 4 };
    const fixture = serving({ limits });
    const all = entries(1, 1, 200);
    for (let i = 2; i <= 200; i++) {
      fixture.propose(2, entries(1, i, i));
      fixture.sync();
    }
    fixture.database(5);
    expect(fixture.delivered(5)).toEqual([]);
    for (let turn = 0; turn < 200 && fixture.delivered(5).length < 200; turn++) {
      const read = fixture.reads.shift();
      if (read !== undefined) {
        const some = all.filter((it) => it.zxid > read.after).slice(0, read.maxBytes / 74 + 1);
        fixture.step({ kind: 'logRead', read: read.read, entries: some });
      }
      const last = fixture.delivered(5).at(-1) ?? ZXID_ZERO;
      fixture.fromDatabase(5, { kind: 'applied', zxid: last });
    }
    expect(fixture.delivered(5)).toEqual(all.map((it) => it.zxid));
  });

  it('forgets a read whose database has gone', () => {
    const history = recovered(makeZxid(1, 9));
    const fixture = new BroadcasterFixture({ history });
    fixture.database(1);
    fixture.end('databaseEnded', 1);
    fixture.step({ kind: 'logRead', read: fixture.reads[0]?.read ?? 0, entries: entries(1, 1, 9) });
    expect(fixture.delivered(1)).toEqual([]);
    fixture.database(2);
    expect(fixture.reads.length).toBe(2);
  });

  it('waits for the recovery of the log', () => {
    const fixture = new BroadcasterFixture({ recoveredAtOnce: false });
    fixture.database(1);
    fixture.processor(2);
    expect(fixture.core.status().databases[0]?.state).toBe('asking');
    fixture.step({ kind: 'recovered', history: EMPTY });
    expect(fixture.core.status().databases[0]?.state).toBe('delivering');
    expect(fixture.terms(2).length).toBe(1);
  });

  it('H23: a database that is older than the log needs a snapshot, and does not count', () => {
    const history = recovered(makeZxid(1, 900), { logStart: makeZxid(1, 500) });
    const fixture = new BroadcasterFixture({ history });
    fixture.processor(2);
    fixture.database(1, makeZxid(1, 499));
    expect(fixture.toDatabase.get(1)?.at(-1)).toEqual({
      kind: 'snapshotNeeded',
      atLeast: makeZxid(1, 500),
      databaseAddress: '',
    });
    expect(fixture.terms(2)).toEqual([]);
    fixture.database(3, makeZxid(1, 500));
    expect(fixture.terms(2).length).toBe(1);
  });

  it('H8: a database whose snapshot is older than the base needs another', () => {
    const base = makeZxid(1, 500);
    const history = recovered(base, { logStart: base, base, epochEnds: [] });
    const fixture = new BroadcasterFixture({ history });
    fixture.database(1, makeZxid(1, 500), makeZxid(1, 400));
    expect(fixture.toDatabase.get(1)?.at(-1)?.kind).toBe('snapshotNeeded');
  });

  it('stops where the database has applied more than the log has', () => {
    const fixture = new BroadcasterFixture();
    fixture.database(1, makeZxid(1, 3));
    expect(fixture.fatal?.code).toBe('databaseAhead');
  });

  it('stops where the log has a gap', () => {
    const history = recovered(makeZxid(1, 9));
    const fixture = new BroadcasterFixture({ history });
    fixture.database(1);
    fixture.step({ kind: 'logRead', read: fixture.reads[0]?.read ?? 0, entries: entries(1, 2, 9) });
    expect(fixture.fatal?.code).toBe('logGap');
  });
});

describe('purging', () => {
  it('H23: goes below the snapshot that every database has verified, and never without one', () => {
    const fixture = serving();
    fixture.propose(2, entries(1, 2, 100));
    fixture.sync();
    const verified = (zxid: number, below: number) =>
      ({
        kind: 'snapshotVerified',
        zxid: makeZxid(1, zxid),
        purgeBelow: makeZxid(1, below),
      }) as const;
    fixture.database(5, makeZxid(1, 100));
    fixture.fromDatabase(1, verified(50, 40));
    expect(fixture.purges).toEqual([]);
    fixture.fromDatabase(5, verified(90, 80));
    expect(fixture.purges).toEqual([makeZxid(1, 40)]);
    fixture.fromDatabase(1, verified(90, 85));
    expect(fixture.purges).toEqual([makeZxid(1, 40), makeZxid(1, 80)]);
    fixture.fromDatabase(1, verified(95, 80));
    expect(fixture.purges.length).toBe(2);
  });
});

describe('a database that breaks a rule', () => {
  it.each([
    ['deliver twice', deliver(ZXID_ZERO)],
    ['apply what it was not given', { kind: 'applied', zxid: makeZxid(1, 5) }],
    [
      'purge behind its snapshot',
      { kind: 'snapshotVerified', zxid: ZXID_ZERO, purgeBelow: makeZxid(1, 1) },
    ],
  ] as const)('may not %s: its link is closed', (_what, message) => {
    const fixture = serving();
    fixture.fromDatabase(1, message);
    expect(fixture.closed.length).toBe(1);
    expect(fixture.core.status().databases).toEqual([]);
  });
});
