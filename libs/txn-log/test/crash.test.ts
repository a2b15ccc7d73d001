import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { LogEntry, Zxid } from '@paddock/model';
import { DiskCrash, MemoryDisk } from '@paddock/link-memory';
import type { KeptBytes } from '@paddock/link-memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONFIGURATION, entry, LogFixture, texts } from './log-fixture.ts';

const OPTIONS = { segmentBytes: 250, fillBytes: 64 };

/** What may have happened to what was not synced. */
type Survival = 'lost' | 'kept' | 'torn';
const SURVIVALS: readonly Survival[] = ['lost', 'kept', 'torn'];

function afterCrash(disk: MemoryDisk, survival: Survival, seed: number): MemoryDisk {
  const keep = (length: number, index: number): readonly KeptBytes[] => {
    if (survival === 'lost') return [];
    if (survival === 'kept') return [[0, length]];
    const cut = (seed * 31 + index * 17) % (length + 1);
    return seed % 2 === 0 ? [[0, cut]] : [[cut, length]];
  };
  return disk.crash({
    keepWrite: (write) => keep(write.length, write.index),
    keepDirectoryChanges: survival === 'lost' ? 0 : survival === 'kept' ? 100 : seed % 3,
  });
}

/** One life of a log: what it was handed, and what it has promised. */
interface Life {
  readonly fixture: LogFixture;
  /** In order; a truncation takes away its end. */
  readonly appended: LogEntry[];
  /** A truncation that may or may not have happened: entries behind it may be gone. */
  truncating: Zxid | null;
}

/** The recovered log is a prefix of what was appended, and has all that was acknowledged. */
function check(life: Life, disk: MemoryDisk): void {
  const again = new LogFixture(disk, OPTIONS);
  const found = texts(again.all());
  const { acknowledged } = life.fixture;
  const promised = life.appended.filter(
    (it) => it.zxid <= acknowledged && (life.truncating === null || it.zxid <= life.truncating),
  );
  const start = life.appended.filter((it) => it.zxid <= again.log.logStart).length;
  expect(found).toEqual(texts(life.appended.slice(start, start + found.length)));
  expect(start + found.length).toBeGreaterThanOrEqual(promised.length);
  // The next life can write, whatever this one left behind.
  again.write([entry(8, 1)]);
  const third = new LogFixture(again.disk.crash(), OPTIONS);
  expect(texts(third.all())).toEqual([...found, '8.1']);
}

/** Appends, rolls, truncates, purges; throws DiskCrash where the crash is planned. */
function scenario(life: Life): void {
  const { fixture, appended } = life;
  const append = (list: LogEntry[]) => {
    appended.push(...list);
    fixture.log.append(list, fixture.acknowledged);
  };
  const run = () => {
    fixture.disk.run();
    // Where the log itself opens a file, a crash is told as a failure.
    if (fixture.failure !== null) throw new DiskCrash(fixture.failure.message);
  };
  for (let i = 1; i <= 4; i++) append([entry(1, i)]);
  run();
  append([entry(1, 5), entry(1, 6), entry(1, 7)]);
  fixture.disk.runNext();
  append([entry(1, 8)]);
  run();
  life.truncating = makeZxid(1, 6);
  fixture.log.truncate(makeZxid(1, 6));
  appended.length = 6;
  life.truncating = null;
  fixture.acknowledged = makeZxid(1, 6);
  append([entry(2, 1), entry(2, 2)]);
  run();
  fixture.log.purge(makeZxid(1, 6));
  append([entry(2, 3)]);
  run();
}

function crashedLife(step: number): { life: Life; crashed: boolean } {
  const fixture = new LogFixture(new MemoryDisk(), OPTIONS);
  const life: Life = { fixture, appended: [], truncating: null };
  fixture.disk.crashBefore(fixture.disk.steps + step);
  try {
    scenario(life);
  } catch (error) {
    if (!(error instanceof DiskCrash)) throw error;
    return { life, crashed: true };
  }
  return { life, crashed: false };
}

describe('a crash at every step', () => {
  it.each(SURVIVALS)('loses nothing that was acknowledged, where un-synced bytes are %s', (how) => {
    let step = 0;
    for (; ; step++) {
      const { life, crashed } = crashedLife(step);
      for (let seed = 0; seed < (how === 'torn' ? 12 : 1); seed++) {
        check(life, afterCrash(life.fixture.disk, how, seed));
      }
      if (!crashed) break;
    }
    expect(step).toBeGreaterThan(20);
  });
});

