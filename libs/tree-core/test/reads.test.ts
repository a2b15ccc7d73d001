import { NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { DatabaseRequest, ReadOperation } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  creation,
  DatabaseWorld,
  FRONTEND_A,
  kinds,
  NEVER_STALE,
  only,
  path,
  readOf,
  session,
  setting,
  zxid,
} from './database-world.ts';

const alice = session(1);
const bob = session(2);

function countOf(name: string): DatabaseRequest {
  return unary({ kind: 'countDescendants', path: path(name), watch: false });
}

function ephemeralsOf(prefix: string, owner = alice): DatabaseRequest {
  return unary({ kind: 'getEphemerals', path: path(prefix), watch: false, owner });
}

function unary(operation: ReadOperation, of = NO_SESSION): DatabaseRequest {
  const floors = { afterSequence: 0, floor: ZXID_ZERO, stalenessMs: Infinity };
  return { kind: 'read', session: of, ...floors, operation };
}

function world(): DatabaseWorld {
  const it = new DatabaseWorld({}, NEVER_STALE).start();
  it.connect(FRONTEND_A);
  it.open(alice, attachment(FRONTEND_A, 1));
  it.open(bob, attachment(FRONTEND_A, 2));
  it.create('/a');
  it.told(FRONTEND_A);
  return it;
}

