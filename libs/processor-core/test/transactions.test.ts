import { encodeText, makeZxid, NO_TTL, trustedPath } from '@paddock/model';
import type {
  Change,
  Comparison,
  CreateMode,
  ProcessorRequest,
  TransactionOperation,
  TransactionStep,
  Zxid,
} from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { Connection, servedWith, Stage } from './stage.ts';

type Parts = Partial<Omit<TransactionOperation, 'kind'>>;

function transaction(owner: Connection, parts: Parts): ProcessorRequest {
  const { guard = null, compare = [], then = [], otherwise = [] } = parts;
  return owner.write({ kind: 'transaction', guard, compare, then, otherwise });
}

function create(path: string, mode: CreateMode = 'persistent', parents = false): TransactionStep {
  const data = encodeText('x');
  return { kind: 'create', path: trustedPath(path), data, mode, ttlMs: NO_TTL, parents };
}

function set(path: string, version = -1, upsert = false): TransactionStep {
  return { kind: 'setData', path: trustedPath(path), data: encodeText('y'), version, upsert };
}

function remove(path: string, version = -1, recursive = false): TransactionStep {
  return { kind: 'delete', path: trustedPath(path), version, recursive };
}

function exists(path: string, is = true): Comparison {
  return { kind: 'exists', path: trustedPath(path), exists: is };
}

function lastChange(stage: Stage): Change {
  stage.settle();
  const transaction = stage.database.transactions.at(-1);
  if (transaction === undefined) throw new RangeError('nothing was proposed');
  return transaction.change;
}

const paths = (stage: Stage): string[] => [...stage.database.znodes.keys()].sort();

function czxidOf(stage: Stage, path: string): Zxid {
  const znode = stage.database.znodes.get(trustedPath(path));
  if (znode === undefined) throw new RangeError(`${path} is not there`);
  return znode.record.czxid;
}

