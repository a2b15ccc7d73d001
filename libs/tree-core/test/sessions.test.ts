import { describe, expect, test } from 'vitest';
import {
  attachment,
  attachOf,
  closing,
  DatabaseWorld,
  FRONTEND_A,
  FRONTEND_B,
  kinds,
  only,
  readOf,
  session,
  setting,
} from './database-world.ts';

const alice = session(1);

function world(window: { count?: number; bytes?: number } = {}): DatabaseWorld {
  const it = new DatabaseWorld().start();
  it.connect(FRONTEND_A);
  it.open(alice, attachment(FRONTEND_A), window);
  it.create('/a');
  it.told(FRONTEND_A);
  return it;
}

function write(it: DatabaseWorld, sequence: number, ackedThrough = 0): void {
  it.apply(setting('/a', sequence), { session: alice, sequence, ackedThrough });
}

/** Sequences of the outcomes that the table has, as an attach learns them. */
function recorded(it: DatabaseWorld): number[] {
  it.told(FRONTEND_A);
  it.ask(FRONTEND_A, attachOf(alice, attachment(FRONTEND_A)));
  const answers = only(it.told(FRONTEND_A), 'attachAnswer');
  return answers[0]?.outcomes.map((outcome) => outcome.sequence) ?? [];
}

describe('the session table', () => {
  test('an opening is told to the front-end of its attachment and counts as its attach', () => {
    const it = new DatabaseWorld().start();
    it.connect(FRONTEND_A);
    it.connect(FRONTEND_B);
    it.open(alice, attachment(FRONTEND_B));
    expect(kinds(it.told(FRONTEND_A))).toEqual(['streamOpened', 'applied']);
    expect(kinds(it.told(FRONTEND_B))).toEqual(['streamOpened', 'sessionOpened', 'applied']);
    it.create('/a', { session: alice, sequence: 1 });
    expect(kinds(it.told(FRONTEND_B))).toEqual(['outcome', 'applied']);
  });

  test('H3: a resume elsewhere fences the older attachment and names the last sequence', () => {
    const it = world();
    write(it, 1);
    it.connect(FRONTEND_B);
    it.told(FRONTEND_A);
    it.told(FRONTEND_B);
    it.apply({
      kind: 'resumeSession',
      session: alice,
      attachment: attachment(FRONTEND_B, 1, 2),
      ackedThrough: 0,
    });
    expect(it.told(FRONTEND_A)).toMatchObject([
      { kind: 'sessionFenced', attachment: attachment(FRONTEND_A) },
      { kind: 'applied' },
    ]);
    expect(it.told(FRONTEND_B)).toMatchObject([
      { kind: 'sessionResumed', attachment: attachment(FRONTEND_B, 1, 2), lastSequence: 1 },
      { kind: 'applied' },
    ]);
    write(it, 2);
    expect(kinds(it.told(FRONTEND_A))).toEqual(['applied']);
    expect(kinds(it.told(FRONTEND_B))).toEqual(['outcome', 'applied']);
  });

  test('H3: a resume at another replica leaves nothing of the older attachment live here', () => {
    const it = world();
    it.ask(FRONTEND_A, readOf(alice, '/a', { watch: true }), readOf(alice, '/a', { after: 9 }));
    it.told(FRONTEND_A);
    it.apply({
      kind: 'resumeSession',
      session: alice,
      attachment: attachment(FRONTEND_B, 1, 2),
      ackedThrough: 0,
    });
    expect(kinds(it.told(FRONTEND_A))).toEqual(['sessionFenced', 'applied']);
    expect(it.core.status()).toMatchObject({ attachedSessions: 0, watches: 0, parkedReads: 0 });
    write(it, 1);
    expect(kinds(it.told(FRONTEND_A))).toEqual(['applied']);
    it.ask(FRONTEND_A, readOf(alice, '/a'));
    expect(only(it.told(FRONTEND_A), 'readReply')[0]?.result).toMatchObject({
      code: 'sessionMoved',
    });
  });

  test('H3: the same resume once more fences nobody', () => {
    const it = world();
    const change = {
      kind: 'resumeSession',
      session: alice,
      attachment: attachment(FRONTEND_A, 2, 2),
      ackedThrough: 0,
    } as const;
    it.apply(change);
    it.told(FRONTEND_A);
    it.apply(change);
    expect(kinds(it.told(FRONTEND_A))).toEqual(['sessionResumed', 'applied']);
  });

  test('H20: an end leaves the last sequence and the outcomes that were not acknowledged', () => {
    const it = world();
    write(it, 1);
    write(it, 2, 1);
    it.disconnect(FRONTEND_A);
    it.apply(closing(alice));
    it.connect(FRONTEND_A);
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, attachOf(alice, attachment(FRONTEND_A)));
    expect(it.told(FRONTEND_A)).toMatchObject([
      {
        kind: 'attachAnswer',
        verdict: { kind: 'ended', end: 'expired' },
        lastSequence: 2,
        outcomes: [{ sequence: 2 }],
      },
    ]);
    it.apply({ kind: 'dropTombstones', through: it.core.status().applied });
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, attachOf(alice, attachment(FRONTEND_A)));
    expect(it.told(FRONTEND_A)).toMatchObject([{ verdict: { kind: 'unknown' } }]);
    expect(it.core.status().tombstones).toBe(0);
  });

  test('a close by the client has an outcome, then the end', () => {
    const it = world();
    it.apply(
      { kind: 'closeSession', session: alice, end: 'closed', znodes: [] },
      { session: alice, sequence: 1 },
    );
    expect(it.told(FRONTEND_A)).toMatchObject([
      { kind: 'outcome', outcome: { sequence: 1, result: { kind: 'closed' } } },
      { kind: 'sessionEnded', end: 'closed', outcomes: [{ sequence: 1 }] },
      { kind: 'applied' },
    ]);
  });

  test('H21 a: acknowledged outcomes leave first, then the replicated bounds hold', () => {
    const it = world({ count: 3 });
    for (const sequence of [1, 2, 3]) write(it, sequence);
    expect(recorded(it)).toEqual([1, 2, 3]);
    write(it, 4, 2);
    expect(recorded(it)).toEqual([3, 4]);
    write(it, 5);
    write(it, 6);
    expect(recorded(it)).toEqual([4, 5, 6]);
  });

  test('H21 a: the bound in bytes holds too, and the newest outcome stays', () => {
    const it = world({ bytes: 300 });
    for (const sequence of [1, 2, 3]) write(it, sequence);
    expect(recorded(it)).toEqual([2, 3]);
    const tiny = world({ bytes: 1 });
    write(tiny, 1);
    write(tiny, 2);
    expect(recorded(tiny)).toEqual([2]);
  });

  test('H21 c: an outcome says what was done, and never holds the data', () => {
    const it = world({ bytes: 10_000 });
    for (const sequence of [1, 2, 3]) {
      const data = new Uint8Array(500_000).fill(sequence);
      it.apply(setting('/a', sequence, data), { session: alice, sequence });
    }
    expect(recorded(it)).toEqual([1, 2, 3]);
  });

  test('H21 b: idle sessions are trimmed by acknowledgements that ride elsewhere', () => {
    const it = world();
    for (const sequence of [1, 2, 3]) write(it, sequence);
    it.apply({ kind: 'acknowledgeOutcomes', acknowledgements: [{ session: alice, through: 2 }] });
    expect(recorded(it)).toEqual([3]);
  });

  test('H21 a: replicas that apply the same transactions have the same digest of sessions', () => {
    const it = world({ count: 5 });
    for (let sequence = 1; sequence <= 40; sequence++) write(it, sequence, sequence % 7);
    it.create('/e', { session: alice, sequence: 41 }, alice);
    const limits = { windowCount: 1, outstandingPerSession: 1, snapshotTransactions: 1 };
    const other = new DatabaseWorld(limits).start();
    // One by one, so that a snapshot is being taken from the first on.
    for (const entry of it.log) other.deliver(entry);
    expect(other.core.status().isTakingSnapshot).toBe(true);
    expect(other.core.status().sessionsDigest).toBe(it.core.status().sessionsDigest);
    it.apply(closing(alice, ['/e']));
    expect(other.core.status().sessionsDigest).not.toBe(it.core.status().sessionsDigest);
    it.apply({ kind: 'dropTombstones', through: it.core.status().applied });
    expect(it.core.status().sessionsDigest).toBe('0000000000000000');
  });
});
