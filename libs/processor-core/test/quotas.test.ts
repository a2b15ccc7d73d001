import { makeTerm, NO_QUOTA, trustedPath } from '@paddock/model';
import type { ProcessorRequest, Quota, TransactionStep } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import type { Stage } from './stage.ts';
import { Connection, servedWith } from './stage.ts';

const owner = (): Connection => new Connection(1);

function quota(of: Connection, path: string, limits: Partial<Quota>): ProcessorRequest {
  const set = { ...NO_QUOTA, ...limits };
  return of.write({ kind: 'setQuota', path: trustedPath(path), quota: set });
}

function multi(of: Connection, ...then: TransactionStep[]): ProcessorRequest {
  return of.write({ kind: 'transaction', guard: null, compare: [], then, otherwise: [] });
}

function create(path: string): TransactionStep {
  const data = new Uint8Array(1);
  const at = trustedPath(path);
  return { kind: 'create', path: at, data, mode: 'persistent', ttlMs: 0, parents: false };
}

function remove(path: string): TransactionStep {
  return { kind: 'delete', path: trustedPath(path), version: -1, recursive: false };
}

function outcomes(stage: Stage): string[] {
  stage.settle();
  return stage.takeOutcomes();
}

function lastReason(stage: Stage): string {
  stage.settle();
  const change = stage.database.transactions.at(-1)?.change;
  return change?.kind === 'failed' ? change.reason : '';
}