describe('a transaction', () => {
  it('2.4: is all of it or none, and says which step was refused and why', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(transaction(owner, { then: [create('/a'), create('/a/b'), remove('/c')] }));
    expect(lastChange(stage)).toMatchObject({
      kind: 'failed',
      code: 'noNode',
      reason: '/c does not exist',
      step: { index: 2, path: '/c' },
    });
    expect(paths(stage)).toEqual(['/']);
    stage.send(transaction(owner, { then: [create('/a'), create('/a/b'), set('/a', 0)] }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction', succeeded: true });
    expect(paths(stage)).toEqual(['/', '/a', '/a/b']);
  });

  it('takes nothing back of what others had in flight before it', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(owner.create('/a'), owner.create('/a/e', 'ephemeral'));
    stage.send(transaction(owner, { then: [set('/a'), remove('/a/e'), remove('/absent')] }));
    stage.send(owner.set('/a', 0), owner.close());
    stage.settle();
    const changes = stage.database.transactions.slice(1).map(({ change }) => change);
    expect(changes.map(({ kind }) => kind)).toEqual([
      ...['createZnode', 'createZnode', 'failed', 'setZnodeData', 'closeSession'],
    ]);
    expect(changes.at(-1)).toMatchObject({ znodes: [{ path: '/a/e' }] });
  });

  it('does what stands behind "otherwise" where one comparison fails', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    const request = { compare: [exists('/'), exists('/a')], then: [remove('/a')] };
    stage.send(transaction(owner, { ...request, otherwise: [create('/a')] }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction', succeeded: false });
    stage.send(transaction(owner, { ...request, otherwise: [create('/a')] }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction', succeeded: true });
    expect(paths(stage)).toEqual(['/']);
  });

  it('gives a sequential znode the number that it has after the steps before it', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    const sequential = 'persistentSequential';
    stage.send(
      transaction(owner, { then: [create('/q', sequential), create('/q', sequential)] }),
      owner.create('/q', sequential),
    );
    stage.settle();
    expect(paths(stage)).toEqual(['/', '/q0000000000', '/q0000000001', '/q0000000002']);
  });

  it('creates missing ancestors, and refuses ephemeral ones', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(transaction(owner, { then: [create('/a/b/c', 'persistent', true)] }));
    stage.settle();
    expect(paths(stage)).toEqual(['/', '/a', '/a/b', '/a/b/c']);
    stage.send(owner.create('/e', 'ephemeral'));
    stage.send(transaction(owner, { then: [create('/e/b/c', 'persistent', true)] }));
    expect(lastChange(stage)).toMatchObject({ code: 'noChildrenForEphemerals' });
  });

  it('sets what is there, and creates what is missing, by one step', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(transaction(owner, { then: [set('/a', 7, true), set('/a', 0, true)] }));
    expect(lastChange(stage)).toMatchObject({
      steps: [
        { kind: 'dataSet', edits: [{ kind: 'createZnode', path: '/a' }] },
        { kind: 'dataSet', edits: [{ kind: 'setZnodeData', version: 1 }] },
      ],
    });
  });

  it('deletes what is below too, also what is still in flight, children first', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(owner.create('/a'), owner.create('/a/b'), owner.create('/ab'));
    stage.settle();
    stage.send(
      owner.create('/a/b/new'),
      owner.delete('/a/b/new'),
      owner.create('/a/e', 'ephemeral'),
    );
    stage.send(transaction(owner, { then: [remove('/a', -1, true)] }));
    const change = lastChange(stage);
    const edits =
      change.kind === 'transaction'
        ? change.steps.flatMap((it) => ('edits' in it ? it.edits : []))
        : [];
    expect(edits.map(({ path }) => path).sort()).toEqual(['/a', '/a/b', '/a/e']);
    expect(edits.at(-1)?.path).toBe('/a');
    expect(paths(stage)).toEqual(['/', '/ab']);
  });

  it('changes no more znodes than it may, and says so', () => {
    const owner = new Connection(1);
    const stage = new Stage({ transactionZnodes: 3 }).serve();
    stage.send(owner.open(), owner.create('/a'), owner.create('/a/b'), owner.create('/a/c'));
    stage.settle();
    stage.send(transaction(owner, { then: [remove('/a', -1, true)] }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction' });
    stage.send(owner.create('/a'), ...['b', 'c', 'd'].map((it) => owner.create(`/a/${it}`)));
    stage.settle();
    stage.send(transaction(owner, { then: [remove('/a', -1, true)] }));
    expect(lastChange(stage)).toMatchObject({ code: 'tooLarge', step: { index: 0, path: '/a' } });
    const four = ['/a/b/x', '/a/b/y', '/a/b/z', '/a/b/w'].map((it) => create(it));
    stage.send(transaction(owner, { then: four.slice(1) }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction' });
    stage.send(transaction(owner, { then: [remove('/a/b/x'), ...four] }));
    expect(lastChange(stage)).toMatchObject({ code: 'noNode', step: { index: 0 } });
    stage.send(transaction(owner, { then: four.map(({ path }) => create(`${path}2`)) }));
    expect(lastChange(stage)).toMatchObject({ code: 'tooLarge', step: { index: 3 } });
  });

  it('H6 c: counts its ephemerals against their session, and not those that it took back', () => {
    const owner = new Connection(1);
    // Two ephemerals of this name, and no third.
    const stage = new Stage({ ephemeralBytesPerSession: 2 * (3 * 2 + 16) }).serve();
    stage.send(owner.open());
    const three = ['/a', '/b', '/c'].map((it) => create(it, 'ephemeral'));
    stage.send(transaction(owner, { then: three }));
    expect(lastChange(stage)).toMatchObject({ code: 'quotaExceeded', step: { index: 2 } });
    stage.send(transaction(owner, { then: three.slice(0, 2) }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction' });
    stage.send(transaction(owner, { then: [remove('/a'), create('/d', 'ephemeral')] }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction' });
  });

  it('H2: that is too large is refused as its outcome, and changes nothing', () => {
    const owner = new Connection(1);
    const stage = new Stage({ requestBytes: 2000 }).serve();
    stage.send(owner.open());
    const many = Array.from({ length: 60 }, (_, i) => create(`/n${i}`));
    stage.send(transaction(owner, { then: many }), owner.create('/n1'));
    stage.settle();
    const changes = stage.database.transactions.map(({ change }) => change);
    expect(changes.at(-2)).toMatchObject({ kind: 'failed', code: 'tooLarge' });
    expect(changes.at(-1)).toMatchObject({ kind: 'createZnode', path: '/n1' });
  });

  it('fencing: is refused where the lock is another one by now', () => {
    const owner = new Connection(1);
    const other = new Connection(2);
    const stage = servedWith(owner);
    stage.send(other.open(), owner.create('/lock', 'ephemeral'), owner.create('/data'));
    stage.settle();
    const path = trustedPath('/lock');
    const guard = { path, czxid: czxidOf(stage, '/lock') };
    stage.send(transaction(owner, { guard, then: [set('/data')] }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction' });
    // In flight, and not applied yet: the lock changes hands.
    stage.send(owner.delete('/lock'), other.create('/lock', 'ephemeral'));
    stage.send(transaction(owner, { guard, then: [set('/data')] }));
    const failure = { code: 'guardFailed', step: { index: -1, path: '/lock' } };
    expect(lastChange(stage)).toMatchObject(failure);
    const held = { path, czxid: czxidOf(stage, '/lock') };
    stage.send(transaction(other, { guard: held, then: [set('/data')] }));
    expect(lastChange(stage)).toMatchObject({ kind: 'transaction' });
    stage.send(transaction(other, { guard: { path, czxid: makeZxid(0, 0) }, then: [] }));
    expect(lastChange(stage)).toMatchObject(failure);
  });

  it('compares data that is in flight, and data that is looked up', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    const path = trustedPath('/a');
    const compare = (data: string): Parts => ({
      compare: [{ kind: 'data', path, relation: 'equal', data: encodeText(data) }],
      then: [set('/a')],
    });
    stage.send(owner.create('/a'), transaction(owner, compare('x')));
    expect(lastChange(stage)).toMatchObject({ succeeded: true });
    stage.send(transaction(owner, compare('x')));
    expect(lastChange(stage)).toMatchObject({ succeeded: false });
    stage.send(transaction(owner, compare('y')));
    expect(lastChange(stage)).toMatchObject({ succeeded: true });
  });
});
