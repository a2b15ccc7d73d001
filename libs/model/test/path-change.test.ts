import { describe, expect, it } from 'vitest';
import { isSelected, makeSessionId, makeZxid, NO_SESSION, pathChangesOf } from '../src/index.ts';
import type { Change, PathChange, Transaction, ZnodeEdit, ZnodePath } from '../src/index.ts';
import { trustedPath } from '../src/path.ts';

const ZXID = makeZxid(3, 4);
const ALICE = makeSessionId(7);
const BOB = makeSessionId(8);
const ALL = { path: trustedPath('/'), subtree: true };

function transaction(change: Change, session = ALICE): Transaction {
  return { zxid: ZXID, time: 5, session, sequence: 6, requestHash: 0, ackedThrough: 0, change };
}

function creation(path: string): ZnodeEdit {
  return {
    kind: 'createZnode',
    path: trustedPath(path),
    data: new Uint8Array(3),
    znodeKind: 'ephemeral',
    ephemeralOwner: ALICE,
    ttlMs: 0,
    parentCversion: 1,
    parentCreates: 1,
  };
}

function setting(path: string): ZnodeEdit {
  const data = new Uint8Array(2);
  return { kind: 'setZnodeData', path: trustedPath(path), data, version: 9 };
}

function deletion(path: string): ZnodeEdit {
  return { kind: 'deleteZnode', path: trustedPath(path), parentCversion: 2 };
}

function told(changes: readonly PathChange[]): string[] {
  return changes.map((it) => `${it.operation} ${it.path} by ${it.session} ${it.cause}`);
}

describe('the changes of znodes in a transaction', () => {
  it('say who, when and what', () => {
    expect(pathChangesOf(transaction(creation('/a')), ALL)).toEqual([
      {
        zxid: ZXID,
        time: 5,
        session: ALICE,
        sequence: 6,
        path: '/a',
        operation: 'created',
        cause: 'request',
        znodeKind: 'ephemeral',
        version: 0,
        dataLength: 3,
        restoration: null,
      },
    ]);
    expect(pathChangesOf(transaction(setting('/a')), ALL)).toMatchObject([
      { operation: 'dataSet', version: 9, dataLength: 2, znodeKind: null },
    ]);
  });

  it('name the session that ended, and how, for its ephemerals', () => {
    const znodes = [{ path: trustedPath('/a'), parentCversion: 2 }];
    const end = { kind: 'closeSession', session: BOB, znodes } as const;
    expect(told(pathChangesOf(transaction({ ...end, end: 'expired' }, NO_SESSION), ALL))).toEqual([
      'deleted /a by 8 sessionExpired',
    ]);
    expect(told(pathChangesOf(transaction({ ...end, end: 'closed' }, BOB), ALL))).toEqual([
      'deleted /a by 8 sessionClosed',
    ]);
  });

  it('are those of all its steps, in their order, and of no read', () => {
    const change: Change = {
      kind: 'transaction',
      succeeded: true,
      readBytes: 0,
      steps: [
        { kind: 'created', edits: [creation('/a'), creation('/a/b')] },
        { kind: 'getData', path: trustedPath('/a') },
        { kind: 'checked' },
        { kind: 'deleted', edits: [deletion('/c')] },
      ],
    };
    expect(told(pathChangesOf(transaction(change), ALL))).toEqual([
      'created /a by 7 transaction',
      'created /a/b by 7 transaction',
      'deleted /c by 7 transaction',
    ]);
  });

  it('are the service’s where a znode has outlived its time', () => {
    expect(told(pathChangesOf(transaction(deletion('/a'), NO_SESSION), ALL))).toEqual([
      'deleted /a by 0 service',
    ]);
  });

  it.each<[string, boolean, string, boolean]>([
    ['/a', false, '/a', true],
    ['/a', false, '/a/b', false],
    ['/a', true, '/a', true],
    ['/a', true, '/a/b', true],
    ['/a', true, '/ab', false],
    ['/', true, '/a', true],
    ['/', false, '/a', false],
  ])('asked about %s, subtree %s: %s is meant, %s', (path, subtree, candidate, expected) => {
    const selection = { path: trustedPath(path), subtree };
    const it: ZnodePath = trustedPath(candidate);
    expect(isSelected(selection, it)).toBe(expected);
  });
});
