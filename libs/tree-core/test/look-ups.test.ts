import { ephemeralCost, NO_SESSION } from '@paddock/model';
import type { LookUpQuery, Zxid } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  closing,
  DatabaseWorld,
  path,
  PROCESSOR,
  session,
  zxid,
} from './database-world.ts';

const alice = session(7);

function ask(world: DatabaseWorld, lookUp: number, floor: Zxid, query: LookUpQuery): void {
  world.step({ kind: 'processorReceived', link: PROCESSOR, messages: [{ lookUp, floor, query }] });
}

function connected(): DatabaseWorld {
  const world = new DatabaseWorld().start();
  world.step({ kind: 'processorConnected', link: PROCESSOR });
  world.create('/a');
  world.lookUps.length = 0;
  return world;
}

const OF_A: LookUpQuery = { kind: 'znodes', paths: [path('/a'), path('/b')] };

describe('look-ups', () => {
  test('H5: the applied zxid comes first on the stream and after every batch, asked or not', () => {
    const world = new DatabaseWorld().start();
    world.create('/a');
    world.step({ kind: 'processorConnected', link: PROCESSOR });
    world.create('/b');
    world.deliver(world.marker());
    expect(world.lookUps).toEqual([
      { kind: 'applied', zxid: zxid(1) },
      { kind: 'applied', zxid: zxid(2) },
      { kind: 'applied', zxid: zxid(3) },
    ]);
  });

  test('H5: a look-up below its floor is parked, and its answer names the zxid it is true at', () => {
    const world = connected();
    ask(world, 1, zxid(3), OF_A);
    expect(world.lookUps).toEqual([]);
    world.create('/b');
    world.create('/c');
    expect(world.lookUps).toMatchObject([
      { kind: 'applied', zxid: zxid(2) },
      { kind: 'applied', zxid: zxid(3) },
      { kind: 'answer', lookUp: 1, zxid: zxid(3) },
    ]);
  });

  test('H5: look-ups are answered in the order asked, also behind a parked one', () => {
    const world = connected();
    ask(world, 1, zxid(2), OF_A);
    ask(world, 2, zxid(0, 0), OF_A);
    expect(world.lookUps).toEqual([]);
    world.create('/b');
    expect(world.lookUps.map((it) => (it.kind === 'answer' ? it.lookUp : 0))).toEqual([0, 1, 2]);
  });

  test('H5: a database that has restarted behind parks what was true before', () => {
    const world = connected();
    const again = new DatabaseWorld().start();
    again.step({ kind: 'processorConnected', link: PROCESSOR });
    again.lookUps.length = 0;
    ask(again, 1, zxid(1), OF_A);
    expect(again.lookUps).toEqual([]);
    again.deliver(...world.log);
    expect(again.lookUps[1]).toMatchObject({ answer: { records: [{ version: 0 }, null] } });
  });

  test('absent znodes are null, in the order asked', () => {
    const world = connected();
    ask(world, 1, zxid(1), OF_A);
    expect(world.lookUps[0]).toMatchObject({
      answer: { kind: 'znodes', records: [{ version: 0, ephemeralOwner: NO_SESSION }, null] },
    });
  });

  test('H6: the ephemerals of a session come with the records of their parents', () => {
    const world = connected();
    world.open(alice, attachment(1));
    world.create('/a/x', {}, alice);
    world.create('/y', {}, alice);
    world.lookUps.length = 0;
    ask(world, 1, zxid(4), { kind: 'ephemerals', session: alice });
    expect(world.lookUps[0]).toMatchObject({
      answer: {
        ephemerals: [
          { path: '/a/x', parent: '/a', parentRecord: { numChildren: 1 } },
          { path: '/y', parent: '/', parentRecord: { numChildren: 2 } },
        ],
      },
    });
  });

  test('sessions come page by page, in ascending order, with what their ephemerals cost', () => {
    const world = connected();
    for (const id of [5, 3, 9, 7]) world.open(session(id), attachment(1, id));
    world.create('/e', {}, session(9));
    world.lookUps.length = 0;
    ask(world, 1, zxid(1), { kind: 'sessions', after: NO_SESSION, limit: 3 });
    ask(world, 2, zxid(1), { kind: 'sessions', after: session(7), limit: 3 });
    expect(world.lookUps).toMatchObject([
      { answer: { rows: [{ session: 3 }, { session: 5 }, { session: 7 }], more: true } },
      { answer: { rows: [{ session: 9, ephemeralBytes: ephemeralCost(2) }], more: false } },
    ]);
  });

  test('a term starts from the time of the last transaction and the oldest tombstone', () => {
    const world = connected();
    world.open(alice, attachment(1));
    world.lookUps.length = 0;
    ask(world, 1, zxid(1), { kind: 'termStart' });
    const ended = world.apply(closing(alice));
    ask(world, 2, zxid(1), { kind: 'termStart' });
    const answers = world.lookUps.flatMap((it) => (it.kind === 'answer' ? [it.answer] : []));
    expect(answers).toEqual([
      { kind: 'termStart', time: 1002, oldestTombstone: 0, quotas: [] },
      { kind: 'termStart', time: 1003, oldestTombstone: ended, quotas: [] },
    ]);
  });
});
