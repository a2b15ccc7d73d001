import { epochOf, formatZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { SimulatedEnsemble } from './simulated-ensemble.ts';
import type { EnsembleSettings } from './simulated-ensemble.ts';

/** An ensemble whose leader takes writes. */
function established(settings: Partial<EnsembleSettings> = {}, seed = 7) {
  const ensemble = new SimulatedEnsemble(seed, { voters: 3, ...settings });
  ensemble.startAll();
  expect(ensemble.time.run(20_000, () => serves(ensemble))).toBe(true);
  return ensemble;
}

function serves(ensemble: SimulatedEnsemble): boolean {
  const status = ensemble.leader?.core.status();
  if (status === undefined) return false;
  const { term, committed, lastProposed, epoch } = status;
  return term > 0 && committed === lastProposed && epochOf(committed) === epoch;
}

function leaderOf(ensemble: SimulatedEnsemble): number {
  const { leader } = ensemble;
  if (leader === undefined) throw new Error('nobody leads');
  return leader.replica;
}

function write(ensemble: SimulatedEnsemble, count: number): void {
  ensemble.leader?.propose(count);
  runFor(ensemble, 1000);
}

function runFor(ensemble: SimulatedEnsemble, ms: number): void {
  ensemble.time.run(ensemble.time.nowMs + ms);
}

function comesTo(ensemble: SimulatedEnsemble, ms: number, isDone: () => boolean): boolean {
  return ensemble.time.run(ensemble.time.nowMs + ms, isDone);
}

function areEqual(ensemble: SimulatedEnsemble): boolean {
  const { leader } = ensemble;
  const committed = leader?.core.status().committed;
  return (
    serves(ensemble) &&
    ensemble.running.every(
      (it) => it.lastApplied === committed && it.applied.length === leader?.applied.length,
    )
  );
}

function cut(ensemble: SimulatedEnsemble, a: number, b: number): void {
  ensemble.links.block(a, b);
  ensemble.links.block(b, a);
}

/** Everything that was ever applied is still there. */
function nothingIsLost(ensemble: SimulatedEnsemble): void {
  expect(ensemble.violations).toEqual([]);
  const final = new Set(ensemble.leader?.applied.map((it) => it.zxid));
  const lost = [...ensemble.history.keys()].filter((zxid) => !final.has(zxid));
  expect(lost.map(formatZxid)).toEqual([]);
}

describe('an ensemble whose disks are replaced', () => {
  it('H7: z is on A and B alone, B is emptied, A is down: C and the empty B elect nobody until A is back', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    const [b = 0, c = 0] = ensemble.replicas.filter((it) => it !== a);
    ensemble.kill(c);
    write(ensemble, 5);
    const z = ensemble.leader?.lastApplied;
    ensemble.kill(a);
    ensemble.wipe(b);
    ensemble.start(b);
    ensemble.start(c);
    expect(comesTo(ensemble, 60_000, () => ensemble.leader !== undefined)).toBe(false);
    ensemble.start(a);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    expect(ensemble.leader?.applied.some((it) => it.zxid === z)).toBe(true);
    nothingIsLost(ensemble);
  });

  it('H7: each of three disks may be replaced, one after the other, and nothing is lost', () => {
    const ensemble = established();
    for (const replica of ensemble.replicas) {
      write(ensemble, 20);
      ensemble.wipe(replica);
      runFor(ensemble, 3000);
      write(ensemble, 20);
      ensemble.start(replica);
      const isListed = () => {
        const incarnation = ensemble.find(replica)?.disks.incarnation;
        const { configuration } = ensemble.leader ?? { configuration: null };
        const listed = configuration?.members.find((it) => it.replica === replica);
        return areEqual(ensemble) && listed?.incarnation === incarnation;
      };
      expect(comesTo(ensemble, 20_000, isListed)).toBe(true);
      runFor(ensemble, 2000);
    }
    nothingIsLost(ensemble);
  });

  it('H7: a power cut right after a disk was replaced needs nobody of before', () => {
    const ensemble = established();
    const reborn = leaderOf(ensemble);
    ensemble.wipe(reborn);
    runFor(ensemble, 5000);
    ensemble.start(reborn);
    // Nothing is written after its admission but what the admission itself writes.
    runFor(ensemble, 5000);
    const lost = leaderOf(ensemble);
    for (const replica of ensemble.replicas) ensemble.kill(replica);
    ensemble.wipe(lost);
    for (const replica of ensemble.replicas) if (replica !== lost) ensemble.start(replica);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    nothingIsLost(ensemble);
  });
});

