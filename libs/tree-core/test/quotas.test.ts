import { NO_QUOTA, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { Change, Quota, QuotaUse } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  creation,
  DatabaseWorld,
  deletion,
  FRONTEND_A,
  only,
  path,
  PROCESSOR,
  session,
  setting,
} from './database-world.ts';
import { digests } from './filled-database.ts';

const OWNER = session(1);
const LIMITS = { countHard: 3, countSoft: 2, bytesHard: 2 ** 40, bytesSoft: 1 };

function quota(name: string, limits: Partial<Quota> = LIMITS): Change {
  return { kind: 'setQuota', path: path(name), quota: { ...NO_QUOTA, ...limits } };
}

function world(limits = {}): DatabaseWorld {
  const it = new DatabaseWorld(limits).start();
  it.connect(FRONTEND_A);
  it.open(OWNER, attachment(FRONTEND_A));
  for (const name of ['/a', '/a/b', '/ab']) it.apply(creation(name, new Uint8Array(5)));
  return it;
}

/** As a client that asks for those of `name` and of all below it is told. */
function quotasOf(it: DatabaseWorld, name = '/'): readonly QuotaUse[] {
  it.told(FRONTEND_A);
  it.ask(FRONTEND_A, {
    kind: 'read',
    session: NO_SESSION,
    afterSequence: 0,
    floor: ZXID_ZERO,
    stalenessMs: Infinity,
    operation: { kind: 'getQuotas', path: path(name), watch: false },
  });
  const result = only(it.told(FRONTEND_A), 'readReply')[0]?.result;
  return result?.kind === 'quotas' ? result.quotas : [];
}

describe('quotas', () => {
  test('are told with what their znode and all below it have come to', () => {
    const it = world();
    it.apply(quota('/ab'));
    it.apply(quota('/a'));
    it.apply(setting('/a/b', 1, new Uint8Array(9)));
    const ofA = { path: '/a', quota: LIMITS, count: 2, bytes: 14 };
    expect(quotasOf(it)).toEqual([ofA, { path: '/ab', quota: LIMITS, count: 1, bytes: 5 }]);
    expect(quotasOf(it, '/a')).toEqual([ofA]);
    expect(quotasOf(it, '/a/b')).toEqual([]);
  });

  test('are what a new term starts from, and what one of a subtree is asked for', () => {
    const it = world();
    it.apply(quota('/a'));
    it.step({ kind: 'processorConnected', link: PROCESSOR });
    it.lookUps.length = 0;
    const queries = [
      { kind: 'termStart' },
      { kind: 'subtreeUse', path: path('/a') },
      { kind: 'subtreeUse', path: path('/none') },
    ] as const;
    const messages = queries.map((query, i) => ({ lookUp: i + 1, floor: ZXID_ZERO, query }));
    it.step({ kind: 'processorReceived', link: PROCESSOR, messages });
    const answers = it.lookUps.flatMap((told) => (told.kind === 'answer' ? [told.answer] : []));
    expect(answers).toMatchObject([
      { kind: 'termStart', quotas: [{ path: '/a', quota: LIMITS, count: 2, bytes: 10 }] },
      { kind: 'subtreeUse', count: 2, bytes: 10 },
      { kind: 'subtreeUse', count: 0, bytes: 0 },
    ]);
  });

  test('are answered as an outcome, replaced, and taken away by one without limits', () => {
    const it = world();
    it.told(FRONTEND_A);
    it.apply(quota('/a'), { session: OWNER, sequence: 1 });
    expect(only(it.told(FRONTEND_A), 'outcome')[0]?.outcome.result).toEqual({ kind: 'quotaSet' });
    it.apply(quota('/a', { countHard: 7 }));
    expect(quotasOf(it)).toMatchObject([{ quota: { ...NO_QUOTA, countHard: 7 } }]);
    it.apply(quota('/a', {}));
    expect(quotasOf(it)).toEqual([]);
  });

  test('end with their znode', () => {
    const it = world();
    it.apply(quota('/a/b'));
    it.apply(deletion('/a/b'));
    it.apply(creation('/a/b'));
    expect(quotasOf(it)).toEqual([]);
  });

  test('P10: are in the digest, which no quota leaves as it was', () => {
    const it = world();
    const without = digests(it);
    it.apply(quota('/a'));
    const one = digests(it);
    it.apply(quota('/a', { ...LIMITS, countHard: 4 }));
    const other = digests(it);
    it.apply(quota('/a'));
    expect(digests(it)).toBe(one);
    it.apply(quota('/a', {}));
    expect(digests(it)).toBe(without);
    expect(new Set([without, one, other]).size).toBe(3);
  });

  test('P7: are in a snapshot as of its zxid, whatever is set while it is taken', () => {
    const it = world({ snapshotTransactions: 6 });
    it.apply(quota('/a'));
    it.apply(quota('/ab'));
    const at = digests(it);
    it.apply(quota('/ab', {}));
    const { chunks, zxid } = it.finishSnapshot();
    const again = new DatabaseWorld().start(chunks, zxid);
    expect(again.fatal).toBeNull();
    expect(digests(again)).toBe(at);
    again.deliver(...it.log.filter((entry) => entry.zxid > zxid));
    expect(digests(again)).toBe(digests(it));
  });
});