describe('a torn first batch of a segment', () => {
  it('leaves no segment whose name another entry needs', () => {
    for (let seed = 0; seed < 40; seed++) {
      const fixture = new LogFixture(new MemoryDisk(), OPTIONS);
      fixture.log.append([entry(2, 1)], fixture.acknowledged);
      fixture.disk.runNext();
      const again = new LogFixture(afterCrash(fixture.disk, 'torn', seed), OPTIONS);
      if (again.log.lastZxid !== ZXID_ZERO) continue;
      for (let counter = 1; counter <= 9; counter++) {
        again.write([entry(1, counter, 'x'.repeat(30))]);
      }
      again.write([entry(2, 1)]);
      expect(again.failure).toBeNull();
      expect(new LogFixture(again.disk.crash(), OPTIONS).log.lastZxid).toBe(makeZxid(2, 1));
    }
  });
});

/** Eight entries of a dead epoch over several segments, behind four that stay. */
function divergedTail(segmentBytes: number): LogFixture {
  const fixture = new LogFixture(new MemoryDisk(), { segmentBytes, fillBytes: 64 });
  for (let i = 1; i <= 4; i++) fixture.write([entry(1, i)]);
  for (let i = 1; i <= 8; i++) fixture.write([entry(2, i)]);
  return fixture;
}

/** Runs the change with a crash planned so many steps later; false where the crash came first. */
function survives(fixture: LogFixture, step: number, change: () => void): boolean {
  fixture.disk.crashBefore(fixture.disk.steps + step);
  try {
    change();
  } catch (error) {
    if (!(error instanceof DiskCrash)) throw error;
    return false;
  }
  return true;
}

describe('ZOOKEEPER-1154: a truncation of a tail that spans segments', () => {
  it.each([60, 130, 250])('leaves no hole at any crash, and is done again (%i bytes)', (bytes) => {
    for (const after of [makeZxid(1, 4), makeZxid(1, 2), makeZxid(1, 99)]) {
      const kept = after === makeZxid(1, 2) ? 2 : 4;
      for (let step = 0; ; step++) {
        const fixture = divergedTail(bytes);
        const whole = survives(fixture, step, () => void fixture.log.truncate(after));
        for (const survival of SURVIVALS) {
          const again = new LogFixture(afterCrash(fixture.disk, survival, step), OPTIONS);
          const found = texts(again.all());
          expect(found).toEqual(texts(divergedTail(bytes).all()).slice(0, found.length));
          expect(found.length).toBeGreaterThanOrEqual(kept);
          if (whole) expect(found.length).toBe(kept);
          // The leader asks again, of whatever a crash has left.
          expect(again.log.truncate(after)).toBe(makeZxid(1, kept));
          again.write([entry(3, 1)]);
          const third = new LogFixture(again.disk.crash(), OPTIONS);
          expect(texts(third.all())).toEqual([...found.slice(0, kept), '3.1']);
        }
        if (whole) break;
      }
    }
  });
});

describe('H8: a log that begins anew behind a snapshot', () => {
  it('is the older one or the newer one at every crash', () => {
    const base = { zxid: makeZxid(3, 100), epoch: makeEpoch(3), configuration: CONFIGURATION };
    for (let step = 0; ; step++) {
      const fixture = divergedTail(130);
      const whole = survives(fixture, step, () => fixture.log.restartFrom(base));
      for (const survival of SURVIVALS) {
        const again = new LogFixture(afterCrash(fixture.disk, survival, step), OPTIONS);
        const isNew = again.log.recovered.base === base.zxid;
        expect(isNew || !whole).toBe(true);
        expect(again.all().length).toBe(isNew ? 0 : 12);
        if (!isNew) again.log.restartFrom(base);
        again.write([entry(3, 101)]);
        expect(texts(new LogFixture(again.disk.crash(), OPTIONS).all())).toEqual(['3.101']);
      }
      if (whole) return;
    }
  });
});