describe('an ensemble whose members come back', () => {
  it('bug 1: a leader that died with entries of its own cuts exactly those', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    write(ensemble, 10);
    const shared = ensemble.leader?.lastApplied ?? 0;
    for (const other of ensemble.replicas) if (other !== a) cut(ensemble, a, other);
    ensemble.leader?.propose(3);
    runFor(ensemble, 500);
    const own = ensemble.find(a)?.disks.log.at(-1)?.zxid ?? 0;
    expect(own).toBeGreaterThan(shared);
    ensemble.kill(a);
    expect(comesTo(ensemble, 20_000, () => serves(ensemble))).toBe(true);
    write(ensemble, 5);
    ensemble.links.heal();
    ensemble.start(a);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    expect(ensemble.find(a)?.disks.log.some((it) => it.zxid === own)).toBe(false);
    expect(ensemble.find(a)?.disks.log.some((it) => it.zxid === shared)).toBe(true);
    nothingIsLost(ensemble);
  });

  it('bug 8: one that caught up leads, and brings up another that lags, without a gap', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    const [b = 0, c = 0] = ensemble.replicas.filter((it) => it !== a);
    ensemble.kill(c);
    write(ensemble, 50);
    ensemble.start(c);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    ensemble.kill(b);
    write(ensemble, 50);
    ensemble.kill(a);
    ensemble.start(b);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    expect(leaderOf(ensemble)).toBe(c);
    ensemble.start(a);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    nothingIsLost(ensemble);
  });

  it('H8, H23: one that was away longer than the log is kept fetches a snapshot, while writes go on', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    const [b = 0, c = 0] = ensemble.replicas.filter((it) => it !== a);
    ensemble.kill(c);
    for (let i = 0; i < 20; i++) {
      write(ensemble, 30);
      for (const replica of [a, b]) ensemble.find(replica)?.takeSnapshot();
    }
    expect(ensemble.find(a)?.disks.logStart).toBeGreaterThan(0);
    ensemble.start(c);
    for (let i = 0; i < 20; i++) write(ensemble, 10);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    expect(ensemble.find(c)?.disks.base.zxid).toBeGreaterThan(0);
    nothingIsLost(ensemble);
  });
});

describe('an ensemble whose network is cut', () => {
  it('bug 50, H24: a follower that cannot reach the leader, while another can, deposes nobody', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    const [b = 0] = ensemble.replicas.filter((it) => it !== a);
    const epoch = ensemble.leader?.core.status().epoch;
    cut(ensemble, a, b);
    for (let i = 0; i < 30; i++) write(ensemble, 5);
    expect(leaderOf(ensemble)).toBe(a);
    ensemble.links.heal();
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    expect(ensemble.leader?.core.status().epoch).toBe(epoch);
    nothingIsLost(ensemble);
  });

  it('H24: a follower that was cut off for long comes back without an election', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    const [b = 0, c = 0] = ensemble.replicas.filter((it) => it !== a);
    const epoch = ensemble.leader?.core.status().epoch;
    cut(ensemble, b, a);
    cut(ensemble, b, c);
    runFor(ensemble, 60_000);
    ensemble.links.heal();
    write(ensemble, 5);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    expect([leaderOf(ensemble), ensemble.leader?.core.status().epoch]).toEqual([a, epoch]);
  });

  it('bug 44: what a leader proposed that had lost its quorum is applied nowhere', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    for (const other of ensemble.replicas) if (other !== a) cut(ensemble, a, other);
    const stale = ensemble.find(a);
    const applied = stale?.applied.length;
    for (let i = 0; i < 10; i++) {
      stale?.propose(1);
      runFor(ensemble, 100);
    }
    expect(comesTo(ensemble, 20_000, () => serves(ensemble) && leaderOf(ensemble) !== a)).toBe(
      true,
    );
    expect(stale?.applied.length).toBe(applied);
    write(ensemble, 5);
    ensemble.links.heal();
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    nothingIsLost(ensemble);
  });

  it('a leader that hears the others and is not heard by them is replaced', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    for (const other of ensemble.replicas) if (other !== a) ensemble.links.block(a, other);
    expect(comesTo(ensemble, 20_000, () => serves(ensemble) && leaderOf(ensemble) !== a)).toBe(
      true,
    );
    write(ensemble, 5);
    ensemble.links.heal();
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    nothingIsLost(ensemble);
  });

  it('bug 43: a leader that stood still leads no more when another does, and its entries are gone', () => {
    const ensemble = established();
    const a = leaderOf(ensemble);
    ensemble.find(a)?.propose(3);
    ensemble.find(a)?.pause(6000);
    runFor(ensemble, 5000);
    expect(leaderOf(ensemble)).not.toBe(a);
    write(ensemble, 5);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    nothingIsLost(ensemble);
  });
});

