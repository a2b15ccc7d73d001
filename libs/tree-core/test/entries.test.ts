// What a broadcaster delivers, and what a database makes of it.
import { encodeConfiguration } from '@paddock/codec';
import { NO_SESSION } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  BROADCASTER,
  creation,
  dataEntry,
  DatabaseWorld,
  entryOf,
  FRONTEND_A,
  readOf,
  zxid,
} from './database-world.ts';
import { digests, fill } from './filled-database.ts';

const ALWAYS = { snapshotTransactions: 1 };

describe('entries', () => {
  test('P7: what was applied before is skipped when it is delivered again', () => {
    const world = new DatabaseWorld().start();
    fill(world, 5);
    const before = digests(world);
    const applied = world.core.status().applied;
    world.step({ kind: 'broadcasterEnded', link: BROADCASTER, end: { cause: 'lost', reason: '' } });
    world.step({ kind: 'broadcasterConnected', link: BROADCASTER });
    expect(world.deliveries.at(-1)).toMatchObject({ kind: 'deliver', applied });
    world.deliver(...world.log);
    expect(digests(world)).toBe(before);
    expect(world.deliveries.at(-1)).toEqual({ kind: 'applied', zxid: applied });
  });

  test('P7: a gap is a broken invariant', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    expect(() => world.deliver(dataEntry(zxid(3), creation('/b')))).toThrow(/does not follow/);
  });

  test('H24: an unknown kind of transaction stops the database, saying so', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    world.deliver(entryOf('data', zxid(2), Uint8Array.of(200, 1, 2, 3)));
    expect(world.fatal).toMatchObject({ cause: 'unknownKind' });
    expect(world.fatal?.reason).toContain('1.2 was written by a newer version');
    world.create('/b');
    expect(world.core.status()).toMatchObject({ applied: zxid(1), znodes: 2 });
  });

  test('H23: a database that is behind the log does not serve, and says which snapshot it needs', () => {
    const world = new DatabaseWorld(ALWAYS).start();
    world.connect(FRONTEND_A);
    world.create('/a');
    expect(world.core).toMatchObject({ takesSnapshots: true, wantsSlice: true });
    world.told(FRONTEND_A);
    world.say({ kind: 'snapshotNeeded', atLeast: zxid(500), databaseAddress: '' });
    world.say({ kind: 'snapshotNeeded', atLeast: zxid(500), databaseAddress: 'leader' });
    expect(world.told(FRONTEND_A)).toMatchObject([{ kind: 'serving', serving: false }]);
    world.ask(FRONTEND_A, readOf(NO_SESSION, '/a'));
    expect(world.told(FRONTEND_A)[0]).toMatchObject({ result: { code: 'notServing' } });
    expect(world.needs).toEqual([
      { atLeast: zxid(500), databaseAddress: '' },
      { atLeast: zxid(500), databaseAddress: 'leader' },
    ]);
    expect(world.events.filter((it) => it.level === 'error')).toHaveLength(1);
    // Nobody else writes to the snapshot files while another one comes.
    expect(world.commands.at(-1)).toEqual({ kind: 'abandon' });
    expect(world.core).toMatchObject({ takesSnapshots: false, wantsSlice: false });
  });

  test('H11: a configuration is remembered, also in snapshots', () => {
    const world = new DatabaseWorld(ALWAYS).start();
    const payload = encodeConfiguration({
      clusterId: 'c',
      formatLevel: 1,
      version: 1,
      removed: [],
      members: [],
    });
    world.deliver(entryOf('configuration', zxid(1), payload));
    const { chunks, zxid: at } = world.finishSnapshot();
    const again = new DatabaseWorld().start(chunks, at);
    expect(again.core.status().configuration).toEqual({
      clusterId: 'c',
      formatLevel: 1,
      version: 1,
      removed: [],
      members: [],
    });
    expect(again.deliveries).toMatchObject([{ kind: 'deliver', configuration: payload }]);
  });
});