describe('a kill of the process', () => {
  it('leaves records that are durable once they are recovered', () => {
    const fixture = new LogFixture(new MemoryDisk(), { segmentBytes: 1000 });
    fixture.write([entry(1, 1)]);
    fixture.log.append([entry(1, 2)], fixture.acknowledged);
    expect(fixture.disk.nextStep).toBe('write');
    fixture.disk.runNext();
    fixture.disk.forgetRequests();
    const again = new LogFixture(fixture.disk);
    expect(again.acknowledged).toBe(makeZxid(1, 2));
    expect(texts(new LogFixture(fixture.disk.crash()).all())).toEqual(['1.1', '1.2']);
  });

  it('in the middle of purges that overlap leaves a log without a hole', () => {
    for (let steps = 0; steps < 14; steps++) {
      const fixture = new LogFixture(new MemoryDisk(), { segmentBytes: 100 });
      for (let i = 1; i <= 20; i++) fixture.write([entry(1, i)]);
      fixture.log.purge(makeZxid(1, 8));
      fixture.disk.runNext();
      fixture.log.purge(makeZxid(1, 14));
      for (let i = 0; i < steps; i++) fixture.disk.runNext();
      fixture.disk.forgetRequests();
      expect(texts(new LogFixture(fixture.disk, OPTIONS).all()).at(-1)).toBe('1.20');
    }
  });
});

type Action =
  | { readonly kind: 'append'; readonly sizes: readonly number[]; readonly isNewEpoch: boolean }
  | { readonly kind: 'run'; readonly steps: number }
  | { readonly kind: 'truncate'; readonly back: number }
  | { readonly kind: 'purge'; readonly back: number }
  | { readonly kind: 'crash'; readonly survival: Survival; readonly seed: number };

const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });

const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      sizes,
      isNewEpoch: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      steps: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('truncate' as const),
      back: fc.integer({ min: 0, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('purge' as const),
      back: fc.integer({ min: 0, max: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      survival: fc.constantFrom(...SURVIVALS),
      seed: fc.nat(1000),
    }),
  },
);

/** The model: a list of entries. The log must be it, up to what a crash may take. */
class ModelRun {
  #fixture = new LogFixture(new MemoryDisk(), OPTIONS);
  #appended: LogEntry[] = [];
  #epoch = 1;
  #counter = 0;
  #text = 0;

  do(action: Action): void {
    switch (action.kind) {
      case 'append':
        return this.#append(action.sizes, action.isNewEpoch);
      case 'run':
        for (let i = 0; i < action.steps; i++) this.#fixture.disk.runNext();
        return;
      case 'truncate':
        return this.#truncate(action.back);
      case 'purge':
        this.#fixture.disk.run();
        this.#fixture.log.purge(this.#at(action.back));
        return;
      case 'crash':
        return this.#crash(action.survival, action.seed);
    }
  }

  compare(): void {
    this.#fixture.disk.run();
    const { log } = this.#fixture;
    const expected = this.#appended.filter((it) => it.zxid > log.logStart);
    expect(texts(this.#fixture.all())).toEqual(texts(expected));
  }

  #at(back: number): Zxid {
    return this.#appended[this.#appended.length - 1 - back]?.zxid ?? ZXID_ZERO;
  }

  #append(payloads: readonly number[], isNewEpoch: boolean): void {
    if (isNewEpoch && this.#epoch < 9) {
      this.#epoch++;
      this.#counter = 0;
    }
    const list = payloads.map((size) =>
      entry(this.#epoch, ++this.#counter, `${++this.#text}`.padEnd(size, '.')),
    );
    this.#appended.push(...list);
    this.#fixture.log.append(list, this.#fixture.acknowledged);
  }

  #truncate(back: number): void {
    this.#fixture.disk.run();
    const after = this.#at(back);
    if (after <= this.#fixture.log.logStart) return;
    this.#fixture.log.truncate(after);
    this.#resume(this.#appended.length - back);
  }

  #crash(survival: Survival, seed: number): void {
    const { acknowledged } = this.#fixture;
    this.#fixture = new LogFixture(afterCrash(this.#fixture.disk, survival, seed), OPTIONS);
    const last = this.#fixture.log.recovered.lastZxid;
    expect(last).toBeGreaterThanOrEqual(acknowledged);
    this.#resume(this.#appended.filter((it) => it.zxid <= last).length);
    this.compare();
  }

  #resume(length: number): void {
    this.#appended = this.#appended.slice(0, length);
    this.#fixture.acknowledged = this.#fixture.log.lastZxid;
    const last = this.#fixture.log.lastZxid;
    this.#epoch = Math.floor(last / 2 ** 32) || 1;
    this.#counter = last % 2 ** 32;
  }
}

describe('a log against a list', () => {
  it('agrees after any appends, crashes, truncations and purges', () => {
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 40 }), (list) => {
        const run = new ModelRun();
        for (const action of list) run.do(action);
        run.compare();
      }),
      { numRuns: 300 },
    );
  });
});
