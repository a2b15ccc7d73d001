import { describe, expect, test } from 'vitest';
import {
  attachment,
  closing,
  DatabaseWorld,
  FRONTEND_A,
  FRONTEND_B,
  kinds,
  only,
  readOf,
  session,
  setting,
} from './database-world.ts';

const alice = session(1);
const bob = session(2);

/** Both sessions live on front-end A; /a exists and is watched by both. */
function watchedWorld(): DatabaseWorld {
  const world = new DatabaseWorld().start();
  world.connect(FRONTEND_A);
  world.open(alice, attachment(FRONTEND_A, 1));
  world.open(bob, attachment(FRONTEND_A, 2));
  world.create('/a');
  world.ask(FRONTEND_A, readOf(alice, '/a', { watch: true }), readOf(bob, '/a', { watch: true }));
  world.told(FRONTEND_A);
  return world;
}

describe('what a front-end is told of one transaction', () => {
  test('H4: events come first, then the outcome, then the parked reads', () => {
    const world = watchedWorld();
    world.ask(FRONTEND_A, readOf(alice, '/a', { after: 1 }));
    expect(kinds(world.told(FRONTEND_A))).toEqual(['readsAccepted']);
    const at = world.apply(setting('/a', 1), { session: alice, sequence: 1 });
    const told = world.told(FRONTEND_A);
    expect(kinds(told)).toEqual(['event', 'event', 'outcome', 'readReply', 'applied']);
    expect(only(told, 'readReply')[0]).toMatchObject({
      zxid: at,
      result: { stat: { version: 1 } },
    });
    expect(only(told, 'outcome')[0]?.outcome).toMatchObject({ sequence: 1, zxid: at });
  });

  test('P4: an event comes before a read that shows what it announces, of any session', () => {
    const world = watchedWorld();
    const entry = world.entry(setting('/a', 1));
    world.ask(FRONTEND_A, readOf(bob, '/a', { floor: entry.zxid }));
    world.told(FRONTEND_A);
    world.deliver(entry);
    const told = world.told(FRONTEND_A);
    expect(kinds(told)).toEqual(['event', 'event', 'readReply', 'applied']);
  });

  test('H16 a: the event of a transaction is not overtaken by the outcome of a later one', () => {
    const world = watchedWorld();
    world.deliver(
      world.entry(setting('/a', 1)),
      world.entry({ kind: 'failed', code: 'noNode', reason: '' }, { session: bob, sequence: 1 }),
    );
    const told = world.told(FRONTEND_A);
    expect(kinds(told)).toEqual(['event', 'event', 'outcome', 'applied']);
  });

  test('H16 b: a front-end that does not read is cut, and the others go on', () => {
    const world = watchedWorld();
    world.connect(FRONTEND_B);
    world.told(FRONTEND_B);
    world.step({ kind: 'frontendSlow', link: FRONTEND_A });
    expect(world.closed).toMatchObject([{ link: FRONTEND_A, end: { cause: 'tooSlow' } }]);
    world.apply(setting('/a', 1), { session: alice, sequence: 1 });
    expect(world.told(FRONTEND_A)).toEqual([]);
    expect(kinds(world.told(FRONTEND_B))).toEqual(['applied']);
    expect(world.core.status()).toMatchObject({ watches: 0, attachedSessions: 0 });
  });

  test('H4 b: an end is told by the database alone, and refuses the reads that wait', () => {
    const world = watchedWorld();
    world.create('/e', { session: alice, sequence: 1 }, alice);
    world.ask(FRONTEND_A, readOf(alice, '/e', { after: 9 }));
    world.told(FRONTEND_A);
    world.apply(closing(alice, ['/e']));
    const told = world.told(FRONTEND_A);
    expect(kinds(told)).toEqual(['sessionEnded', 'readReply', 'applied']);
    expect(only(told, 'readReply')[0]?.result).toMatchObject({ code: 'sessionExpired' });
    expect(world.core.status()).toMatchObject({ parkedReads: 0, watches: 1, sessions: 1 });
  });

  test('a failed write has an outcome like any other', () => {
    const world = watchedWorld();
    world.apply(
      { kind: 'failed', code: 'badVersion', reason: 'it is 0' },
      { session: alice, sequence: 1 },
    );
    expect(only(world.told(FRONTEND_A), 'outcome')[0]?.outcome.result).toEqual({
      kind: 'failed',
      code: 'badVersion',
      reason: 'it is 0',
    });
  });

  test('outcomes of a session go to the front-end of its attachment only', () => {
    const world = watchedWorld();
    world.connect(FRONTEND_B);
    world.told(FRONTEND_B);
    world.apply(setting('/a', 1), { session: alice, sequence: 1 });
    expect(kinds(world.told(FRONTEND_B))).toEqual(['applied']);
  });

  test('the marker of a term and whether it is held reach every front-end', () => {
    const world = watchedWorld();
    world.deliver(world.marker(2));
    world.step({
      kind: 'broadcasterReceived',
      link: 20,
      messages: [{ kind: 'termHeld', held: true }],
    });
    expect(kinds(world.told(FRONTEND_A))).toEqual(['termMarker', 'applied', 'termHeld']);
    world.connect(FRONTEND_B);
    expect(world.told(FRONTEND_B)).toMatchObject([
      { kind: 'streamOpened', term: { processorAddress: 'rp-2' } },
      { kind: 'termHeld', held: true },
    ]);
  });

  test('a stream that does not begin with openStream is refused', () => {
    const world = new DatabaseWorld().start();
    world.step({ kind: 'frontendConnected', link: 5 });
    world.ask(5, readOf(alice, '/a'));
    expect(world.closed).toMatchObject([{ link: 5, end: { cause: 'refused' } }]);
  });
});
