import type { Acl, DatabaseReply, Identities, ReadOperation, Zxid } from '@paddock/model';
import { NO_QUOTA, NO_SESSION, OPEN_ACL, SUPER, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { AccessTable, OPEN } from '../src/znodes/access-table.ts';
import { ZnodeStore } from '../src/znodes/znode-store.ts';
import {
  attachment,
  attachOf,
  creation,
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

const ada: Identities = [{ scheme: 'digest', id: 'ada:hash' }];
const bob: Identities = [{ scheme: 'digest', id: 'bob:hash' }];
const ADAS: Acl = [{ permissions: 31, scheme: 'digest', id: 'ada:hash' }];
const alice = session(1);

function world(): DatabaseWorld {
  const it = new DatabaseWorld({}, NEVER_STALE).start();
  it.connect(FRONTEND_A);
  it.open(alice, attachment(FRONTEND_A, 1));
  it.apply(creation('/mine', undefined, undefined, ADAS));
  it.told(FRONTEND_A);
  return it;
}

function setAcl(it: DatabaseWorld, acl: Acl, version: number): void {
  it.apply({ kind: 'setZnodeAcl', path: path('/mine'), acl, version });
}

/** What somebody is told who reads. */
function answer(it: DatabaseWorld, operation: ReadOperation, identities: Identities): unknown {
  const read = readOf(NO_SESSION, operation.path);
  it.told(FRONTEND_A);
  if (read.kind === 'read') it.ask(FRONTEND_A, { ...read, operation, identities });
  return only(it.told(FRONTEND_A), 'readReply')[0]?.result;
}

function events(replies: readonly DatabaseReply[]): string[] {
  return only(replies, 'event').map((it) => `${it.event.kind} ${it.event.path}`);
}

const PLAIN = { path: path('/mine'), watch: false } as const;

describe('the ACL of a znode', () => {
  it.each([
    { kind: 'getData', ...PLAIN },
    { kind: 'exists', ...PLAIN },
    { kind: 'getChildren', ...PLAIN },
    { kind: 'getChildrenPage', after: '', limit: 10, ...PLAIN },
    { kind: 'countDescendants', ...PLAIN },
    { kind: 'getAcl', ...PLAIN },
  ] satisfies ReadOperation[])('1.8: decides who may read: $kind', (operation) => {
    const it = world();
    const reason = 'the permission read on /mine';
    const refused = { kind: 'failed', code: 'noAuth', reason };
    expect(answer(it, operation, undefined)).toEqual(refused);
    expect(answer(it, operation, bob)).toEqual(refused);
    expect(answer(it, operation, ada)).not.toMatchObject({ kind: 'failed' });
    expect(answer(it, operation, [SUPER])).not.toMatchObject({ kind: 'failed' });
  });

  it('1.8: is shown with its version, and without hashes to who may only read it', () => {
    const it = world();
    const readable: Acl = [...ADAS, { permissions: 1, scheme: 'world', id: 'anyone' }];
    setAcl(it, readable, 1);
    const operation: ReadOperation = { kind: 'getAcl', ...PLAIN };
    expect(answer(it, operation, ada)).toMatchObject({ acl: readable, stat: { aversion: 1 } });
    expect(answer(it, operation, bob)).toMatchObject({
      acl: [{ id: 'ada:x' }, { scheme: 'world' }],
    });
  });

  it('says whether permissions are there, all of them', () => {
    const it = world();
    setAcl(it, [...ADAS, { permissions: 1, scheme: 'world', id: 'anyone' }], 1);
    const can = (permissions: number): ReadOperation => ({ kind: 'can', ...PLAIN, permissions });
    expect(answer(it, can(1), undefined)).toEqual({ kind: 'permitted', permitted: true });
    expect(answer(it, can(3), undefined)).toEqual({ kind: 'permitted', permitted: false });
    expect(answer(it, can(3), ada)).toEqual({ kind: 'permitted', permitted: true });
  });

  it('hides the ephemerals of others that one may not read', () => {
    const it = world();
    it.create('/mine-e', {}, alice);
    it.apply(creation('/secret-e', undefined, alice, ADAS));
    const operation = {
      kind: 'getEphemerals',
      path: path('/'),
      watch: false,
      owner: alice,
    } as const;
    expect(answer(it, operation, bob)).toEqual({ kind: 'ephemerals', paths: ['/mine-e'] });
    expect(answer(it, operation, ada)).toMatchObject({ paths: ['/mine-e', '/secret-e'] });
  });

  it('is asked when a watch fires, of who the session was when it set the watch', () => {
    const it = world();
    const watch = (identities: Identities): void => {
      const read = readOf(alice, '/mine', { watch: true, kind: 'exists' });
      if (read.kind === 'read') it.ask(FRONTEND_A, { ...read, identities });
      it.told(FRONTEND_A);
    };
    watch(ada);
    it.apply(setting('/mine', 1));
    expect(events(it.told(FRONTEND_A))).toEqual(['nodeDataChanged /mine']);
    watch(ada);
    setAcl(it, [{ permissions: 31, scheme: 'digest', id: 'bob:hash' }], 1);
    it.apply(setting('/mine', 2));
    expect(events(it.told(FRONTEND_A))).toEqual([]);
  });

  it('is asked of who a session is by now, which a read that was sent before does not change', () => {
    const it = world();
    const read = readOf(alice, '/mine', { watch: true, kind: 'exists', after: 1 });
    if (read.kind === 'read') it.ask(FRONTEND_A, { ...read, identities: ada });
    const of = { kind: 'identify', session: alice } as const;
    it.ask(FRONTEND_A, { ...of, attachment: attachment(FRONTEND_A, 1), identities: bob });
    it.ask(FRONTEND_A, { ...of, attachment: attachment(FRONTEND_A, 9), identities: ada });
    it.apply(creation('/other'), { session: alice, sequence: 1 });
    expect(only(it.told(FRONTEND_A), 'readReply')[0]?.result.kind).toBe('stat');
    it.apply(setting('/mine', 1));
    expect(events(it.told(FRONTEND_A))).toEqual([]);
  });

  it('says to whom a proof has expired that a new one may help', () => {
    const it = world();
    const expired = { scheme: 'expired', id: 'jwt:ada' };
    expect(answer(it, { kind: 'getData', ...PLAIN }, [...bob, expired])).toEqual({
      kind: 'failed',
      code: 'authFailed',
      reason: 'the permission read on /mine; the proof of jwt:ada has expired: show a new one',
    });
  });

  it('hides a znode that is created and deleted from a watch of all below its parent', () => {
    const it = world();
    const read = readOf(alice, '/', { watch: true, kind: 'exists' });
    const mode = 'persistentRecursive' as const;
    const operation: ReadOperation = { kind: 'exists', path: path('/'), watch: true, mode };
    if (read.kind === 'read') it.ask(FRONTEND_A, { ...read, operation, identities: bob });
    it.apply(creation('/hidden', undefined, undefined, ADAS));
    it.apply(deletion('/hidden'));
    it.create('/seen');
    expect(events(it.told(FRONTEND_A))).toEqual(['nodeCreated /seen']);
  });

  it('is asked of each event that a session has missed', () => {
    const it = world();
    const from = it.create('/seen');
    const watches = [
      { path: path('/mine'), kind: 'data', from },
      { path: path('/seen'), kind: 'data', from },
    ] as const;
    it.apply(setting('/mine', 1));
    it.apply(setting('/seen', 1));
    const missed = (identities: Identities): string[] => {
      it.told(FRONTEND_A);
      const attach = attachOf(alice, attachment(FRONTEND_A), { watches });
      if (attach.kind === 'attach') it.ask(FRONTEND_A, { ...attach, identities });
      return events(it.told(FRONTEND_A));
    };
    expect(missed(bob)).toEqual(['nodeDataChanged /seen']);
    expect(missed(ada)).toEqual(['nodeDataChanged /mine', 'nodeDataChanged /seen']);
    it.apply(deletion('/mine'));
    expect(missed(bob)).toEqual(['nodeDataChanged /seen']);
  });

  it.each(['live', 'in the past'])('is asked of a watch without a session, %s', (when) => {
    const it = world();
    const from = it.create('/seen');
    const change = (): unknown => it.apply(setting('/mine', 1));
    if (when !== 'live') change();
    it.told(FRONTEND_A);
    const of = { kind: 'openWatch', path: path('/mine'), from } as const;
    it.ask(FRONTEND_A, { ...of, watch: 1, identities: bob }, { ...of, watch: 2, identities: ada });
    if (when === 'live') change();
    expect(only(it.told(FRONTEND_A), 'watchEvent').map(({ watch }) => watch)).toEqual([2]);
  });

  it('of the root decides who sees the sessions of the ensemble', () => {
    const it = world();
    const list = { kind: 'listSessions', path: path('/'), watch: false } as const;
    const all: ReadOperation = { ...list, afterSession: NO_SESSION, limit: 10 };
    expect(answer(it, all, undefined)).toMatchObject({ sessions: [{ session: alice }] });
    it.apply({ kind: 'setZnodeAcl', path: path('/'), acl: ADAS, version: 1 });
    const refused = { code: 'noAuth', reason: 'the permission admin on /' };
    expect(answer(it, all, bob)).toMatchObject(refused);
    expect(answer(it, all, ada)).toMatchObject({ sessions: [{ session: alice }] });
  });

  it('hides quotas of what one may not read', () => {
    const it = world();
    it.create('/seen');
    const quota = { ...NO_QUOTA, countHard: 9 };
    it.apply({ kind: 'setQuota', path: path('/mine'), quota });
    it.apply({ kind: 'setQuota', path: path('/seen'), quota });
    const all = { kind: 'getQuotas', path: path('/'), watch: false } as const;
    expect(answer(it, all, bob)).toMatchObject({ quotas: [{ path: '/seen' }] });
    expect(answer(it, all, ada)).toMatchObject({ quotas: [{ path: '/mine' }, { path: '/seen' }] });
  });

  it('is the same where the log is replayed', () => {
    const it = world();
    setAcl(it, [{ permissions: 3, scheme: 'ip', id: '10.0.0.0/8' }], 1);
    setAcl(it, OPEN_ACL, 2);
    const other = new DatabaseWorld({}, NEVER_STALE).start();
    other.deliver(...it.log);
    const acl = { kind: 'getAcl', ...PLAIN } as const;
    other.connect(FRONTEND_A);
    expect(answer(other, acl, undefined)).toMatchObject({ acl: OPEN_ACL, stat: { aversion: 2 } });
  });
});

describe('the ACLs of a tree', () => {
  const at = (counter: number): Zxid => zxid(counter);
  const tree = (): ZnodeStore => {
    const store = new ZnodeStore();
    for (const [index, name] of ['/a', '/b', '/c'].entries()) {
      const change = creation(name, undefined, undefined, index === 0 ? ADAS : undefined);
      if (change.kind === 'createZnode') store.create(change, at(index + 1), 0);
    }
    return store;
  };
  const takeSlices = (store: ZnodeStore, change: () => void): Uint8Array[] => {
    const chunks: Uint8Array[] = [];
    store.beginSnapshot();
    for (let i = 0; ; i++) {
      if (i === 1) change();
      const chunk = store.snapshotSlice(1);
      if (chunk === null) return chunks;
      if (chunk.length > 0) chunks.push(chunk);
    }
  };

  it('are in its digest', () => {
    const [store, other] = [tree(), tree()];
    store.setAcl(store.find(path('/b')), ADAS, 1, at(9));
    expect(store.digest()).not.toEqual(other.digest());
    other.setAcl(other.find(path('/b')), ADAS, 1, at(9));
    expect(store.digest()).toEqual(other.digest());
  });

  it('are in a snapshot as they were when it began, and set once however often they change (H12)', () => {
    const store = tree();
    const before = store.digest();
    const chunks = takeSlices(store, () => {
      for (const name of ['/a', '/b', '/c']) {
        store.setAcl(store.find(path(name)), OPEN_ACL, 1, at(8));
        store.setAcl(store.find(path(name)), ADAS, 2, at(9));
      }
    });
    expect(store.snapshotDigest()).toEqual(before);
    const loaded = new ZnodeStore();
    for (const chunk of chunks) loaded.load(chunk);
    loaded.endLoad();
    expect(loaded.digest()).toEqual(before);
    expect(loaded.access(loaded.find(path('/a')))).toEqual({ acl: ADAS, version: 0 });
    expect(loaded.access(loaded.find(path('/b')))).toEqual({ acl: OPEN_ACL, version: 0 });
  });

  it('come to the same when a stretch of the log is replayed (P7)', () => {
    const store = tree();
    const steps = [
      () => store.setAcl(store.find(path('/b')), ADAS, 1, at(8)),
      () => store.setAcl(store.find(path('/b')), OPEN_ACL, 2, at(9)),
    ];
    for (const step of steps) step();
    const digest = store.digest();
    for (const step of steps) step();
    expect(store.digest()).toEqual(digest);
    expect(store.stat(store.find(path('/b')))).toMatchObject({ aversion: 2 });
  });

  it('are kept once each, and no longer than a znode has them', () => {
    const table = new AccessTable();
    const numbers = [1, 2, 3].map(() => table.use({ acl: ADAS, version: 0 }, ZXID_ZERO));
    expect(new Set(numbers).size).toBe(1);
    expect(table.use({ acl: OPEN_ACL, version: 0 }, ZXID_ZERO)).toBe(OPEN);
    expect(table.count).toBe(1);
    for (const number of numbers) table.release(number);
    expect(table.count).toBe(0);
  });
});
