import type { DatabaseReply } from '@paddock/model';
import { ZXID_ZERO } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  closing,
  DatabaseWorld,
  deletion,
  FRONTEND_A,
  FRONTEND_B,
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

function world(limits = {}): DatabaseWorld {
  const it = new DatabaseWorld(limits, NEVER_STALE).start();
  it.connect(FRONTEND_A);
  it.open(alice, attachment(FRONTEND_A, 1));
  it.open(bob, attachment(FRONTEND_A, 2));
  it.create('/a');
  it.told(FRONTEND_A);
  return it;
}

type WatchingRead = 'getData' | 'exists' | 'getChildren';

function watch(it: DatabaseWorld, name: string, kind: WatchingRead = 'getData', of = alice): void {
  it.ask(FRONTEND_A, readOf(of, name, { watch: true, kind }));
  it.told(FRONTEND_A);
}

function events(replies: readonly DatabaseReply[]): string[] {
  return only(replies, 'event').map((it) => `${it.session} ${it.event.kind} ${it.event.path}`);
}

describe('one-shot watches', () => {
  test('of data fire once, when the data changes', () => {
    const it = world();
    watch(it, '/a');
    it.apply(setting('/a', 1));
    expect(events(it.told(FRONTEND_A))).toEqual(['1 nodeDataChanged /a']);
    it.apply(setting('/a', 2));
    expect(events(it.told(FRONTEND_A))).toEqual([]);
    expect(it.core.status().watches).toBe(0);
  });

  test('of existence fire when the znode is created', () => {
    const it = world();
    watch(it, '/b', 'exists');
    it.create('/b');
    expect(events(it.told(FRONTEND_A))).toEqual(['1 nodeCreated /b']);
  });

  test('of data are not set where there is no znode', () => {
    const it = world();
    watch(it, '/b');
    watch(it, '/b', 'getChildren');
    expect(it.core.status().watches).toBe(0);
  });

  test('of children fire when one is created and when one is deleted', () => {
    const it = world();
    watch(it, '/', 'getChildren');
    it.create('/b');
    watch(it, '/', 'getChildren');
    it.apply(deletion('/b'));
    expect(events(it.told(FRONTEND_A))).toEqual(['1 nodeChildrenChanged /']);
  });

  test('of a deleted znode fire as deleted, once a session', () => {
    const it = world();
    watch(it, '/a', 'getData');
    watch(it, '/a', 'exists');
    watch(it, '/a', 'getChildren');
    watch(it, '/a', 'getChildren', bob);
    watch(it, '/', 'getChildren', bob);
    it.apply(deletion('/a'));
    expect(events(it.told(FRONTEND_A))).toEqual([
      '1 nodeDeleted /a',
      '2 nodeDeleted /a',
      '2 nodeChildrenChanged /',
    ]);
    expect(it.core.status().watches).toBe(0);
  });

  test('fire for each ephemeral that goes with its session', () => {
    const it = world();
    it.create('/e', {}, alice);
    it.create('/f', {}, alice);
    it.told(FRONTEND_A);
    watch(it, '/e', 'exists', bob);
    watch(it, '/f', 'exists', bob);
    it.apply(closing(alice, ['/e', '/f']));
    expect(kinds(it.told(FRONTEND_A))).toEqual(['event', 'event', 'sessionEnded', 'applied']);
  });

  test('of many sessions on one path and of one session on many paths are all kept', () => {
    const it = world();
    for (let id = 10; id < 40; id++) it.open(session(id), attachment(FRONTEND_A, id));
    for (let id = 10; id < 40; id++) watch(it, '/a', 'getData', session(id));
    for (let n = 0; n < 30; n++) watch(it, `/n${n}`, 'exists');
    expect(it.core.status().watches).toBe(60);
    it.apply(setting('/a', 1));
    expect(events(it.told(FRONTEND_A))).toHaveLength(30);
    for (let n = 0; n < 20; n++) it.create(`/n${n}`);
    expect(events(it.told(FRONTEND_A))).toHaveLength(20);
    it.disconnect(FRONTEND_A);
    expect(it.core.status().watches).toBe(0);
  });

  test('P4: a registration sees the state it was answered with and fires for the next', () => {
    const it = world();
    const entry = it.entry(setting('/a', 1), { session: alice, sequence: 1 });
    it.ask(FRONTEND_A, readOf(alice, '/a', { after: 1, watch: true }));
    it.deliver(entry, it.entry(setting('/a', 2)));
    const told = it.told(FRONTEND_A);
    expect(kinds(told)).toEqual(['readsAccepted', 'outcome', 'readReply', 'event', 'applied']);
  });
});

