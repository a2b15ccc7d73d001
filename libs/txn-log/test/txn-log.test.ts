import { encodeConfiguration } from '@paddock/codec';
import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { TxnLogError } from '../src/index.ts';
import { DiskCrash } from '@paddock/link-memory';
import { CONFIGURATION, entries, entry, LogFixture, readAll, texts } from './log-fixture.ts';

const FIRST = { zxid: ZXID_ZERO, configuration: CONFIGURATION };
const OTHER = { ...CONFIGURATION, formatLevel: 2 };

function membership(epoch: number, counter: number, configuration = CONFIGURATION): LogEntry {
  const payload = encodeConfiguration(configuration);
  return { ...entry(epoch, counter), kind: 'configuration', payload };
}

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

  it('H9: takes no entry for committed because a segment begins behind it', () => {
    const fixture = new LogFixture(undefined, { segmentBytes: 200 });
    for (let i = 1; i <= 20; i++) fixture.write([entry(1, i)], makeZxid(1, 1));
    expect(fixture.segments.length).toBeGreaterThan(3);
    const again = new LogFixture(fixture.disk.crash());
    expect(again.log.recovered.lastZxid).toBe(makeZxid(1, 20));
    expect(again.log.recovered.committed).toBe(makeZxid(1, 1));
  });

  it('H9, H23: takes what was purged for committed, though no record says so', () => {
    const fixture = new LogFixture(undefined, { segmentBytes: 200 });
    for (let i = 1; i <= 20; i++) fixture.write([entry(1, i)], ZXID_ZERO);
    fixture.log.purge(makeZxid(1, 15));
    fixture.disk.run();
    const { logStart, recovered } = new LogFixture(fixture.disk.crash()).log;
    expect(logStart).toBeGreaterThan(makeZxid(1, 1));
    expect(recovered.committed).toBe(logStart);
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

  it('says where the log ends, and cuts nothing where nothing is behind', () => {
    const fixture = new LogFixture();
    fixture.write(entries(1, 1, 5));
    expect(fixture.log.truncate(makeZxid(1, 6))).toBe(makeZxid(1, 5));
    expect(fixture.log.truncate(makeZxid(1, 5))).toBe(makeZxid(1, 5));
    expect(fixture.all().length).toBe(5);
    fixture.write([entry(1, 6)]);
    expect(texts(new LogFixture(fixture.disk.crash()).all()).at(-1)).toBe('1.6');
  });

  it('ends at the highest entry below a zxid that is none, in whatever segment that is', () => {
    for (const segmentBytes of [60, 200, 100_000]) {
      const fixture = new LogFixture(undefined, { segmentBytes });
      for (let i = 1; i <= 4; i++) fixture.write([entry(1, i)]);
      for (let i = 1; i <= 4; i++) fixture.write([entry(3, i)]);
      expect(fixture.log.truncate(makeZxid(2, 7))).toBe(makeZxid(1, 4));
      fixture.write([entry(4, 1)]);
      const again = new LogFixture(fixture.disk.crash(), { segmentBytes });
      expect(texts(again.all())).toEqual(['1.1', '1.2', '1.3', '1.4', '4.1']);
    }
  });

  it('never cuts into the base', () => {
    const fixture = new LogFixture();
    const base = makeZxid(3, 100);
    fixture.log.restartFrom({ zxid: base, epoch: makeEpoch(3), configuration: CONFIGURATION });
    fixture.write(entries(3, 101, 103));
    expect(fixture.log.truncate(makeZxid(2, 5))).toBe(base);
    fixture.write([entry(4, 1)]);
    const again = new LogFixture(fixture.disk.crash());
    expect(again.log.recovered.base).toBe(base);
    expect(texts(again.all())).toEqual(['4.1']);
  });

  it('refuses to cut what a snapshot has replaced', () => {
    const fixture = new LogFixture(undefined, { segmentBytes: 100 });
    for (let i = 1; i <= 9; i++) fixture.write([entry(1, i)]);
    fixture.log.purge(makeZxid(1, 6));
    fixture.disk.run();
    expect(() => fixture.log.truncate(makeZxid(1, 2))).toThrow(TxnLogError);
    expect(texts(fixture.all()).at(-1)).toBe('1.9');
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
    fixture.write([entry(1, 1)]);
    fixture.write([membership(1, 2, OTHER)]);
    const dated = { zxid: makeZxid(1, 2), configuration: OTHER };
    expect(fixture.log.configurations).toEqual([FIRST, dated]);
    const again = new LogFixture(fixture.disk.crash());
    expect(again.log.recovered.configurations).toEqual([FIRST, dated]);
    again.log.truncate(makeZxid(1, 1));
    expect(again.log.configurations).toEqual([FIRST]);
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

  it('H11: keeps the membership whose entry goes, also where a crash comes in between', () => {
    const write = (fixture: LogFixture): void => {
      fixture.write([membership(1, 1, { ...CONFIGURATION, formatLevel: 3 })]);
      fixture.write([membership(1, 2, OTHER)]);
      for (let i = 3; i <= 20; i++) fixture.write([entry(1, i)]);
    };
    for (let step = 0; ; step++) {
      const fixture = new LogFixture(undefined, { segmentBytes: 200 });
      write(fixture);
      fixture.disk.crashBefore(fixture.disk.steps + step);
      let whole = true;
      try {
        fixture.log.purge(makeZxid(1, 15));
        fixture.disk.run();
      } catch (error) {
        if (!(error instanceof DiskCrash)) throw error;
        whole = false;
      }
      const again = new LogFixture(fixture.disk.crash(), { segmentBytes: 200 });
      const { configurations, lastZxid } = again.log.recovered;
      expect(configurations.at(-1)?.configuration).toEqual(OTHER);
      expect(lastZxid).toBe(makeZxid(1, 20));
      if (!whole) continue;
      expect(fixture.log.configurations).toEqual([{ zxid: ZXID_ZERO, configuration: OTHER }]);
      expect(again.log.configurations).toEqual(fixture.log.configurations);
      return;
    }
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

  it('H7: keeps an ensemble that is yet to be founded', () => {
    const unformed: EnsembleConfiguration = {
      clusterId: '',
      formatLevel: 1,
      version: 1,
      removed: [],
      members: [
        { replica: 1, incarnation: 0, role: 'voter', address: '127.0.0.1:1' },
        { replica: 2, incarnation: 0, role: 'voter', address: '127.0.0.1:2' },
      ],
    };
    const fixture = new LogFixture(undefined, { configuration: unformed });
    const recovered = [{ zxid: ZXID_ZERO, configuration: unformed }];
    expect(fixture.log.recovered.configurations).toEqual(recovered);
    // What the first start has written holds, whatever the configuration file says later.
    expect(new LogFixture(fixture.disk.crash()).log.recovered.configurations).toEqual(recovered);
  });
});
