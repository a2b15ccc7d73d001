import { encodeText, NO_QUOTA, NO_TTL, trustedPath } from '@paddock/model';
import type { Acl, Change, Identity, TransactionStep, WriteOperation } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { Connection, servedWith } from './stage.ts';
import type { Stage } from './stage.ts';

const ada: Identity = { scheme: 'digest', id: 'ada:hash' };
const MINE: Acl = [{ permissions: 31, scheme: 'auth', id: '' }];
const READABLE: Acl = [
  { permissions: 1, scheme: 'world', id: 'anyone' },
  { permissions: 31, scheme: 'digest', id: 'ada:hash' },
];

function create(name: string, acl?: Acl): WriteOperation {
  const data = encodeText('x');
  return { kind: 'create', path: trustedPath(name), data, mode: 'persistent', ttlMs: NO_TTL, acl };
}

function setAcl(name: string, acl: Acl, version = -1): WriteOperation {
  return { kind: 'setAcl', path: trustedPath(name), acl, version };
}

function set(name: string): WriteOperation {
  return { kind: 'setData', path: trustedPath(name), data: encodeText('y'), version: -1 };
}

function remove(name: string): WriteOperation {
  return { kind: 'delete', path: trustedPath(name), version: -1 };
}

function all(...then: TransactionStep[]): WriteOperation {
  return { kind: 'transaction', guard: null, compare: [], then, otherwise: [] };
}

/** What becomes of a write of somebody. */
function outcomeOf(stage: Stage, by: Connection, operation: WriteOperation): Change | undefined {
  stage.send(by.write(operation));
  stage.settle();
  return stage.database.transactions.at(-1)?.change;
}

/** Ada owns /mine, which has a child, and which others may read where that is said. */
function world(acl: Acl = MINE): { stage: Stage; owner: Connection; other: Connection } {
  const owner = new Connection(1);
  const other = new Connection(2);
  owner.identities = [{ scheme: 'ip', id: '10.0.0.1' }, ada];
  other.identities = [{ scheme: 'ip', id: '10.0.0.2' }];
  const stage = servedWith(owner);
  stage.send(other.open());
  stage.settle();
  outcomeOf(stage, owner, create('/mine', acl));
  outcomeOf(stage, owner, create('/mine/child'));
  return { stage, owner, other };
}

