import { encodeConfiguration } from '@paddock/codec';
import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { TxnLogError } from '../src/index.ts';
import { CONFIGURATION, entries, entry, LogFixture, readAll, texts } from './log-fixture.ts';

describe('appending', () => {
  it('acknowledges nothing before the sync has completed', () => {
    const fixture = new LogFixture();
    fixture.log.append(entries(1, 1, 3), ZXID_ZERO);
    expect(fixture.disk.nextStep).toBe('write');
    fixture.disk.runNext();
    expect(fixture.acknowledged).toBe(ZXID_ZERO);
    expect(fixture.disk.nextStep).toBe('sync');
    fixture.disk.runNext();
    expect(fixture.disk.nextStep).toBe('syncDirectory');
    expect(fixture.acknowledged).toBe(ZXID_ZERO);
    fixture.disk.runNext();
    expect(fixture.acknowledged).toBe(makeZxid(1, 3));
  });

  it('gathers what comes while a batch is under way into the next one', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 1));
    for (let counter = 2; counter <= 100; counter++) {
      fixture.log.append([entry(1, counter)], ZXID_ZERO);
      expect(fixture.disk.pending).toBe(1);
    }
    fixture.disk.run();
    expect(fixture.acknowledged).toBe(makeZxid(1, 100));
    expect(fixture.log.counters.syncs).toBe(3);
    expect(fixture.log.counters.entries).toBe(100);
  });

  it('refuses a gap, and takes the first of a higher epoch', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 2));
    expect(() => fixture.log.append([entry(1, 4)], ZXID_ZERO)).toThrow(/next zxid/);
    expect(() => fixture.log.append([entry(2, 2)], ZXID_ZERO)).toThrow(/next zxid/);
    fixture.write([entry(2, 1)]);
    expect(texts(fixture.all())).toEqual(['1.1', '1.2', '2.1']);
  });

  it('keeps entries of every size, kind and order across segments and a restart', () => {
    const fixture = new LogFixture(undefined, { segmentBytes: 30_000, fillBytes: 4096 });
    const list = [0, 1, 100, 16_384, 16_385, 50_000, 7].map((size, i) =>
      entry(1, i + 1, 'x'.repeat(size) + String(i), i === 0 ? 'termMarker' : 'data'),
    );
    for (const it of list) fixture.write([it]);
    expect(fixture.segments.length).toBeGreaterThan(2);
    const again = new LogFixture(fixture.disk.crash(), { segmentBytes: 30_000 });
    expect(texts(again.all())).toEqual(texts(list));
    expect(again.all()[0]?.kind).toBe('termMarker');
    for (const maxBytes of [1, 1000, 20_000]) {
      expect(texts(readAll(again.log, maxBytes))).toEqual(texts(list));
    }
    expect(again.log.recovered.torn).toBeNull();
  });

  it('records the commit point that was known', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 5));
    fixture.write(entries(1, 6, 9), makeZxid(1, 5));
    const { recovered } = new LogFixture(fixture.disk.crash()).log;
    expect(recovered.lastZxid).toBe(makeZxid(1, 9));
    expect(recovered.committed).toBe(makeZxid(1, 5));
  });
});

describe('a disk that fails', () => {
  it.each(['write', 'sync', 'syncDirectory', 'create'] as const)(
    'bug 19: a failed %s is told once, and nothing is acknowledged after it',
    (step) => {
      const fixture = new LogFixture();
      fixture.disk.failNext(step, step === 'write' ? 'full' : 'failed');
      fixture.log.append(entries(1, 1, 2), ZXID_ZERO);
      fixture.disk.run();
      fixture.log.append(entries(1, 3, 4), ZXID_ZERO);
      fixture.disk.run();
      expect(fixture.failure?.detail.code).toBe('diskFailed');
      expect(fixture.acknowledged).toBe(ZXID_ZERO);
    },
  );

  it('bug 18: a truncation that fails is an error, not a shrug', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 5));
    fixture.disk.failNext('truncate');
    expect(() => fixture.log.truncate(makeZxid(1, 2))).toThrow(/planned failure/);
  });

  it('waits for a disk that stalls', () => {
    const fixture = new LogFixture();
    fixture.log.append(entries(1, 1, 2), ZXID_ZERO);
    for (let i = 3; i < 2000; i++) fixture.log.append([entry(1, i)], ZXID_ZERO);
    expect(fixture.acknowledged).toBe(ZXID_ZERO);
    fixture.disk.run();
    expect(fixture.acknowledged).toBe(makeZxid(1, 1999));
  });
});

