import type { LogEntry } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { dataEntry, zxid } from '../stages/entries.ts';
import { appliedOf, digestsOf, logTo, NEW, OLD, pair } from './pair.ts';
import type { Pair } from './pair.ts';
import { LEADER } from './transfer-world.ts';

const MEMORY = 'evidence.snapshot.000001.000000c8.memory';

/** The one that was behind has applied everything by itself, and one znode of the leader's is not there. */
function wrongPair(): Pair {
  const all = pair();
  const { world, behind } = all;
  behind.broadcaster.base = zxid(1);
  const wrong = logTo(NEW);
  wrong[99] = dataEntry(100, { kind: 'dropTombstones', through: zxid(1) });
  behind.broadcaster.log.splice(0, Infinity, ...wrong);
  behind.start();
  expect(world.until(() => appliedOf(behind) === zxid(NEW))).toBe(true);
  world.pass(1000);
  return all;
}

/** Behind those that both have; enough for a snapshot. */
function moreEntries(): LogEntry[] {
  return Array.from({ length: OLD }, (_, index) =>
    dataEntry(NEW + 1 + index, { kind: 'dropTombstones', through: zxid(1) }),
  );
}

function contradict({ behind }: Pair): void {
  behind.broadcaster.say(
    { kind: 'digestVerdict', zxid: zxid(50), verdict: 'agreed' },
    { kind: 'digestVerdict', zxid: zxid(200), verdict: 'contradicted' },
    { kind: 'snapshotNeeded', atLeast: zxid(NEW), databaseAddress: LEADER },
  );
}

describe('the evidence of a database that was found wrong', () => {
  it('H22: is what it had in memory, on disk before anything else takes its place', () => {
    const all = wrongPair();
    const { world, leader, behind } = all;
    const wrong = digestsOf(behind);
    contradict(all);
    expect(world.until(() => behind.dialled.includes(LEADER))).toBe(true);
    expect(behind.files()).toContain(MEMORY);
    expect(world.until(() => behind.status()['isServing'] === true)).toBe(true);
    expect(digestsOf(behind)).toEqual(digestsOf(leader));
    behind.kill();
    // Under the name of a snapshot it is loaded as one, and is the wrong state.
    const snapshot = MEMORY.replace('evidence.', '').replace('.memory', '');
    behind.disk = behind.disk.crash();
    behind.disk.remove(snapshot);
    behind.disk.rename(MEMORY, snapshot);
    behind.start();
    expect(digestsOf(behind)).toEqual(wrong);
  });

  it('H22: is waited for no longer than a while: the repair comes all the same', () => {
    const all = wrongPair();
    const { world, leader, behind } = all;
    behind.isDiskStalled = true;
    contradict(all);
    world.pass(59_000);
    expect(behind.dialled).not.toContain(LEADER);
    world.pass(2000);
    expect(behind.dialled).toContain(LEADER);
    behind.isDiskStalled = false;
    expect(world.until(() => behind.status()['isServing'] === true, 120_000)).toBe(true);
    expect(digestsOf(behind)).toEqual(digestsOf(leader));
    expect(behind.files()).not.toContain(MEMORY);
    expect(behind.failures).toEqual([]);
  });

  it('H22: is given up where a snapshot is being fetched already', () => {
    const all = wrongPair();
    const { world, leader, behind } = all;
    behind.broadcaster.base = zxid(NEW);
    behind.broadcaster.needSnapshot(LEADER);
    expect(world.until(() => behind.files().some((it) => it.endsWith('.tmp')))).toBe(true);
    behind.broadcaster.say({ kind: 'digestVerdict', zxid: zxid(200), verdict: 'contradicted' });
    expect(world.until(() => behind.status()['verdict'] === 'contradicted')).toBe(true);
    expect(world.until(() => behind.status()['isServing'] === true, 120_000)).toBe(true);
    expect(digestsOf(behind)).toEqual(digestsOf(leader));
    // What came was whole: nothing of the evidence went into its file.
    expect(behind.dialled.filter((it) => it === LEADER)).toHaveLength(1);
    expect(behind.failures).toEqual([]);
    expect(behind.files()).not.toContain(MEMORY);
  });

  it('H22: is given up where its file cannot be made', () => {
    const all = wrongPair();
    const { world, behind } = all;
    behind.disk.failNext('create');
    contradict(all);
    expect(world.until(() => behind.dialled.includes(LEADER))).toBe(true);
    expect(world.until(() => behind.status()['isServing'] === true, 120_000)).toBe(true);
    expect(behind.files()).not.toContain(MEMORY);
    const { detail } = behind.events.find(({ message }) => message.includes('could not be')) ?? {};
    expect(String(detail?.['reason'])).toContain('create');
    expect(behind.failures).toEqual([]);
  });
});

describe('snapshots that may be wrong', () => {
  it('H22: are not loaded, also where the disk does not rename them', () => {
    const all = wrongPair();
    const { world, leader, behind } = all;
    const more = moreEntries();
    behind.broadcaster.log.push(...more);
    behind.broadcaster.say({ kind: 'entries', entries: more });
    expect(world.until(() => behind.status()['newestSnapshot'] === '1.240')).toBe(true);
    world.pass(1000);
    behind.disk.failNext('rename');
    contradict(all);
    expect(world.until(() => behind.dialled.includes(LEADER))).toBe(true);
    // From the leader's, which is older, it goes on by the log.
    expect(world.until(() => behind.status()['isServing'] === true)).toBe(true);
    leader.broadcaster.say({ kind: 'entries', entries: more });
    world.pass(1000);
    expect(digestsOf(behind)).toEqual(digestsOf(leader));
    expect(behind.failures).toEqual([]);
  });
});

describe('a snapshot whose file cannot be made', () => {
  it('is tried again later, and stops nobody', () => {
    const { world, behind } = wrongPair();
    behind.disk.failNext('create');
    const more = moreEntries();
    behind.broadcaster.log.push(...more);
    behind.broadcaster.say({ kind: 'entries', entries: more });
    world.pass(1000);
    expect(behind.failures).toEqual([]);
    expect(behind.status()).toMatchObject({ applied: '1.240', newestSnapshot: '1.200' });
    world.pass(60_000);
    expect(behind.status()).toMatchObject({ isServing: true, newestSnapshot: '1.240' });
  });
});
