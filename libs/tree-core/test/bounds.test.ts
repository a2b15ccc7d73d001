import { NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { Limits, LookUpQuery } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  attachOf,
  DatabaseWorld,
  FRONTEND_A,
  FRONTEND_B,
  only,
  path,
  PROCESSOR,
  readOf,
  session,
  zxid,
} from './database-world.ts';

const alice = session(1);
const bob = session(2);
/** Of one session 2000 bytes may wait, of a front-end 64,000. */
const TIGHT: Partial<Limits> = { queueBytes: 1000, linkMessageBytes: 1000 };

function world(): DatabaseWorld {
  const it = new DatabaseWorld(TIGHT).start();
  it.connect(FRONTEND_A);
  it.connect(FRONTEND_B);
  it.open(alice, attachment(FRONTEND_A, 1));
  it.open(bob, attachment(FRONTEND_A, 2));
  it.create('/a');
  it.told(FRONTEND_A);
  it.told(FRONTEND_B);
  return it;
}

function failures(it: DatabaseWorld): string[] {
  return only(it.told(FRONTEND_A), 'readReply').map(({ read, result }) =>
    result.kind === 'failed' ? `${read} ${result.code}` : `${read} ${result.kind}`,
  );
}

describe('what waits is bounded', () => {
  test('reads of one session beyond its share are refused, and no other session suffers', () => {
    const it = world();
    for (let i = 0; i < 20; i++) it.ask(FRONTEND_A, readOf(alice, '/a', { after: 1 }));
    it.ask(FRONTEND_A, readOf(bob, '/a', { after: 1 }), readOf(bob, '/a'));
    // 130 bytes each: fifteen fit.
    expect(failures(it)).toEqual([16, 17, 18, 19, 20].map((read) => `${read} throttled`));
    expect(it.core.status().parkedReads).toBe(17);
    expect(it.closed).toEqual([]);
    it.create('/b', { session: alice, sequence: 1 });
    expect(failures(it)).toEqual(Array.from({ length: 15 }, (_, i) => `${i + 1} data`));
    for (let i = 0; i < 15; i++) it.ask(FRONTEND_A, readOf(alice, '/a', { after: 2 }));
    expect(failures(it)).toEqual([]);
    expect(it.core.status().parkedReads).toBe(17);
  });

  test('reads behind a pending attach count as those of an attached session', () => {
    const it = world();
    it.disconnect(FRONTEND_A);
    it.connect(FRONTEND_A);
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, attachOf(alice, attachment(FRONTEND_A, 1), { floor: zxid(4) }));
    for (let i = 0; i < 16; i++) it.ask(FRONTEND_A, readOf(alice, '/a'));
    expect(failures(it)).toEqual(['16 throttled']);
    it.create('/b');
    expect(failures(it)).toHaveLength(15);
    expect(it.core.status().parkedReads).toBe(0);
  });

  test('a front-end that lets reads wait without end is cut, with the reason, and nobody else', () => {
    const it = world();
    it.ask(FRONTEND_B, readOf(NO_SESSION, '/a', { floor: zxid(4) }));
    for (let i = 0; it.closed.length === 0 && i < 1000; i++) {
      it.ask(FRONTEND_A, readOf(NO_SESSION, '/a', { floor: zxid(4) }));
    }
    expect(it.closed).toMatchObject([{ link: FRONTEND_A, end: { cause: 'refused' } }]);
    expect(it.closed[0]?.end.reason).toContain('wait for this front-end');
    it.ask(FRONTEND_A, readOf(NO_SESSION, '/a'));
    expect(it.core.status()).toMatchObject({ parkedReads: 1, frontends: 1 });
    it.told(FRONTEND_A);
    it.create('/b');
    expect(only(it.told(FRONTEND_B), 'readReply')).toHaveLength(1);
    expect(it.told(FRONTEND_A)).toEqual([]);
  });

  test('watches of attaches that wait count too, and no longer once they are attached', () => {
    const it = world();
    it.disconnect(FRONTEND_A);
    const watches = Array.from({ length: 300 }, (_, i) => ({
      path: path(`/${'w'.repeat(100)}${i}`),
      kind: 'exists' as const,
      from: zxid(3),
    }));
    const attach = attachOf(alice, attachment(FRONTEND_A, 1), { watches, more: true });
    const end = attachOf(alice, attachment(FRONTEND_A, 1));
    // Each half of what may wait: gone before the next one comes.
    for (let round = 0; round < 3; round++) {
      it.connect(FRONTEND_A);
      it.ask(FRONTEND_A, attach);
      it.ask(FRONTEND_A, end);
      expect(it.closed).toEqual([]);
      it.disconnect(FRONTEND_A);
    }
    it.connect(FRONTEND_A);
    it.ask(FRONTEND_A, attach, attach);
    expect(it.closed).toMatchObject([{ link: FRONTEND_A, end: { cause: 'refused' } }]);
    expect(it.core.status()).toMatchObject({ watches: 0, frontends: 1 });
  });

  test('a processor that lets look-ups wait without end is cut', () => {
    const it = world();
    const query: LookUpQuery = { kind: 'znodes', paths: [path(`/${'a'.repeat(2000)}`)] };
    it.step({ kind: 'processorConnected', link: PROCESSOR });
    it.step({ kind: 'processorConnected', link: PROCESSOR + 1 });
    const ask = (link: number, lookUp: number, floor = zxid(4)): void =>
      it.step({ kind: 'processorReceived', link, messages: [{ lookUp, floor, query }] });
    ask(PROCESSOR + 1, 1);
    for (let i = 1; it.closed.length === 0 && i < 100; i++) ask(PROCESSOR, i);
    expect(it.closed).toMatchObject([{ link: PROCESSOR, end: { cause: 'refused' } }]);
    expect(it.core.status()).toMatchObject({ processors: 1, parkedLookUps: 1 });
    // Those that were answered leave room.
    for (let i = 2; i < 200; i++) ask(PROCESSOR + 1, i, ZXID_ZERO);
    expect(it.closed).toHaveLength(2);
    it.step({ kind: 'processorConnected', link: PROCESSOR + 2 });
    for (let i = 1; i < 200; i++) {
      const floor = zxid(3 + i);
      ask(PROCESSOR + 2, i, floor);
      it.create(`/c${i}`);
    }
    expect(it.closed).toHaveLength(2);
  });
});