describe('a quota', () => {
  it('refuses the znode too many, and says whose quota, which limit, and what there is', () => {
    const me = owner();
    const stage = servedWith(me);
    stage.send(me.create('/a'), quota(me, '/a', { countHard: 3 }), me.create('/a/b'));
    stage.send(me.create('/a/b/c'), me.create('/a/b/d'));
    expect(lastReason(stage)).toBe(
      'the quota of /a is 3 znodes: it has 3, and 1 more would exceed it',
    );
    const made = ['createZnode', 'setQuota', 'createZnode', 'createZnode', 'quotaExceeded'];
    expect(outcomes(stage)).toEqual(made);
    stage.send(me.delete('/a/b/c'), me.create('/a/b/d'));
    expect(outcomes(stage)).toEqual(['deleteZnode', 'createZnode']);
  });

  it('refuses the byte too many, and never what makes it less', () => {
    const me = owner();
    const stage = servedWith(me);
    stage.send(me.create('/a', 'persistent', '1234'), quota(me, '/a', { bytesHard: 3 }));
    stage.send(me.set('/a', -1, '12345'), me.set('/a', -1, '4321'), me.set('/a', -1, '12'));
    stage.send(me.create('/a/b', 'persistent', 'x'), me.create('/a/c', 'persistent', 'x'));
    expect(outcomes(stage)).toEqual([
      ...['createZnode', 'setQuota', 'quotaExceeded', 'setZnodeData', 'setZnodeData'],
      ...['createZnode', 'quotaExceeded'],
    ]);
    expect(stage.database.use(trustedPath('/a'))).toEqual({ count: 2, bytes: 3 });
  });

  it('holds beside those above and below it', () => {
    const me = owner();
    const stage = servedWith(me);
    stage.send(me.create('/a'), me.create('/a/b'));
    stage.send(quota(me, '/', { countHard: 5 }), quota(me, '/a/b', { countHard: 2 }));
    stage.send(me.create('/a/b/1'), me.create('/a/b/2'), me.create('/c'), me.create('/d'));
    expect(outcomes(stage).slice(4)).toEqual([
      ...['createZnode', 'quotaExceeded', 'createZnode', 'quotaExceeded'],
    ]);
  });

  it('counts what was in flight before it was set, and what the database has not applied', () => {
    const me = owner();
    const stage = servedWith(me);
    stage.send(me.create('/a'), me.create('/a/1'), me.create('/a/2'));
    stage.send(quota(me, '/a', { countHard: 3 }), me.create('/a/3'));
    const made = ['createZnode', 'createZnode', 'createZnode', 'setQuota', 'quotaExceeded'];
    expect(outcomes(stage)).toEqual(made);
  });

  it('is judged step by step in a transaction, and all of it is taken back', () => {
    const me = owner();
    const stage = servedWith(me);
    stage.send(me.create('/a'), quota(me, '/a', { countHard: 2 }));
    stage.send(multi(me, create('/a/1'), create('/a/2')));
    stage.send(multi(me, create('/a/1'), remove('/a/1'), create('/a/2')), me.create('/a/3'));
    expect(outcomes(stage).slice(2)).toEqual(['quotaExceeded', 'transaction', 'quotaExceeded']);
    const refused = stage.database.transactions.find(({ change }) => change.kind === 'failed');
    expect(refused?.change).toMatchObject({ step: { index: 1, path: '/a/2' } });
  });

  it('ends with its znode, and comes back with it where the transaction is refused', () => {
    const me = owner();
    const stage = servedWith(me);
    stage.send(me.create('/a'), quota(me, '/a', { countHard: 1 }));
    stage.send(multi(me, remove('/a'), create('/a'), remove('/none')), me.create('/a/1'));
    expect(outcomes(stage).slice(2)).toEqual(['noNode', 'quotaExceeded']);
    stage.send(me.delete('/a'), me.create('/a'), me.create('/a/1'));
    expect(outcomes(stage)).toEqual(['deleteZnode', 'createZnode', 'createZnode']);
    expect(stage.database.quotas.size).toBe(0);
  });

  it('gives back what the ephemerals of a session took, with its end', () => {
    const me = owner();
    const other = new Connection(2);
    const stage = servedWith(me);
    stage.send(other.open(), me.create('/a'), quota(me, '/a', { countHard: 2, bytesHard: 4 }));
    stage.send(other.create('/a/e', 'ephemeral', 'abc'));
    stage.settle();
    stage.takeOutcomes();
    stage.send(me.create('/a/1'), other.close(), me.create('/a/1', 'persistent', 'abc'));
    expect(outcomes(stage)).toEqual(['quotaExceeded', 'closeSession', 'createZnode']);
  });

  it('is known to the next term, with what it has come to', () => {
    const me = owner();
    const stage = servedWith(me);
    stage.send(me.create('/a'), quota(me, '/a', { countHard: 2 }), me.create('/a/1'));
    stage.settle();
    stage.grant(makeTerm(2, 1), stage.database.applied);
    stage.settle();
    stage.takeOutcomes();
    stage.send(me.create('/a/2'), me.delete('/a/1'), me.create('/a/2'));
    expect(outcomes(stage)).toEqual(['quotaExceeded', 'deleteZnode', 'createZnode']);
  });

  it('is taken away by one without limits, and needs a znode', () => {
    const me = owner();
    const stage = servedWith(me);
    stage.send(quota(me, '/none', { countHard: 1 }), me.create('/a'));
    stage.send(quota(me, '/a', { countHard: 1 }), quota(me, '/a', {}), me.create('/a/1'));
    expect(outcomes(stage)).toEqual([
      ...['noNode', 'createZnode', 'setQuota', 'setQuota', 'createZnode'],
    ]);
  });

  it('is refused where all of them would take too much', () => {
    const me = owner();
    const stage = servedWith(me, { quotaBytes: 140 });
    stage.send(me.create('/a'), me.create('/b'), me.create('/c'));
    stage.send(...['/a', '/b', '/c', '/b'].map((path) => quota(me, path, { countHard: 9 })));
    expect(outcomes(stage).slice(3)).toEqual(['setQuota', 'setQuota', 'quotaExceeded', 'setQuota']);
  });

  it('that is soft refuses nothing, and is logged once until it is kept again', () => {
    const me = owner();
    const stage = servedWith(me);
    const noted = (): number => {
      stage.settle();
      const told = stage.events.filter((it) => it.message === 'a soft quota is exceeded');
      stage.events = [];
      return told.length;
    };
    stage.send(me.create('/a'), quota(me, '/a', { countSoft: 2 }), me.create('/a/1'));
    expect(noted()).toBe(0);
    stage.send(me.create('/a/2'));
    expect(noted()).toBe(1);
    stage.send(me.create('/a/3'), me.delete('/a/3'));
    expect(noted()).toBe(0);
    stage.send(me.delete('/a/2'));
    expect(noted()).toBe(0);
    stage.send(me.create('/a/2'));
    expect(noted()).toBe(1);
  });
});
