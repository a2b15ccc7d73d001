import { NO_SESSION } from '@paddock/model';
import type { DatabaseReply } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  DatabaseWorld,
  FRONTEND_A,
  FRONTEND_B,
  only,
  readOf,
  session,
  setting,
} from './database-world.ts';

const alice = session(1);
const bob = session(2);
const BYTES = 1000;
/** Four answers and a bit. */
const limits = { queueBytes: 4 * BYTES, slowReaderBytes: 16 * BYTES };

function world(): DatabaseWorld {
  const it = new DatabaseWorld(limits).start();
  it.connect(FRONTEND_A);
  it.connect(FRONTEND_B);
  it.open(alice, attachment(FRONTEND_A, 1));
  it.open(bob, attachment(FRONTEND_B, 1));
  it.create('/a');
  it.apply(setting('/a', 1, new Uint8Array(BYTES)));
  it.told(FRONTEND_A);
  it.told(FRONTEND_B);
  return it;
}

function reads(replies: readonly DatabaseReply[]): number[] {
  return only(replies, 'readReply').map(({ read }) => read);
}

describe('large answers', () => {
  test('hold the requests behind them, which go on in order when they have left', () => {
    const it = world();
    it.ask(FRONTEND_A, ...Array.from({ length: 10 }, () => readOf(alice, '/a')));
    it.ask(FRONTEND_A, readOf(alice, '/a', { kind: 'exists' }));
    const first = it.told(FRONTEND_A);
    expect(reads(first)).toEqual([1, 2, 3, 4]);
    // Those that were not accepted may not be overtaken by a write of their session (H14).
    expect(only(first, 'readsAccepted')).toEqual([{ kind: 'readsAccepted', reads: 4 }]);
    it.ask(FRONTEND_B, readOf(bob, '/a'));
    expect(reads(it.told(FRONTEND_B))).toEqual([1]);
    it.step({ kind: 'frontendResumed', link: FRONTEND_A });
    expect(reads(it.told(FRONTEND_A))).toEqual([5, 6, 7, 8]);
    it.step({ kind: 'frontendResumed', link: FRONTEND_A });
    const last = it.told(FRONTEND_A);
    expect(reads(last)).toEqual([9, 10, 11]);
    expect(only(last, 'readsAccepted')).toEqual([{ kind: 'readsAccepted', reads: 11 }]);
    it.ask(FRONTEND_A, readOf(NO_SESSION, '/a'));
    expect(reads(it.told(FRONTEND_A))).toEqual([12]);
  });

  test('are not made of more names than a list of all may have: it stalls nobody, and sets no watch', () => {
    const it = world();
    it.create('/large');
    const name = 'x'.repeat(1000);
    for (let n = 0; n < 1100; n++) it.create(`/large/${name}${n}`);
    const all = { kind: 'getChildren', watch: true } as const;
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, readOf(alice, '/large', all));
    expect(only(it.told(FRONTEND_A), 'readReply')).toMatchObject([
      { result: { kind: 'failed', code: 'tooLarge' } },
    ]);
    expect(it.core.status().watches).toBe(0);
  });

  test('are refused where they are more than a client is held for and may not wait', () => {
    const it = world();
    const parked = Array.from({ length: 12 }, () => readOf(alice, '/a', { after: 1 }));
    it.ask(FRONTEND_A, ...parked);
    it.apply(setting('/a', 2, new Uint8Array(BYTES)), { session: alice, sequence: 1 });
    const results = only(it.told(FRONTEND_A), 'readReply').map(({ result }) =>
      result.kind === 'failed' ? result.code : result.kind,
    );
    expect(results.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 'data'));
    expect(results.slice(8)).toEqual(Array.from({ length: 4 }, () => 'throttled'));
    expect(it.closed).toEqual([]);
  });

  test('leave nothing behind when their front-end is gone', () => {
    const it = world();
    it.ask(FRONTEND_A, ...Array.from({ length: 10 }, () => readOf(alice, '/a')));
    it.disconnect(FRONTEND_A);
    it.told(FRONTEND_A);
    it.step({ kind: 'frontendResumed', link: FRONTEND_A });
    expect(it.told(FRONTEND_A)).toEqual([]);
  });
});