describe('reads', () => {
  test('are answered at the applied zxid, and accepted once a batch', () => {
    const it = world();
    it.ask(
      FRONTEND_A,
      readOf(alice, '/a'),
      readOf(NO_SESSION, '/b'),
      readOf(bob, '/', { kind: 'getChildren' }),
    );
    const told = it.told(FRONTEND_A);
    expect(kinds(told)).toEqual(['readReply', 'readReply', 'readReply', 'readsAccepted']);
    expect(told[3]).toEqual({ kind: 'readsAccepted', reads: 3 });
    expect(only(told, 'readReply').map((reply) => [reply.read, reply.result.kind])).toEqual([
      [1, 'data'],
      [2, 'failed'],
      [3, 'children'],
    ]);
    expect(only(told, 'readReply').every((reply) => reply.zxid === zxid(3))).toBe(true);
  });

  test('count what is below a znode, on all levels, and its bytes with those below', () => {
    const it = world();
    it.create('/a/b');
    it.create('/a/b/c');
    it.deliver(it.entry(setting('/a', 1, new Uint8Array(5))));
    it.deliver(it.entry(setting('/a/b/c', 1, new Uint8Array(7))));
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, countOf('/a'), countOf('/a/b/c'), countOf('/'), countOf('/b'));
    const results = only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.result);
    expect(results).toMatchObject([
      { kind: 'descendants', descendants: 2, subtreeBytes: 12, stat: { numChildren: 1 } },
      { kind: 'descendants', descendants: 0, subtreeBytes: 7, stat: { version: 1 } },
      { kind: 'descendants', descendants: 3, subtreeBytes: 12 },
      { kind: 'failed', code: 'noNode' },
    ]);
  });

  test('list children by pages, and watch the whole list where a page does', () => {
    const it = world();
    for (const name of ['/a/d', '/a/b', '/a/c']) it.create(name);
    it.told(FRONTEND_A);
    const page = { kind: 'getChildrenPage', path: path('/a'), watch: false } as const;
    it.ask(
      FRONTEND_A,
      unary({ ...page, after: '', limit: 2 }),
      unary({ ...page, after: 'b', limit: 2 }),
      unary({ ...page, after: 'bb', limit: 1 }),
      unary({ ...page, path: path('/none'), after: '', limit: 1 }),
      unary({ ...page, watch: true, after: 'c', limit: 1 }, alice),
    );
    const results = only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.result);
    expect(results).toMatchObject([
      { kind: 'childrenPage', children: ['b', 'c'], more: true, stat: { numChildren: 3 } },
      { kind: 'childrenPage', children: ['c', 'd'], more: false },
      { kind: 'childrenPage', children: ['c'], more: true },
      { kind: 'failed', code: 'noNode' },
      { kind: 'childrenPage', children: ['d'], more: false },
    ]);
    it.create('/a/a');
    const events = only(it.told(FRONTEND_A), 'event').map(({ event }) => event.kind);
    expect(events).toEqual(['nodeChildrenChanged']);
  });

  test('list the ephemerals of one session whose paths begin alike', () => {
    const it = world();
    it.create('/b', {}, alice);
    it.create('/a/x', {}, alice);
    it.create('/a/xy', {}, alice);
    it.create('/a/z', {}, bob);
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, ephemeralsOf('/'), ephemeralsOf('/a/x'), ephemeralsOf('/none'));
    it.ask(FRONTEND_A, ephemeralsOf('/', bob), ephemeralsOf('/', session(9)));
    const results = only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.result);
    expect(results).toEqual(
      [['/a/x', '/a/xy', '/b'], ['/a/x', '/a/xy'], [], ['/a/z'], []].map((paths) => ({
        kind: 'ephemerals',
        paths,
      })),
    );
  });

  test('list sessions by pages, with what they own and, where they are attached here, their watches', () => {
    const it = world();
    it.create('/b', {}, alice);
    it.create('/c', {}, alice);
    it.told(FRONTEND_A);
    const list = { kind: 'listSessions', path: path('/'), watch: false } as const;
    it.ask(
      FRONTEND_A,
      unary({ kind: 'getChildren', path: path('/a'), watch: true }, alice),
      unary({ kind: 'exists', path: path('/a'), watch: true }, alice),
      unary({ ...list, afterSession: NO_SESSION, limit: 10 }),
      unary({ ...list, afterSession: NO_SESSION, limit: 1 }),
      unary({ ...list, afterSession: alice, limit: 1 }),
    );
    const results = only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.result);
    const [all, first, second] = results.slice(2);
    expect(all).toMatchObject({
      kind: 'sessions',
      sessions: [
        { session: alice, ephemerals: 2, watches: 2 },
        { session: bob, ephemerals: 0 },
      ],
      more: false,
    });
    expect(first).toMatchObject({ sessions: [{ session: alice }], more: true });
    expect(second).toMatchObject({ sessions: [{ session: bob }], more: false });
    expect(JSON.stringify(all)).not.toMatch(/secret/i);
  });

  test('list the watches of the session that asks: those that would fire now, and no others', () => {
    const it = world();
    it.create('/a/x');
    it.told(FRONTEND_A);
    const list = {
      kind: 'getWatches',
      path: path('/'),
      watch: false,
      after: '',
      limit: 10,
    } as const;
    it.ask(
      FRONTEND_A,
      unary({ kind: 'getChildren', path: path('/a'), watch: true }, alice),
      unary({ kind: 'getData', path: path('/a'), watch: true }, alice),
      unary({ kind: 'exists', path: path('/none'), watch: true }, alice),
      unary(
        { kind: 'exists', path: path('/a/x'), watch: true, mode: 'persistentRecursive' },
        alice,
      ),
      unary(list, alice),
      unary({ ...list, path: path('/a') }, alice),
      unary({ ...list, after: '/a', limit: 1 }, alice),
      unary(list),
    );
    const before = only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.result);
    const a = { path: '/a', kinds: ['data', 'children'] };
    const x = { path: '/a/x', kinds: ['persistentRecursive'] };
    expect(before.slice(4)).toEqual([
      { kind: 'watches', watches: [a, x, { path: '/none', kinds: ['data'] }], more: false },
      { kind: 'watches', watches: [a, x], more: false },
      { kind: 'watches', watches: [x], more: true },
      { kind: 'watches', watches: [], more: false },
    ]);
    it.create('/a/y');
    it.create('/none');
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, unary(list, alice));
    const after = only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.result);
    expect(after).toEqual([
      { kind: 'watches', watches: [{ path: '/a', kinds: ['data'] }, x], more: false },
    ]);
  });

  test('H14 a: a read parked behind a write shows it and none of the later ones', () => {
    const it = world();
    it.ask(
      FRONTEND_A,
      readOf(alice, '/a', { after: 0 }),
      readOf(alice, '/a', { after: 1 }),
      readOf(alice, '/a', { after: 2 }),
    );
    it.deliver(
      it.entry(setting('/a', 1), { session: alice, sequence: 1 }),
      it.entry(setting('/a', 2), { session: alice, sequence: 2 }),
    );
    const versions = only(it.told(FRONTEND_A), 'readReply').map((reply) =>
      reply.result.kind === 'data' ? reply.result.stat.version : -1,
    );
    expect(versions).toEqual([0, 1, 2]);
  });

  test('H14 b: a parked read parks the later reads of its session and of no other', () => {
    const it = world();
    it.ask(
      FRONTEND_A,
      readOf(alice, '/a', { floor: zxid(5) }),
      readOf(alice, '/a'),
      readOf(bob, '/a'),
      readOf(NO_SESSION, '/a', { floor: zxid(4) }),
      readOf(NO_SESSION, '/a'),
    );
    expect(only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.read)).toEqual([3, 5]);
    expect(it.core.status().parkedReads).toBe(3);
    it.create('/b');
    expect(only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.read)).toEqual([4]);
    it.create('/c');
    expect(only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.read)).toEqual([1, 2]);
    expect(it.core.status().parkedReads).toBe(0);
  });

  test('H14: parked counts as accepted', () => {
    const it = world();
    it.ask(FRONTEND_A, readOf(alice, '/a', { floor: zxid(50) }), readOf(alice, '/a'));
    expect(it.told(FRONTEND_A)).toEqual([{ kind: 'readsAccepted', reads: 2 }]);
  });

  test('H14: a floor that is not reached in time is a typed error, and the session goes on', () => {
    const it = world();
    it.ask(FRONTEND_A, readOf(alice, '/a', { floor: zxid(50) }), readOf(alice, '/a'));
    it.told(FRONTEND_A);
    it.nowMs = 9999;
    it.step({ kind: 'tick' });
    expect(it.told(FRONTEND_A)).toEqual([]);
    it.nowMs = 10_000;
    it.step({ kind: 'tick' });
    const replies = only(it.told(FRONTEND_A), 'readReply');
    expect(replies[0]).toMatchObject({ read: 1, result: { code: 'operationTimeout' } });
    expect(replies[1]).toMatchObject({ read: 2, result: { kind: 'data' } });
  });

  test('a read behind a floor has its own full time for its own floor', () => {
    const it = world();
    it.ask(
      FRONTEND_A,
      readOf(alice, '/a', { floor: zxid(50) }),
      readOf(alice, '/a', { floor: zxid(60) }),
    );
    it.nowMs = 10_000;
    it.step({ kind: 'tick' });
    it.nowMs = 19_000;
    it.step({ kind: 'tick' });
    expect(only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.read)).toEqual([1]);
    it.nowMs = 20_000;
    it.step({ kind: 'tick' });
    expect(only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.read)).toEqual([2]);
  });

  test('a read that waits for its own write waits as long as the write', () => {
    const it = world();
    it.ask(FRONTEND_A, readOf(alice, '/a', { after: 1 }));
    it.nowMs = 60_000;
    it.step({ kind: 'tick' });
    expect(only(it.told(FRONTEND_A), 'readReply')).toEqual([]);
    it.apply(setting('/a', 1), { session: alice, sequence: 1 });
    expect(only(it.told(FRONTEND_A), 'readReply')).toHaveLength(1);
  });

  test('many floors are reached in their order', () => {
    const it = world();
    const order = [9, 4, 7, 5, 8, 6, 4, 9];
    it.ask(FRONTEND_A, ...order.map((at) => readOf(NO_SESSION, '/a', { floor: zxid(at) })));
    it.told(FRONTEND_A);
    it.deliver(...[4, 5, 6, 7, 8, 9].map((at) => it.entry(creation(`/n${at}`))));
    const replies = only(it.told(FRONTEND_A), 'readReply');
    expect(replies.map((reply) => reply.read)).toEqual([2, 7, 4, 6, 3, 5, 1, 8]);
    expect(replies.map((reply) => reply.zxid)).toEqual(
      [4, 4, 5, 6, 7, 8, 9, 9].map((at) => zxid(at)),
    );
  });

  test('a session that is not attached here is refused, whatever it asks', () => {
    const it = world();
    it.ask(FRONTEND_A, readOf(session(99), '/a'));
    it.connect(2);
    it.ask(2, readOf(alice, '/a'));
    expect(only(it.told(FRONTEND_A), 'readReply')[0]?.result).toMatchObject({
      code: 'sessionExpired',
    });
    expect(only(it.told(2), 'readReply')[0]?.result).toMatchObject({ code: 'sessionMoved' });
  });

  test('a detached session leaves neither watches nor parked reads behind', () => {
    const it = world();
    it.ask(
      FRONTEND_A,
      readOf(alice, '/a', { watch: true }),
      readOf(alice, '/', { watch: true, kind: 'getChildren' }),
      readOf(alice, '/a', { floor: zxid(50) }),
      { kind: 'detach', session: alice, attachment: attachment(FRONTEND_A, 1) },
    );
    expect(it.core.status()).toMatchObject({ watches: 0, parkedReads: 0, attachedSessions: 1 });
    it.nowMs = 20_000;
    it.step({ kind: 'tick' });
    expect(only(it.told(FRONTEND_A), 'readReply').map((reply) => reply.read)).toEqual([1, 2]);
  });
});