describe('the ACL of a znode', () => {
  it('1.8: is in the transaction that creates it, with its creator in place of auth', () => {
    const { stage } = world();
    const row = stage.database.znodes.get(trustedPath('/mine'));
    expect(row?.record.access?.acl).toEqual([{ permissions: 31, ...ada }]);
  });

  it("is its parent's, in place of the scheme parent, as that stands in the order of writes", () => {
    const { stage, owner } = world();
    const inherited: Acl = [{ permissions: 31, scheme: 'parent', id: '' }];
    stage.send(owner.write(setAcl('/mine', READABLE)), owner.write(create('/mine/new', inherited)));
    stage.settle();
    const row = stage.database.znodes.get(trustedPath('/mine/new'));
    expect(row?.record.access?.acl).toEqual(READABLE);
    const refused = outcomeOf(stage, owner, setAcl('/mine/new', inherited));
    expect(refused).toMatchObject({ kind: 'failed', code: 'invalidAcl' });
  });

  it.each([
    ['create', create('/mine/new'), 'create', '/mine'],
    ['set', set('/mine'), 'write', '/mine'],
    ['delete of a child', remove('/mine/child'), 'delete', '/mine'],
    ['set of the ACL', setAcl('/mine', READABLE), 'admin', '/mine'],
  ])('1.8: decides about a %s, and the refusal names permission and path', (_, write, what, of) => {
    const { stage, owner, other } = world();
    const refused = outcomeOf(stage, other, write);
    expect(refused).toMatchObject({ kind: 'failed', code: 'noAuth' });
    expect(refused).toMatchObject({ reason: `the permission ${what} on ${of}` });
    expect(outcomeOf(stage, owner, write)?.kind).not.toBe('failed');
  });

  it('1.8: a child has its own, and so may be written where its parent may not', () => {
    const { stage, other } = world();
    expect(outcomeOf(stage, other, set('/mine/child'))?.kind).toBe('setZnodeData');
  });

  it('1.8: is set at its own version, which counts up', () => {
    const { stage, owner } = world();
    expect(outcomeOf(stage, owner, setAcl('/mine', READABLE, 0))).toMatchObject({ version: 1 });
    expect(outcomeOf(stage, owner, setAcl('/mine', READABLE, 0))).toMatchObject({
      code: 'badVersion',
    });
    expect(outcomeOf(stage, owner, setAcl('/mine', READABLE))).toMatchObject({ version: 2 });
  });

  it('1.8: auth is an invalid ACL of who has proved nothing', () => {
    const { stage, other } = world();
    expect(outcomeOf(stage, other, create('/theirs', MINE))).toMatchObject({ code: 'invalidAcl' });
    expect(outcomeOf(stage, other, setAcl('/', MINE))).toMatchObject({ code: 'invalidAcl' });
  });

  it('decides about writes that were sent before it is applied', () => {
    const { stage, owner, other } = world();
    stage.send(owner.write(create('/new', MINE)), other.write(set('/new')));
    stage.settle();
    expect(stage.database.transactions.at(-1)?.change).toMatchObject({ code: 'noAuth' });
  });

  it('is checked for each step of a transaction, as the steps before it have left it', () => {
    const { stage, owner, other } = world(READABLE);
    const path = trustedPath('/mine');
    const write = {
      kind: 'setData',
      path,
      data: encodeText(''),
      version: -1,
      upsert: false,
    } as const;
    const open = { kind: 'setAcl', path, acl: READABLE, version: -1 } as const;
    expect(outcomeOf(stage, other, all(write))).toMatchObject({
      code: 'noAuth',
      step: { index: 0, path: '/mine' },
    });
    expect(outcomeOf(stage, other, all(open, write))).toMatchObject({ code: 'noAuth' });
    const closed = { ...open, acl: [{ permissions: 1, scheme: 'world', id: 'anyone' }] };
    expect(outcomeOf(stage, owner, all(write, closed, write))).toMatchObject({
      code: 'noAuth',
      step: { index: 2, path: '/mine' },
    });
    expect(outcomeOf(stage, owner, all(write, open))?.kind).toBe('transaction');
  });

  it('is checked for what a transaction compares, and for what it reads', () => {
    const { stage, other } = world();
    const path = trustedPath('/mine');
    const compare = [{ kind: 'version', path, relation: 'equal', value: 0 }] as const;
    const read = { kind: 'getData', path } as const;
    const asked = { kind: 'transaction', guard: null, compare, then: [], otherwise: [] } as const;
    expect(outcomeOf(stage, other, asked)).toMatchObject({ code: 'noAuth', step: { index: -1 } });
    expect(outcomeOf(stage, other, all(read))).toMatchObject({ steps: [{ kind: 'denied', path }] });
    expect(outcomeOf(stage, other, all({ kind: 'check', path, version: 0 }))).toMatchObject({
      code: 'noAuth',
    });
  });

  it('of its parent decides about its quota, so that nobody lifts a limit of his own', () => {
    const { stage, owner, other } = world();
    const quota = { ...NO_QUOTA, countHard: 5 };
    const limit = (path: string): WriteOperation => {
      return { kind: 'setQuota', path: trustedPath(path), quota };
    };
    const refused = { code: 'noAuth', reason: 'the permission admin on /mine' };
    expect(outcomeOf(stage, other, limit('/mine/child'))).toMatchObject(refused);
    expect(outcomeOf(stage, owner, limit('/mine/child'))?.kind).toBe('setQuota');
    outcomeOf(stage, owner, setAcl('/', MINE));
    const others: Acl = [{ permissions: 31, scheme: 'ip', id: '10.0.0.2' }];
    outcomeOf(stage, owner, setAcl('/mine', others));
    for (const path of ['/', '/mine']) {
      expect(outcomeOf(stage, other, limit(path))).toMatchObject({ code: 'noAuth' });
      expect(outcomeOf(stage, owner, limit(path))?.kind).toBe('setQuota');
    }
  });

  it('of every znode with children is checked where a whole tree is deleted', () => {
    const { stage, owner, other } = world();
    outcomeOf(stage, owner, create('/mine/child/deep', MINE));
    outcomeOf(stage, owner, create('/mine/child/deep/er'));
    const tree = {
      kind: 'delete',
      path: trustedPath('/mine'),
      version: -1,
      recursive: true,
    } as const;
    expect(outcomeOf(stage, other, all(tree))).toMatchObject({ code: 'noAuth' });
    expect(outcomeOf(stage, owner, all(tree))?.kind).toBe('transaction');
  });
});
