import { ephemeralCost, NO_QUOTA, trustedPath } from '@paddock/model';
import type { Failed, Limits, Quota, TransactionStep } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import type { Stage } from './stage.ts';
import { Connection, servedWith } from './stage.ts';

const me = (): Connection => new Connection(1);

function create(path: string, parents = false): TransactionStep {
  const data = new Uint8Array(1);
  return { kind: 'create', path: trustedPath(path), data, mode: 'persistent', ttlMs: 0, parents };
}

function outcomes(stage: Stage): string[] {
  stage.settle();
  return stage.takeOutcomes();
}

function lastRefusal(stage: Stage): Omit<Failed, 'kind' | 'reason'> | null {
  stage.settle();
  const change = stage.database.transactions.at(-1)?.change;
  if (change?.kind !== 'failed') return null;
  const { code, step, limit } = change;
  return step === undefined
    ? { code, ...(limit && { limit }) }
    : { code, step, ...(limit && { limit }) };
}

function served(of: Connection, limits: Partial<Limits>): Stage {
  return servedWith(of, limits);
}

const TWO_CHILDREN = { kind: 'childrenPerZnode', path: '/a', limit: 2, use: 2, more: 1 };

describe('the limit of children', () => {
  it('refuses the child too many, whatever its mode, and lets in one for one that goes', () => {
    const of = me();
    const stage = served(of, { childrenPerZnode: 2 });
    stage.send(of.create('/a'), of.create('/a/b'), of.create('/a/c'), of.create('/a/d'));
    stage.settle();
    expect(lastRefusal(stage)).toEqual({ code: 'quotaExceeded', limit: TWO_CHILDREN });
    stage.send(of.create('/a/s-', 'ephemeralSequential'), of.create('/a/c'));
    const made = ['createZnode', 'createZnode', 'createZnode', 'quotaExceeded'];
    expect(outcomes(stage)).toEqual([...made, 'quotaExceeded', 'nodeExists']);
    stage.send(of.delete('/a/b'), of.create('/a/d'), of.create('/a/b/below'), of.create('/b'));
    expect(outcomes(stage)).toEqual(['deleteZnode', 'createZnode', 'noNode', 'createZnode']);
  });

  it('is judged step by step in a transaction, whose other steps are taken back', () => {
    const of = me();
    const stage = served(of, { childrenPerZnode: 2 });
    stage.send(of.create('/a'), of.create('/a/b'));
    const then = [create('/a/c'), create('/a/d/deep', true)];
    stage.send(
      of.write({ kind: 'transaction', guard: null, compare: [], then, otherwise: [] }),
      of.create('/a/e'),
    );
    expect(outcomes(stage)).toEqual(['createZnode', 'createZnode', 'quotaExceeded', 'createZnode']);
    const refused = stage.database.transactions.at(-2)?.change;
    expect(refused).toMatchObject({
      step: { index: 1, path: '/a/d/deep' },
      limit: TWO_CHILDREN,
    });
  });
});

describe('a refusal by a limit', () => {
  const quota = (set: Partial<Quota>): Quota => ({ ...NO_QUOTA, ...set });

  it('names the quota, which of its limits, what there was, and what it would have added', () => {
    const of = me();
    const stage = served(of, {});
    const path = trustedPath('/a');
    stage.send(of.create('/a', 'persistent', '1234'));
    stage.send(of.write({ kind: 'setQuota', path, quota: quota({ countHard: 1, bytesHard: 5 }) }));
    stage.send(of.create('/a/b'));
    const count = { kind: 'quotaCount', path: '/a', limit: 1, use: 1, more: 1 };
    expect(lastRefusal(stage)).toEqual({ code: 'quotaExceeded', limit: count });
    stage.send(of.set('/a', -1, '1234567'));
    const bytes = { kind: 'quotaBytes', path: '/a', limit: 5, use: 4, more: 3 };
    expect(lastRefusal(stage)).toEqual({ code: 'quotaExceeded', limit: bytes });
  });

  it('names the limit of data, of a transaction, of the ephemerals of a session, and of all quotas', () => {
    const of = me();
    const cost = ephemeralCost('/a'.length);
    const stage = served(of, {
      ...{
        znodeDataBytes: 2,
        transactionZnodes: 1,
        ephemeralBytesPerSession: cost,
        quotaBytes: 10,
      },
    });
    stage.send(of.create('/a', 'persistent', '123'));
    expect(lastRefusal(stage)?.limit).toMatchObject({ kind: 'znodeDataBytes', limit: 2, more: 3 });
    stage.send(of.create('/a', 'ephemeral'), of.create('/b', 'ephemeral'));
    const ephemerals = { kind: 'ephemeralBytesPerSession', path: '', limit: cost };
    expect(lastRefusal(stage)?.limit).toEqual({ ...ephemerals, use: cost, more: cost });
    const then = [create('/c'), create('/d')];
    stage.send(of.write({ kind: 'transaction', guard: null, compare: [], then, otherwise: [] }));
    expect(lastRefusal(stage)?.limit).toMatchObject({ kind: 'transactionZnodes', limit: 1 });
    const path = trustedPath('/a');
    stage.send(of.write({ kind: 'setQuota', path, quota: quota({ countHard: 1 }) }));
    expect(lastRefusal(stage)?.limit).toMatchObject({ kind: 'quotas', limit: 10, use: 0 });
  });

  it('of the front-end keeps its limit under the sequence of the write', () => {
    const of = me();
    const stage = served(of, {});
    const limit = { kind: 'requestBytes', path: '', limit: 5, use: 0, more: 9 } as const;
    stage.send(of.write({ kind: 'refused', code: 'tooLarge', reason: 'so large', limit }));
    expect(lastRefusal(stage)).toEqual({ code: 'tooLarge', limit });
  });
});
