import { encodeRestoration } from '@paddock/codec';
import { NO_SESSION } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import { Restoration } from '../src/snapshots/restoration.ts';
import {
  attachment,
  attachOf,
  BROADCASTER,
  creation,
  DatabaseWorld,
  entryOf,
  FRONTEND_A,
  FRONTEND_B,
  only,
  path,
  readOf,
  session,
  setting,
  zxid,
} from './database-world.ts';
import { digests, fill } from './filled-database.ts';

const CLOCK = { monotonicMs: () => 0, wallMs: () => 0 };

interface Backup {
  readonly chunks: readonly Uint8Array[];
  readonly zxid: Zxid;
}

function backupOf(world: DatabaseWorld): Backup {
  world.step({ kind: 'snapshotWanted', atLeast: zxid(1) });
  return world.finishSnapshot();
}

function loaded({ chunks, zxid: at }: Backup): Restoration {
  const restoration = new Restoration({ unusedContainerMs: 1000, chunkBytes: 1000 }, CLOCK);
  for (const chunk of chunks) expect(restoration.add(chunk)).toBeNull();
  expect(restoration.loaded(at)).toBeNull();
  return restoration;
}

/** The entry that restores the backup comes next. */
function restoring(world: DatabaseWorld): Zxid {
  const at = world.entry(creation('/never')).zxid;
  world.deliver(
    entryOf('restoration', at, encodeRestoration({ backup: 'a-backup', time: 1, leader: 1 })),
  );
  return at;
}

/** What goes on behind it. */
function restored(world: DatabaseWorld, backup: Backup): DatabaseWorld {
  const at = restoring(world);
  const restoration = loaded(backup);
  expect(world.core.restore(restoration)).toBeNull();
  return new DatabaseWorld().start([...restoration.chunks()], at);
}

describe('a backup that is restored while a database runs', () => {
  test('is asked for where its entry stands, and nothing behind it is applied', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    const at = restoring(world);
    world.create('/b');
    expect(world.restorations).toEqual([{ zxid: at, backup: 'a-backup' }]);
    expect(world.core.status()).toMatchObject({ applied: zxid(1), znodes: 2 });
  });

  test('P7: comes to the same on every replica, whatever each has been through', () => {
    const world = new DatabaseWorld().start();
    fill(world, 20);
    const backup = backupOf(world);
    world.apply(setting('/e5', 1));
    const other = new DatabaseWorld().start(backup.chunks, backup.zxid);
    other.deliver(...world.log);
    const there = restored(world, backup);
    const restoration = loaded(backup);
    other.deliver(...world.log.slice(-1));
    expect(other.core.restore(restoration)).toBeNull();
    const here = new DatabaseWorld().start([...restoration.chunks()], world.log.at(-1)?.zxid);
    expect(digests(here)).toBe(digests(there));
  });

  test('H20: ends the sessions of the ensemble, and keeps what became of their writes', () => {
    const world = new DatabaseWorld().start();
    world.deliver(world.marker());
    const backup = backupOf(world);
    world.open(session(1), attachment(FRONTEND_B));
    world.create('/a', { session: session(1), sequence: 1 });
    const it = restored(world, backup);
    it.holdTerm();
    it.connect(FRONTEND_A);
    it.ask(FRONTEND_A, attachOf(session(1), attachment(FRONTEND_A)));
    const [answer] = only(it.told(FRONTEND_A), 'attachAnswer');
    expect(answer).toMatchObject({
      verdict: { kind: 'ended', end: 'restored' },
      outcomes: [{ sequence: 1, result: { kind: 'created' } }],
    });
  });

  test('P9: tells a watch from before it that history is compacted', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    const it = restored(world, backupOf(world));
    expect(it.core.status().historyFloor).toBe(zxid(2));
    it.holdTerm();
    it.connect(FRONTEND_A);
    it.told(FRONTEND_A);
    const watch = { watch: 1, path: path('/a'), identities: undefined };
    it.ask(FRONTEND_A, { kind: 'openWatch', ...watch, from: zxid(1) });
    const [ended] = only(it.told(FRONTEND_A), 'watchEnded');
    expect(ended).toMatchObject({ watch: 1, code: 'compacted' });
  });

  test('goes on in the term, and knows the configuration, that it came in', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    const backup = backupOf(world);
    world.deliver(world.marker());
    const it = restored(world, backup);
    expect(it.core.status().term).toEqual(world.core.status().term);
  });

  test('is refused where the backup is of a later zxid than the ensemble has come to', () => {
    const later = new DatabaseWorld().start();
    for (const name of ['/a', '/b', '/c', '/d']) later.create(name);
    const backup = backupOf(later);
    const world = new DatabaseWorld().start();
    world.create('/a');
    restoring(world);
    expect(world.core.restore(loaded(backup))).toContain('of a later zxid');
  });

  test('H8: that is not here is told to the broadcaster on each link, and nothing is applied or served', () => {
    const world = new DatabaseWorld().start();
    world.deliver(world.marker());
    world.holdTerm();
    world.connect(FRONTEND_A);
    const at = restoring(world);
    world.step({ kind: 'backupLost', reason: 'it is not here' });
    expect(world.core.status()).toMatchObject({ isServing: false, applied: zxid(1) });
    for (let link = 5; link < 7; link++) {
      world.step({ kind: 'broadcasterConnected', link });
      expect(world.deliveries.slice(-2)).toMatchObject([
        { kind: 'deliver', applied: zxid(1) },
        { kind: 'backupLost', zxid: at },
      ]);
      world.step({
        kind: 'broadcasterReceived',
        link,
        messages: [{ kind: 'entries', entries: world.log.slice(-1) }],
      });
    }
    expect(world.core.status().applied).toBe(zxid(1));
    const messages = [
      { kind: 'snapshotNeeded', atLeast: at, databaseAddress: 'elsewhere' } as const,
    ];
    world.step({ kind: 'broadcasterReceived', link: 6, messages });
    expect(world.needs).toMatchObject([{ atLeast: at, databaseAddress: 'elsewhere' }]);
  });

  test('is told of to the broadcaster once it is held, and on each link from then on', () => {
    const world = new DatabaseWorld().start();
    world.step({ kind: 'backupHeld', backup: 'a-backup' });
    expect(world.deliveries.at(-1)).toEqual({ kind: 'backupHeld', backup: 'a-backup' });
    world.step({ kind: 'broadcasterConnected', link: BROADCASTER });
    expect(world.deliveries.map((it) => it.kind).slice(-2)).toEqual(['deliver', 'backupHeld']);
    const before = world.deliveries.length;
    world.say({ kind: 'backupNeeded', backup: 'a-backup', databaseAddress: 'elsewhere' });
    expect(world.deliveries).toHaveLength(before + 1);
    world.say({ kind: 'backupNeeded', backup: 'another', databaseAddress: 'elsewhere' });
    expect(world.backupNeeds).toMatchObject([{ backup: 'another', databaseAddress: 'elsewhere' }]);
  });

  test('shows what the backup has, at the zxid of its entry', () => {
    const world = new DatabaseWorld().start();
    world.open(session(1), attachment(FRONTEND_B));
    world.create('/a');
    const it = restored(world, backupOf(world));
    it.holdTerm();
    it.connect(FRONTEND_A);
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, readOf(NO_SESSION, '/a'));
    const [reply] = only(it.told(FRONTEND_A), 'readReply');
    expect(reply).toMatchObject({ zxid: zxid(3), result: { stat: { czxid: zxid(2) } } });
  });
});
