import type { DatabaseReply, PersistentMode, WatchRegistration } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  DatabaseWorld,
  deletion,
  FRONTEND_A,
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

function world(limits = {}): DatabaseWorld {
  const it = new DatabaseWorld(limits, NEVER_STALE).start();
  it.connect(FRONTEND_A);
  it.open(alice, attachment(FRONTEND_A, 1));
  it.open(bob, attachment(FRONTEND_A, 2));
  it.create('/a');
  it.told(FRONTEND_A);
  return it;
}

function watch(it: DatabaseWorld, name: string, mode?: PersistentMode, of = alice): void {
  const read = readOf(of, name, { watch: true, kind: 'exists' });
  if (mode === undefined || read.kind !== 'read') it.ask(FRONTEND_A, read);
  else {
    const operation = { kind: 'exists', path: path(name), watch: true, mode } as const;
    it.ask(FRONTEND_A, { ...read, operation });
  }
}

function events(replies: readonly DatabaseReply[]): string[] {
  return only(replies, 'event').map((it) => `${it.session} ${it.event.kind} ${it.event.path}`);
}

/** Creates, changes and deletes a znode below /a, and changes /a. */
function change(it: DatabaseWorld): string[] {
  it.told(FRONTEND_A);
  it.create('/a/b');
  it.apply(setting('/a/b', 1));
  it.apply(setting('/a', 1));
  it.apply(deletion('/a/b', 2));
  return events(it.told(FRONTEND_A));
}

const EXACT = ['nodeChildrenChanged /a', 'nodeDataChanged /a', 'nodeChildrenChanged /a'];
const BELOW = [
  'nodeCreated /a/b',
  'nodeDataChanged /a/b',
  'nodeDataChanged /a',
  'nodeDeleted /a/b',
];

function attachWith(it: DatabaseWorld, watches: readonly WatchRegistration[]): DatabaseReply[] {
  it.disconnect(FRONTEND_A);
  it.connect(FRONTEND_A);
  it.told(FRONTEND_A);
  const floor = it.core.status().applied;
  it.ask(FRONTEND_A, {
    ...{ kind: 'attach', session: alice, attachment: attachment(FRONTEND_A, 1), floor },
    ...{ firstUnsettled: 1, watches, more: false },
  });
  return it.told(FRONTEND_A);
}

describe('1.6: persistent watches', () => {
  test('tell every change of a znode and of its children, and stay', () => {
    const it = world();
    watch(it, '/a', 'persistent');
    expect(change(it)).toEqual(EXACT.map((event) => `1 ${event}`));
    expect(change(it)).toEqual(EXACT.map((event) => `1 ${event}`));
    expect(it.core.status().watches).toBe(1);
  });

  test('that are recursive tell every change of all below, and of no list of children', () => {
    const it = world();
    watch(it, '/a', 'persistentRecursive');
    watch(it, '/', 'persistentRecursive', bob);
    const expected = BELOW.flatMap((event) => [`1 ${event}`, `2 ${event}`]);
    expect(change(it)).toEqual(expected);
    it.create('/ab');
    expect(events(it.told(FRONTEND_A))).toEqual(['2 nodeCreated /ab']);
  });

  test('are set where there is no such znode yet', () => {
    const it = world();
    watch(it, '/later', 'persistent');
    it.told(FRONTEND_A);
    it.create('/later');
    expect(events(it.told(FRONTEND_A))).toEqual(['1 nodeCreated /later']);
  });

  test('tell a session of one change once, however many of its watches see it', () => {
    const it = world();
    for (const mode of [undefined, 'persistent', 'persistentRecursive'] as const) {
      watch(it, '/a', mode);
    }
    it.ask(FRONTEND_A, readOf(alice, '/a', { watch: true, kind: 'getChildren' }));
    watch(it, '/', 'persistentRecursive');
    it.told(FRONTEND_A);
    it.apply(setting('/a', 1));
    expect(events(it.told(FRONTEND_A))).toEqual(['1 nodeDataChanged /a']);
    it.apply(deletion('/a', 2));
    expect(events(it.told(FRONTEND_A))).toEqual(['1 nodeDeleted /a']);
  });

  test('are removed one by one, and with their session', () => {
    const it = world();
    watch(it, '/a', 'persistent');
    watch(it, '/a', 'persistentRecursive');
    const of = { session: alice, attachment: attachment(FRONTEND_A, 1), path: path('/a') };
    it.ask(FRONTEND_A, { kind: 'unwatch', ...of, watch: 'persistent' });
    it.ask(FRONTEND_A, { kind: 'unwatch', ...of, watch: 'data' });
    expect(change(it)).toEqual(BELOW.map((event) => `1 ${event}`));
    it.ask(FRONTEND_A, { kind: 'detach', session: alice, attachment: of.attachment });
    expect(change(it)).toEqual([]);
    expect(it.core.status().watches).toBe(0);
  });

  test('P9: that come back are told what they have missed, before the answer, and go on', () => {
    const it = world();
    const from = it.core.status().applied;
    change(it);
    const told = attachWith(it, [
      { path: path('/a'), kind: 'persistent', from },
      { path: path('/'), kind: 'persistentRecursive', from },
    ]);
    expect(events(told).sort()).toEqual(
      [...new Set([...EXACT, ...BELOW])]
        .map((e) => `1 ${e}`)
        .concat(['1 nodeChildrenChanged /a'])
        .sort(),
    );
    const zxids = only(told, 'event').map(({ event }) => event.zxid);
    expect(zxids).toEqual(zxids.toSorted((a, b) => a - b));
    expect(told.findLastIndex(({ kind }) => kind === 'event')).toBeLessThan(
      told.findIndex(({ kind }) => kind === 'attachAnswer'),
    );
    it.apply(setting('/a', 2));
    expect(events(it.told(FRONTEND_A))).toEqual(['1 nodeDataChanged /a']);
  });

  test('P9: whose past is compacted say so, and go on from there', () => {
    const it = world({ eventHistory: 2 });
    change(it);
    const watches = [{ path: path('/a'), kind: 'persistent', from: zxid(1) }] as const;
    const told = attachWith(it, watches);
    expect(events(told)).toEqual([]);
    const from = it.core.status().applied;
    expect(only(told, 'watchesCompacted')[0]?.watches).toEqual([{ ...watches[0], from }]);
    it.apply(setting('/a', 2));
    expect(events(it.told(FRONTEND_A))).toEqual(['1 nodeDataChanged /a']);
  });
});
