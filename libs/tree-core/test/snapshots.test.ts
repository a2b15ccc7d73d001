import { NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { Limits } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  attachOf,
  BROADCASTER,
  closing,
  creation,
  DatabaseWorld,
  FRONTEND_A,
  IDENTITY,
  kinds,
  NO_DATA,
  only,
  PROCESSOR,
  session,
  setting,
  takenSnapshot,
  zxid,
} from './database-world.ts';
import { digests, fill } from './filled-database.ts';

const ALWAYS = { snapshotTransactions: 1 };

/** The database at the state of the log up to `through`. */
function replayed(world: DatabaseWorld, through: number): DatabaseWorld {
  const other = new DatabaseWorld().start();
  other.deliver(...world.log.filter((it) => it.zxid <= through));
  return other;
}

/** How many slices it takes, with a turn of something else behind each; turns in which none is wanted pass too. */
function slicesOf(world: DatabaseWorld, turn: () => void): number {
  let slices = 0;
  for (let turns = 0; world.commands.at(-1)?.kind !== 'finish'; turns++) {
    expect(turns, 'the snapshot comes to an end').toBeLessThan(200);
    if (world.core.wantsSlice) {
      slices += 1;
      world.step({ kind: 'continueSnapshot' });
    }
    turn();
  }
  return slices;
}

