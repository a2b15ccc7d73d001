import { EPOCH_MAX, epochOf, NO_QUOTA } from '@paddock/model';
import type { EnsembleConfiguration, Zxid } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import { Restoration } from '../src/snapshots/restoration.ts';
import {
  attachment,
  attachOf,
  creation,
  dataEntry,
  DatabaseWorld,
  FRONTEND_A,
  FRONTEND_B,
  markerEntry,
  only,
  opening,
  path,
  readOf,
  session,
  setting,
  zxid,
} from './database-world.ts';
import { digests, fill } from './filled-database.ts';

const CONFIGURATION: EnsembleConfiguration = {
  clusterId: '',
  formatLevel: 1,
  version: 0,
  members: [{ replica: 1, incarnation: 0, role: 'voter', address: '' }],
  removed: [],
};

interface Backup {
  readonly chunks: readonly Uint8Array[];
  readonly zxid: Zxid;
}

function backupOf(world: DatabaseWorld): Backup {
  world.step({ kind: 'snapshotWanted', atLeast: zxid(1) });
  return world.finishSnapshot();
}

function restoration(nowMs = 0): Restoration {
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  return new Restoration({ unusedContainerMs: 1000, chunkBytes: 1000 }, clock);
}

/** Why it is refused, or what a database that starts with it comes to. */
function restore({ chunks, zxid: at }: Backup, nowMs = 0): string | DatabaseWorld {
  const it = restoration(nowMs);
  for (const chunk of chunks) {
    const reason = it.add(chunk);
    if (reason !== null) return reason;
  }
  const reason = it.loaded(at);
  if (reason !== null) return reason;
  const begins = it.begin(CONFIGURATION);
  if (begins === null) return 'no epoch is left';
  return new DatabaseWorld().start([...it.chunks()], begins);
}

function restored(backup: Backup, nowMs = 0): DatabaseWorld {
  const world = restore(backup, nowMs);
  if (typeof world === 'string') throw new Error(world);
  return world;
}

describe('a backup that is restored', () => {
  test('has the znodes of the backup without its sessions and their ephemerals', () => {
    const world = new DatabaseWorld().start();
    fill(world, 20);
    world.apply(creation('/kept', new Uint8Array(7)));
    const it = restored(backupOf(world));
    expect(it.fatal).toBeNull();
    expect(it.core.status()).toMatchObject({ znodes: 2, sessions: 0, tombstones: 20 });
  });

  test('P7: comes to the same state, whichever replica restores it', () => {
    const world = new DatabaseWorld().start();
    fill(world, 20);
    const backup = backupOf(world);
    expect(digests(restored(backup, 5))).toBe(digests(restored(backup, 99_000)));
  });

  test('tells a client of the former ensemble that its session has ended', () => {
    const world = new DatabaseWorld().start();
    world.deliver(world.marker());
    world.open(session(1), attachment(FRONTEND_B));
    world.create('/a', { session: session(1), sequence: 1 });
    const it = restored(backupOf(world));
    it.deliver(markerEntry(zxid(1, 3), 3));
    it.holdTerm();
    it.connect(FRONTEND_A);
    it.ask(FRONTEND_A, attachOf(session(1), attachment(FRONTEND_A)));
    const [answer] = only(it.told(FRONTEND_A), 'attachAnswer');
    expect(answer).toMatchObject({
      session: session(1),
      verdict: { kind: 'ended', end: 'restored' },
    });
  });

  test('drops the quota of an ephemeral with it, and keeps the others', () => {
    const world = new DatabaseWorld().start();
    world.open(session(1), attachment(FRONTEND_B));
    world.create('/kept');
    world.create('/gone', {}, session(1));
    for (const name of ['/kept', '/gone']) {
      world.apply({ kind: 'setQuota', path: path(name), quota: { ...NO_QUOTA, countHard: 9 } });
    }
    const without = new DatabaseWorld().start();
    without.open(session(1), attachment(FRONTEND_B));
    without.create('/kept');
    without.create('/gone', {}, session(1));
    without.apply({ kind: 'setQuota', path: path('/kept'), quota: { ...NO_QUOTA, countHard: 9 } });
    without.apply({ kind: 'dropTombstones', through: zxid(1) });
    const it = restored(backupOf(world));
    expect(it.fatal).toBeNull();
    expect(digests(it)).toBe(digests(restored(backupOf(without))));
  });

  test('begins in a later epoch than any that the backup knows of', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    const { applied } = restored(backupOf(world)).core.status();
    expect(applied).toBe(zxid(1, 2));
    world.deliver(world.marker(7));
    expect(restored(backupOf(world)).core.status().applied).toBe(zxid(1, 8));
  });

  test('is refused where no later epoch is left', () => {
    const world = new DatabaseWorld().start();
    world.deliver(world.marker(EPOCH_MAX - 1));
    const { zxid: at } = backupOf(world);
    expect(epochOf(at)).toBe(EPOCH_MAX - 1);
    expect(restore(backupOf(world))).toBe('no epoch is left');
  });

  test('P10: is refused where its rows do not come to its digests', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    world.apply(setting('/a', 1, new Uint8Array(500).fill(0xab)));
    const backup = backupOf(world);
    const chunks = backup.chunks.map((it) => it.slice());
    const chunk = chunks.find((it) => it.includes(0xab));
    chunk?.fill(0xac, chunk.indexOf(0xab) + 250, chunk.indexOf(0xab) + 251);
    expect(restore({ ...backup, chunks })).toBe('the znodes are not as written');
    expect(restore({ ...backup, chunks: chunks.slice(0, -1) })).toBe(
      'the snapshot is not complete',
    );
    expect(restore({ ...backup, zxid: zxid(9) })).toContain('is named 1.9');
    expect(typeof restore(backup)).toBe('object');
  });

  test('H24: is refused as newer where a newer version has written it', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    const { chunks, zxid: at } = backupOf(world);
    const [header = new Uint8Array(0), ...rest] = chunks;
    expect(restore({ chunks: [header.with(4, 2), ...rest], zxid: at })).toContain(
      'was written by a newer version',
    );
  });

  test('goes on as a database does: what is written behind it is served', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    const it = restored(backupOf(world));
    it.holdTerm();
    it.connect(FRONTEND_A);
    it.deliver(
      markerEntry(zxid(1, 3), 3),
      dataEntry(zxid(2, 3), opening(session(5), attachment(FRONTEND_A))),
      dataEntry(zxid(3, 3), creation('/b')),
    );
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, readOf(session(5), '/b'));
    const [reply] = only(it.told(FRONTEND_A), 'readReply');
    expect(reply).toMatchObject({ result: { kind: 'data', stat: { czxid: zxid(3, 3) } } });
  });
});