describe('truncating', () => {
  it('removes exactly what is behind, over segments', () => {
    for (let kept = 1; kept <= 20; kept++) {
      const fixture = new LogFixture(undefined, { segmentBytes: 200 });
      for (let i = 1; i <= 20; i++) fixture.write([entry(1, i)]);
      fixture.log.truncate(makeZxid(1, kept));
      expect(texts(fixture.all())).toEqual(texts(entries(1, 1, kept)));
      fixture.write([entry(2, 1)]);
      const again = new LogFixture(fixture.disk.crash());
      expect(texts(again.all())).toEqual([...texts(entries(1, 1, kept)), '2.1']);
    }
  });

  it('refuses a zxid that the log does not have', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 5));
    expect(() => fixture.log.truncate(makeZxid(1, 6))).toThrow(TxnLogError);
    expect(fixture.all().length).toBe(5);
  });

  it('can remove everything', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 5));
    fixture.log.truncate(ZXID_ZERO);
    fixture.write([entry(2, 1)]);
    expect(texts(new LogFixture(fixture.disk.crash()).all())).toEqual(['2.1']);
  });

  it('H11: takes a membership back', () => {
    const fixture = new LogFixture();
    const other = { ...CONFIGURATION, formatLevel: 2 };
    fixture.write([entry(1, 1)]);
    fixture.write([{ ...entry(1, 2), kind: 'configuration', payload: encodeConfiguration(other) }]);
    const again = new LogFixture(fixture.disk.crash());
    expect(again.log.recovered.configuration).toEqual(other);
    again.log.truncate(makeZxid(1, 1));
    expect(again.log.configuration).toEqual(CONFIGURATION);
  });
});

describe('purging', () => {
  it('H23: removes whole segments below, and never the last', () => {
    const fixture = new LogFixture(undefined, { segmentBytes: 200 });
    for (let i = 1; i <= 20; i++) fixture.write([entry(1, i)]);
    const before = fixture.segments.length;
    fixture.log.purge(makeZxid(1, 10));
    fixture.disk.run();
    expect(fixture.segments.length).toBeLessThan(before);
    const [start] = fixture.purges;
    expect(start).toBeLessThan(makeZxid(1, 10));
    expect(fixture.log.read(ZXID_ZERO, 1000)).toEqual([]);
    expect(texts(fixture.all()).at(-1)).toBe('1.20');
    fixture.log.purge(makeZxid(9, 1));
    fixture.disk.run();
    expect(fixture.segments.length).toBe(1);
    fixture.write([entry(1, 21)]);
    const again = new LogFixture(fixture.disk.crash(), { segmentBytes: 200 });
    expect(again.log.recovered.logStart).toBe(fixture.purges[1]);
    expect(again.log.recovered.lastZxid).toBe(makeZxid(1, 21));
  });
});

describe('the small records', () => {
  it('keeps the epochs', () => {
    const fixture = new LogFixture();
    fixture.log.writeEpochs({ acceptedEpoch: makeEpoch(12), currentEpoch: makeEpoch(11) });
    const again = new LogFixture(fixture.disk.crash());
    expect(again.log.recovered.epochs).toEqual({ acceptedEpoch: 12, currentEpoch: 11 });
  });

  it('bug 13: a crash at any step of writing the epochs leaves the older or the newer', () => {
    for (let step = 0; ; step++) {
      const fixture = new LogFixture();
      fixture.disk.crashBefore(fixture.disk.steps + step);
      let whole = true;
      try {
        fixture.log.writeEpochs({ acceptedEpoch: makeEpoch(12), currentEpoch: makeEpoch(12) });
      } catch {
        whole = false;
      }
      for (const keepDirectoryChanges of [0, 1, 2, 9]) {
        const after = fixture.disk.crash({ keepDirectoryChanges, keepWrite: () => [] });
        const found = new LogFixture(after).log.recovered.epochs.acceptedEpoch;
        expect(whole ? [12] : [9, 12]).toContain(found);
      }
      if (whole) return;
    }
  });

  it('H8: starts a new generation behind a snapshot, and forgets the older one', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 5));
    fixture.log.restartFrom({
      zxid: makeZxid(3, 100),
      epoch: makeEpoch(3),
      configuration: CONFIGURATION,
    });
    fixture.write([entry(3, 101)]);
    const again = new LogFixture(fixture.disk.crash());
    expect(again.log.recovered.base).toBe(makeZxid(3, 100));
    expect(texts(again.all())).toEqual(['3.101']);
    expect(again.log.base.generation).toBe(2);
  });
});