describe('an ensemble of five', () => {
  it('bug 15: with two voters of five and three observers establishes nothing, and commits nothing', () => {
    const ensemble = established({ voters: 5, observers: 3 });
    write(ensemble, 10);
    runFor(ensemble, 2000);
    const before = ensemble.history.size;
    const a = leaderOf(ensemble);
    const [, ...rest] = [a, ...ensemble.replicas.filter((it) => it !== a && it <= 5)];
    for (const replica of rest.slice(0, 3)) ensemble.kill(replica);
    ensemble.find(a)?.propose(5);
    runFor(ensemble, 20_000);
    expect(ensemble.history.size).toBe(before);
    expect(ensemble.leader).toBeUndefined();
    for (const replica of rest) ensemble.start(replica);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    nothingIsLost(ensemble);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'bug 35: settles on one leader at once, in whatever order they start (%i)',
    (seed) => {
      const ensemble = new SimulatedEnsemble(seed, { voters: 5, delayMs: 10 });
      const { chance, time } = ensemble;
      for (const replica of ensemble.replicas) {
        time.after(chance.real() * 1000, () => ensemble.start(replica));
      }
      time.run(1000);
      expect(comesTo(ensemble, 3000, () => serves(ensemble))).toBe(true);
      const first = leaderOf(ensemble);
      ensemble.kill(first);
      expect(comesTo(ensemble, 3000, () => serves(ensemble))).toBe(true);
      // And it stays with that one.
      const { epoch } = ensemble.leader?.core.status() ?? { epoch: 0 };
      ensemble.start(first);
      runFor(ensemble, 20_000);
      expect(ensemble.leader?.core.status().epoch).toBe(epoch);
      expect(areEqual(ensemble)).toBe(true);
    },
  );

  it('bug 36: restarted one by one, each with one direction refused at first, all come back', () => {
    const ensemble = established({ voters: 5 });
    for (const replica of ensemble.replicas) {
      ensemble.kill(replica);
      for (const other of ensemble.replicas) ensemble.links.block(replica, other);
      ensemble.start(replica);
      runFor(ensemble, 3000);
      ensemble.links.heal();
      expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
      write(ensemble, 3);
    }
    nothingIsLost(ensemble);
  });

  it('H24, bug 16: a counter that runs out again and again costs no leader', () => {
    const ensemble = established({ lastCounter: 20 });
    const a = leaderOf(ensemble);
    for (let i = 0; i < 10; i++) {
      write(ensemble, 15);
      write(ensemble, 15);
    }
    expect(leaderOf(ensemble)).toBe(a);
    expect(ensemble.leader?.core.status().epoch).toBeGreaterThan(8);
    expect(comesTo(ensemble, 20_000, () => areEqual(ensemble))).toBe(true);
    nothingIsLost(ensemble);
  });
});