describe('snapshots', () => {
  test('P7: memory equals what a snapshot and the log behind it come to', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 400 }).start();
    fill(world);
    const { chunks, zxid: at } = world.finishSnapshot();
    world.apply(setting('/e5', 1), { session: session(5), sequence: 2 });
    world.apply(closing(session(6), ['/e6']));
    const again = new DatabaseWorld().start(chunks, at);
    expect(again.deliveries).toEqual([
      { kind: 'deliver', ...IDENTITY, applied: at, snapshot: at, configuration: NO_DATA },
    ]);
    again.deliver(...world.log);
    expect(digests(again)).toBe(digests(world));
    expect(again.core.status()).toMatchObject({ term: { processorAddress: 'rp-1' } });
  });

  test('H8: the broadcaster is told of the snapshot that is verified, not of what is applied', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 2 }).start();
    world.create('/a');
    world.create('/b');
    world.finishSnapshot();
    world.create('/c');
    world.create('/d');
    world.step({ kind: 'broadcasterConnected', link: BROADCASTER });
    expect(world.core.status()).toMatchObject({ isTakingSnapshot: true });
    expect(world.deliveries.at(-1)).toMatchObject({ applied: zxid(4), snapshot: zxid(2) });
  });

  test('H12: the session table is exact at the zxid of the snapshot, whatever changes meanwhile', () => {
    const world = new DatabaseWorld(ALWAYS).start();
    fill(world, 1500);
    world.step({ kind: 'snapshotFailed', reason: 'to begin anew' });
    world.nowMs = 60_000;
    world.step({ kind: 'tick' });
    const { zxid: at } = takenSnapshot(world.commands);
    for (let id = 2; world.core.wantsSlice; id += 7) {
      world.deliver(
        world.entry(setting(`/e${id}`, 1), { session: session(id), sequence: 2, ackedThrough: 1 }),
        world.entry(closing(session(id + 1), [`/e${id + 1}`])),
        world.entry({ kind: 'dropTombstones', through: at }),
        world.entry({
          kind: 'openSession',
          session: session(100_000 + id),
          timeoutMs: 1,
          secretHash: new Uint8Array(32),
          attachment: attachment(1),
          windowCount: 10,
          windowBytes: 10,
        }),
        world.entry({
          kind: 'resumeSession',
          session: session(1500 - id),
          attachment: attachment(2, id, 2),
          ackedThrough: 1,
        }),
      );
      world.step({ kind: 'continueSnapshot' });
      world.writeSnapshot();
    }
    const { chunks } = takenSnapshot(world.commands);
    const loaded = new DatabaseWorld().start(chunks, at);
    expect(loaded.fatal).toBeNull();
    expect(digests(loaded)).toBe(digests(replayed(world, at)));
    loaded.deliver(...world.log);
    expect(digests(loaded)).toBe(digests(world));
  });

  test('H23: once it is verified the broadcaster learns how far it may purge', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 2, digestInterval: 1 }).start();
    world.create('/a');
    world.say({ kind: 'digestVerdict', zxid: zxid(1), verdict: 'agreed' });
    world.create('/b');
    world.finishSnapshot(zxid(1));
    expect(world.commands.at(-1)).toEqual({ kind: 'finish', agreed: zxid(1) });
    expect(world.deliveries.at(-1)).toEqual({
      kind: 'snapshotVerified',
      zxid: zxid(2),
      purgeBelow: zxid(1),
    });
    expect(kinds(world.commands)).toEqual(['begin', 'write', 'write', 'write', 'finish']);
  });

  test('H22: nothing is purged behind which no majority has agreed on a snapshot', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 2, digestInterval: 1 }).start();
    world.create('/a');
    world.say({ kind: 'digestVerdict', zxid: zxid(1), verdict: 'agreed' });
    world.create('/b');
    world.finishSnapshot(zxid(2));
    expect(world.deliveries.at(-1)).toMatchObject({ zxid: zxid(2), purgeBelow: ZXID_ZERO });
  });

  test('a snapshot is due after so many transactions or bytes of log', () => {
    const byCount = new DatabaseWorld({ snapshotTransactions: 3 }).start();
    byCount.create('/a');
    byCount.create('/b');
    expect(byCount.commands).toEqual([]);
    byCount.create('/c');
    expect(takenSnapshot(byCount.commands).zxid).toBe(zxid(3));
    const byBytes = new DatabaseWorld({ snapshotLogBytes: 1000 }).start();
    byBytes.apply(creation('/a', new Uint8Array(2000)));
    expect(takenSnapshot(byBytes.commands).zxid).toBe(zxid(1));
  });

  test('a writer that is behind pauses the slices, and old images are still taken', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 400, queueBytes: 1 }).start();
    fill(world);
    expect(world.core.wantsSlice).toBe(false);
    const before = world.commands.length;
    world.apply(setting('/e5', 1), { session: session(5), sequence: 2 });
    expect(world.commands.length).toBeGreaterThan(before);
    world.writeSnapshot();
    expect(world.core.wantsSlice).toBe(true);
    const { chunks, zxid: at } = world.finishSnapshot();
    const loaded = new DatabaseWorld().start(chunks, at);
    expect(digests(loaded)).toBe(digests(replayed(world, at)));
  });

  test('H12: a snapshot completes, each row written once, while every row is changed again and again', () => {
    const rows = 4000;
    const content = new Uint8Array(200);
    const filled = (limits: Partial<Limits>): DatabaseWorld => {
      const world = new DatabaseWorld({ snapshotTransactions: rows + 1, ...limits }).start();
      world.deliver(
        ...Array.from({ length: rows }, (_, i) => world.entry(creation(`/r${i}`, content))),
      );
      world.create('/last');
      return world;
    };
    const bytesOf = (chunks: readonly Uint8Array[]): number =>
      chunks.reduce((sum, it) => sum + it.length, 0);
    const quiet = filled({});
    const quietSlices = slicesOf(quiet, () => quiet.writeSnapshot());
    const quietBytes = bytesOf(takenSnapshot(quiet.commands).chunks);
    // The second file takes a write in twenty turns only.
    for (const turnsAWrite of [1, 20]) {
      const world = filled({ queueBytes: 100_000 });
      let version = 0;
      let turn = 0;
      const slices = slicesOf(world, () => {
        version += 1;
        // As many changes in a turn as there are rows, from the last row on, where the slices are not yet; and births.
        const changed = Array.from({ length: rows }, (_, i) =>
          world.entry(setting(`/r${rows - 1 - i}`, version, content)),
        );
        world.deliver(...changed, world.entry(creation(`/born${version}`)));
        turn += 1;
        if (turn % turnsAWrite === 0) world.writeSnapshot();
      });
      expect(slices).toBeLessThanOrEqual(quietSlices + 1);
      const { chunks, zxid: at } = takenSnapshot(world.commands);
      expect(world.commands.at(-1)).toMatchObject({ kind: 'finish' });
      expect(bytesOf(chunks)).toBeLessThan(quietBytes + 1000);
      const loaded = new DatabaseWorld().start(chunks, at);
      expect(loaded.fatal).toBeNull();
      expect(digests(loaded)).toBe(digests(quiet));
    }
  });

  test('H8: no chunk is larger than a message of a link takes, however much changes at one time', () => {
    const rows = 60;
    const world = new DatabaseWorld({
      snapshotTransactions: 3 * rows,
      linkMessageBytes: 40_000,
      queueBytes: 1e6,
    }).start();
    world.deliver(world.marker());
    for (let id = 1; id <= rows; id++) {
      world.open(session(id), attachment(FRONTEND_A, id));
      const path = `/${'n'.repeat(500)}${id}`;
      world.create(path, { session: session(id), sequence: 1 });
      world.apply(creation(`/d${id}`, new Uint8Array(1000)));
    }
    const { zxid: at } = takenSnapshot(world.commands);
    // All in one batch: every session and every znode, before the first slice.
    const changes = Array.from({ length: rows }, (_, i) => [
      world.entry(setting(`/d${i + 1}`, 1), { session: session(i + 1), sequence: 2 }),
      world.entry(closing(session(i + 1))),
    ]);
    world.deliver(...changes.flat());
    const { chunks } = world.finishSnapshot();
    expect(Math.max(...chunks.map((it) => it.length))).toBeLessThan(12_000);
    expect(chunks.length).toBeGreaterThan(8);
    const loaded = new DatabaseWorld().start(chunks, at);
    expect(digests(loaded)).toBe(digests(replayed(world, at)));
  });

  test('a failed write is told, tried again later, and stops nobody', () => {
    const world = new DatabaseWorld(ALWAYS).start();
    world.create('/a');
    world.step({ kind: 'snapshotFailed', reason: 'disk full' });
    expect(world.events.at(-1)).toMatchObject({ level: 'error', detail: { reason: 'disk full' } });
    world.create('/b');
    expect(world.core.wantsSlice).toBe(false);
    world.nowMs = 30_000;
    world.step({ kind: 'tick' });
    expect(world.core.wantsSlice).toBe(true);
    expect(world.finishSnapshot().zxid).toBe(zxid(2));
    expect(world.fatal).toBeNull();
  });

  test('a snapshot that is damaged or cut short is refused, saying so', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 400 }).start();
    fill(world);
    const { chunks, zxid: at } = world.finishSnapshot();
    expect(new DatabaseWorld().start(chunks.slice(0, -1), at).fatal).toMatchObject({
      cause: 'snapshotBad',
    });
    expect(new DatabaseWorld().start(chunks, zxid(1)).fatal?.cause).toBe('snapshotBad');
    for (let i = 0; i < chunks.length; i++) {
      const damaged = chunks.map((it) => it.slice());
      const chunk = damaged[i];
      if (chunk === undefined) continue;
      const middle = chunk.length >> 1;
      chunk[middle] = (chunk[middle] ?? 0) ^ 0x40;
      const loaded = new DatabaseWorld().start(damaged, at);
      expect(loaded.fatal, `chunk ${i}`).toMatchObject({ cause: 'snapshotBad' });
    }
  });

  test('a snapshot whose time, term or configuration has changed is refused', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 2 }).start();
    world.deliver(world.marker());
    world.create('/a');
    const { chunks, zxid: at } = world.finishSnapshot();
    const [header = new Uint8Array(0), ...rest] = chunks;
    // Behind the kind, the format and the zxid.
    for (let i = 13; i < header.length; i++) {
      const damaged = header.slice();
      damaged[i] = (damaged[i] ?? 0) ^ 1;
      const loaded = new DatabaseWorld().start([damaged, ...rest], at);
      expect(loaded.fatal, `byte ${i}`).toMatchObject({ cause: 'snapshotBad' });
    }
    expect(new DatabaseWorld().start(chunks, at).fatal).toBeNull();
  });

  test('H24: a snapshot of a newer version is refused as such, and not for an older one', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 400 }).start();
    fill(world);
    const { chunks, zxid: at } = world.finishSnapshot();
    const [header = new Uint8Array(0), sessions = new Uint8Array(0)] = chunks;
    const newerFormat = header.slice();
    newerFormat[4] = 2;
    const newerRecord = sessions.slice();
    newerRecord[1] = 99;
    const newer = [
      [newerFormat, ...chunks.slice(1)],
      [header, newerRecord, ...chunks.slice(2)],
      [header, Uint8Array.of(99, 1, 2, 3), ...chunks.slice(1)],
    ];
    for (const them of newer) {
      const loaded = new DatabaseWorld().start(them, at);
      expect(loaded.fatal).toMatchObject({ cause: 'snapshotNewer' });
      expect(loaded.fatal?.reason).toContain('was written by a newer version');
    }
  });

  test('P10: a bit of data that has changed is found by the digest alone', () => {
    const world = new DatabaseWorld(ALWAYS).start();
    world.apply(creation('/a', new Uint8Array(500).fill(0xab)));
    const { chunks, zxid: at } = world.finishSnapshot();
    const damaged = chunks.map((it) => it.slice());
    const chunk = damaged.find((it) => it.includes(0xab));
    const place = (chunk?.indexOf(0xab) ?? 0) + 250;
    if (chunk !== undefined) chunk[place] = 0xaa;
    expect(new DatabaseWorld().start(chunks, at).fatal).toBeNull();
    expect(new DatabaseWorld().start(damaged, at).fatal).toMatchObject({
      cause: 'snapshotBad',
      reason: 'the znodes are not as written',
    });
  });

  test('H12: the scan finds memory that has rotted, gives the snapshot up and says so', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 2, digestInterval: 1 }).start();
    world.step({ kind: 'processorConnected', link: PROCESSOR });
    world.open(session(1), attachment(FRONTEND_A));
    const query = { kind: 'sessions', after: NO_SESSION, limit: 1 } as const;
    const batch = [{ lookUp: 1, floor: zxid(1), query }];
    world.step({ kind: 'processorReceived', link: PROCESSOR, messages: batch });
    for (const it of world.lookUps) {
      if (it.kind !== 'answer' || it.answer.kind !== 'sessions') continue;
      // The row's own bytes: changed behind the back of the table.
      it.answer.rows[0]?.secretHash.fill(1);
    }
    world.create('/a');
    while (world.core.wantsSlice) world.step({ kind: 'continueSnapshot' });
    expect(kinds(world.commands).at(-1)).toBe('abandon');
    expect(world.events.at(-1)).toMatchObject({ level: 'error' });
    expect(world.fatal).toBeNull();
    expect(world.deliveries.some((it) => it.kind === 'snapshotVerified')).toBe(false);
    // H22: and tells the others a digest of what it has, so that a majority which has not finds it wrong.
    world.create('/b');
    const sound = new DatabaseWorld({ digestInterval: 1 }).start();
    sound.deliver(...world.log);
    const told = (of: DatabaseWorld) => of.deliveries.filter((it) => it.kind === 'digest');
    expect(told(world).slice(0, 2)).toEqual(told(sound).slice(0, 2));
    expect(told(world)[2]).not.toEqual(told(sound)[2]);
    expect(told(world)[2]?.zxid).toBe(told(sound)[2]?.zxid);
  });

  test('H15: sessions, outcomes and the term outlive the restart', () => {
    const world = new DatabaseWorld({ snapshotTransactions: 602 }).start();
    fill(world);
    const { chunks, zxid: at } = world.finishSnapshot();
    const again = new DatabaseWorld().start(chunks, at);
    again.connect(FRONTEND_A);
    again.ask(
      FRONTEND_A,
      attachOf(session(5), attachment(FRONTEND_A, 5)),
      attachOf(session(1), attachment(FRONTEND_A, 1)),
    );
    const told = again.told(FRONTEND_A);
    expect(told[0]).toMatchObject({
      kind: 'streamOpened',
      applied: at,
      term: { processorAddress: 'rp-1' },
    });
    expect(only(told, 'attachAnswer')).toMatchObject([
      { verdict: { kind: 'attached' }, outcomes: [{ sequence: 1, result: { path: '/e5' } }] },
      { verdict: { kind: 'ended' }, outcomes: [{ sequence: 1, result: { path: '/e1' } }] },
    ]);
  });
});