describe('sessionless watches', () => {
  test('tell every event of their path, in order, until they are closed', () => {
    const it = world();
    it.connect(FRONTEND_B);
    it.told(FRONTEND_B);
    it.ask(FRONTEND_B, { kind: 'openWatch', watch: 5, path: path('/a'), from: ZXID_ZERO });
    expect(it.told(FRONTEND_B)).toEqual([{ kind: 'watchOpened', watch: 5, zxid: zxid(3) }]);
    it.apply(setting('/a', 1));
    it.create('/a/x');
    it.apply(deletion('/a/x'));
    it.apply(deletion('/a'));
    it.create('/a');
    expect(only(it.told(FRONTEND_B), 'watchEvent').map((reply) => reply.event.kind)).toEqual([
      'nodeDataChanged',
      'nodeChildrenChanged',
      'nodeChildrenChanged',
      'nodeDeleted',
      'nodeCreated',
    ]);
    it.ask(FRONTEND_B, { kind: 'closeWatch', watch: 5 });
    it.apply(setting('/a', 1));
    expect(kinds(it.told(FRONTEND_B))).toEqual(['applied']);
    expect(it.core.status().watchStreams).toBe(0);
  });

  test('P9: resume behind the zxid they name', () => {
    const it = world();
    const first = it.apply(setting('/a', 1));
    const second = it.create('/a/x');
    it.ask(FRONTEND_A, { kind: 'openWatch', watch: 1, path: path('/a'), from: zxid(3) });
    expect(it.told(FRONTEND_A).slice(-3)).toMatchObject([
      { kind: 'watchOpened', zxid: zxid(3) },
      { event: { kind: 'nodeDataChanged', zxid: first } },
      { event: { kind: 'nodeChildrenChanged', zxid: second } },
    ]);
  });

  test('P9: are told so when the history does not reach back', () => {
    const it = world({ eventHistory: 4 });
    for (let version = 1; version <= 6; version++) it.apply(setting('/a', version));
    const { applied, historyFloor } = it.core.status();
    expect(applied - historyFloor).toBe(4);
    it.told(FRONTEND_A);
    it.ask(
      FRONTEND_A,
      { kind: 'openWatch', watch: 1, path: path('/a'), from: zxid(3) },
      { kind: 'openWatch', watch: 2, path: path('/a'), from: historyFloor },
    );
    const told = it.told(FRONTEND_A);
    const ended = { kind: 'watchEnded', watch: 1, code: 'compacted', oldest: historyFloor };
    expect(told[0]).toEqual(ended);
    expect(only(told, 'watchEvent').map((reply) => reply.event.zxid)).toEqual(
      [6, 7, 8, 9].map((at) => zxid(at)),
    );
    expect(it.core.status().watchStreams).toBe(1);
  });

  test('skip what their reader has seen on a replica that was ahead', () => {
    const it = world();
    it.ask(FRONTEND_A, { kind: 'openWatch', watch: 1, path: path('/a'), from: zxid(5) });
    it.apply(setting('/a', 1));
    it.apply(setting('/a', 2));
    const last = it.apply(setting('/a', 3));
    expect(only(it.told(FRONTEND_A), 'watchEvent').map((reply) => reply.event.zxid)).toEqual([
      last,
    ]);
  });

  test('P9: wait for a database that still replays its way to the epoch where they begin', () => {
    const it = world();
    it.deliver(it.marker(4));
    const from = it.create('/late');
    const changed = it.apply(setting('/a', 1));
    const again = new DatabaseWorld().start();
    again.connect(FRONTEND_A);
    again.told(FRONTEND_A);
    again.ask(FRONTEND_A, { kind: 'openWatch', watch: 1, path: path('/a'), from });
    expect(again.told(FRONTEND_A)).toEqual([{ kind: 'watchOpened', watch: 1, zxid: from }]);
    again.deliver(...it.log);
    expect(only(again.told(FRONTEND_A), 'watchEvent').map((reply) => reply.event.zxid)).toEqual([
      changed,
    ]);
  });

  test('H15: are refused where nobody has heard of their epoch in all the time', () => {
    const it = world();
    it.ask(FRONTEND_A, { kind: 'openWatch', watch: 1, path: path('/a'), from: zxid(1, 9) });
    it.nowMs = 60_000;
    it.step({ kind: 'tick' });
    expect(kinds(it.told(FRONTEND_A))).toEqual(['watchOpened']);
    it.holdTerm();
    it.told(FRONTEND_A);
    // Only now does it begin to hear of epochs.
    it.step({ kind: 'tick' });
    expect(it.told(FRONTEND_A)).toEqual([]);
    it.nowMs = 70_000;
    it.step({ kind: 'tick' });
    expect(it.told(FRONTEND_A)).toEqual([{ kind: 'watchEnded', watch: 1, code: 'badArguments' }]);
    expect(it.core.status().watchStreams).toBe(0);
  });

  test('end with the stream that opened them', () => {
    const it = world();
    it.ask(FRONTEND_A, { kind: 'openWatch', watch: 1, path: path('/a'), from: ZXID_ZERO });
    it.disconnect(FRONTEND_A);
    expect(it.core.status().watchStreams).toBe(0);
  });
});
