import { DEFAULT_TIMING, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { DatabaseReply, DatabaseRequest, Timing } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  BROADCASTER,
  DatabaseWorld,
  FRONTEND_A,
  kinds,
  NEVER_STALE,
  only,
  PROCESSOR,
  readOf,
  session,
  setting,
  zxid,
} from './database-world.ts';

const { staleReadsMs, floorWaitMs, tickMs } = DEFAULT_TIMING;
const alice = session(1);
const bob = session(2);

/** With two sessions and /a, applied up to 1.3; its broadcaster answers no probe by itself. */
function world(timing: Partial<Timing> = {}): DatabaseWorld {
  const it = new DatabaseWorld({}, timing).start();
  it.connect(FRONTEND_A);
  it.open(alice, attachment(FRONTEND_A, 1));
  it.open(bob, attachment(FRONTEND_A, 2));
  it.create('/a');
  it.told(FRONTEND_A);
  it.answersProbes = false;
  return it;
}

/** What reads were answered, in order. */
function answers(replies: readonly DatabaseReply[]): string[] {
  return only(replies, 'readReply').map(({ read, result }) =>
    result.kind === 'failed' ? `${read} ${result.code}` : `${read} ${result.kind}`,
  );
}

function newestProbe(it: DatabaseWorld): number {
  const probe = it.probes.at(-1);
  if (probe === undefined) throw new Error('no probe was sent');
  return probe;
}

describe('local reads', () => {
  test('H13 f: a replica that was stopped for too long says so before it answers what has queued', () => {
    const it = world();
    it.step({ kind: 'tick' });
    const probe = newestProbe(it);
    it.nowMs = staleReadsMs + 1;
    it.ask(FRONTEND_A, readOf(alice, '/a'), readOf(NO_SESSION, '/a'));
    const told = it.told(FRONTEND_A);
    expect(told[0]).toMatchObject({ kind: 'serving', serving: false });
    expect(answers(told)).toEqual(['1 notServing', '2 notServing']);
    // What has lain in the socket all the time is as old as the probe that it answers.
    it.answerProbe(probe);
    it.ask(FRONTEND_A, readOf(alice, '/a'));
    expect(answers(it.told(FRONTEND_A))).toEqual(['3 notServing']);
    it.step({ kind: 'tick' });
    it.answerProbe(newestProbe(it));
    it.ask(FRONTEND_A, readOf(alice, '/a'));
    const fresh = it.told(FRONTEND_A);
    expect(fresh[0]).toEqual({ kind: 'serving', serving: true, reason: '' });
    expect(answers(fresh)).toEqual(['4 data']);
  });

  test('H13: a replica that has lost the leader answers those that accept it, and says so', () => {
    const it = world();
    it.nowMs = staleReadsMs + 1;
    const accepting = { ...readOf(NO_SESSION, '/a'), acceptsReadOnly: true } as DatabaseRequest;
    it.ask(FRONTEND_A, accepting, readOf(NO_SESSION, '/a'));
    it.ask(FRONTEND_A, { ...accepting, floor: zxid(99) } as DatabaseRequest);
    const stale = it.told(FRONTEND_A);
    expect(answers(stale)).toEqual(['1 data', '2 notServing']);
    expect(only(stale, 'readReply').map((reply) => reply.readOnly)).toEqual([true, undefined]);
    // Never back behind what it was told to be at least at (P3).
    it.nowMs += floorWaitMs;
    it.step({ kind: 'tick' });
    expect(answers(it.told(FRONTEND_A))).toEqual(['3 operationTimeout']);
    it.answerProbe(newestProbe(it));
    it.ask(FRONTEND_A, accepting);
    const fresh = only(it.told(FRONTEND_A), 'readReply');
    expect(fresh).toMatchObject([{ result: { kind: 'data' } }]);
    expect(fresh[0]).not.toHaveProperty('readOnly');
  });

  test('H13: one that has just started, or was found wrong, answers nobody, whatever they accept', () => {
    const it = new DatabaseWorld();
    it.answersProbes = false;
    it.start();
    it.connect(FRONTEND_A);
    it.create('/a');
    const accepting = { ...readOf(NO_SESSION, '/a'), acceptsReadOnly: true } as DatabaseRequest;
    it.ask(FRONTEND_A, accepting);
    expect(answers(it.told(FRONTEND_A))).toEqual(['1 notServing']);
  });

  test('H13 f: are answered for as long as the newest confirmed probe was sent recently enough', () => {
    const it = world();
    for (; it.nowMs <= 2000; it.nowMs += tickMs) it.step({ kind: 'tick' });
    // Sent at 2000, answered at 2500.
    it.answerProbe(newestProbe(it));
    it.nowMs = 2000 + staleReadsMs;
    it.ask(FRONTEND_A, readOf(alice, '/a'));
    expect(answers(it.told(FRONTEND_A))).toEqual(['1 data']);
    expect(it.core.status()).toMatchObject({ freshAgoMs: staleReadsMs, isServing: true });
    it.nowMs += 1;
    it.ask(FRONTEND_A, readOf(alice, '/a'));
    expect(kinds(it.told(FRONTEND_A))).toEqual(['serving', 'readReply', 'readsAccepted']);
    expect(it.core.status()).toMatchObject({ isServing: false });
  });

  test('H13 f: a tick finds out without a read', () => {
    const it = world();
    it.nowMs = staleReadsMs + 1;
    it.step({ kind: 'tick' });
    expect(it.told(FRONTEND_A)).toMatchObject([{ kind: 'serving', serving: false }]);
  });

  test('H13 d: a restarted replica serves nothing before what was committed then is applied', () => {
    const it = new DatabaseWorld();
    it.answersProbes = false;
    it.start();
    it.connect(FRONTEND_A);
    expect(it.told(FRONTEND_A)).toMatchObject([
      { kind: 'streamOpened' },
      { kind: 'serving', serving: false },
    ]);
    const first = it.create('/a');
    it.answerProbe(newestProbe(it), zxid(2));
    it.ask(FRONTEND_A, readOf(NO_SESSION, '/a'));
    const told = it.told(FRONTEND_A);
    expect(kinds(told)).not.toContain('serving');
    expect(answers(told)).toEqual(['1 notServing']);
    expect(it.core.status()).toMatchObject({ applied: first, freshAgoMs: Infinity });
    it.create('/b');
    it.ask(FRONTEND_A, readOf(NO_SESSION, '/b'));
    const fresh = it.told(FRONTEND_A);
    expect(kinds(fresh)).toEqual(['serving', 'applied', 'readReply', 'readsAccepted']);
    expect(answers(fresh)).toEqual(['2 data']);
    it.connect(3);
    expect(kinds(it.told(3))).toEqual(['streamOpened']);
  });

  test('H13: a replica that always lags a little is fresh as of the floors that it has reached', () => {
    const it = world();
    it.nowMs = 1000;
    it.step({ kind: 'tick' });
    const first = newestProbe(it);
    it.answerProbe(first, zxid(4));
    it.nowMs = 2000;
    it.step({ kind: 'tick' });
    it.answerProbe(newestProbe(it), zxid(5));
    it.create('/b');
    expect(it.core.status()).toMatchObject({ freshAgoMs: 1000 });
    it.create('/c');
    expect(it.core.status()).toMatchObject({ freshAgoMs: 0 });
  });

  test('H13: an answer on an older link, or to no probe of this one, says nothing', () => {
    const it = world();
    it.nowMs = 1000;
    it.step({ kind: 'tick' });
    it.step({ kind: 'tick' });
    it.step({ kind: 'broadcasterEnded', link: BROADCASTER, end: { cause: 'lost', reason: '' } });
    it.step({ kind: 'broadcasterConnected', link: 21 });
    const before = it.core.status().freshAgoMs;
    it.answerProbe(3);
    const messages = [{ kind: 'probed', probe: 3, floor: ZXID_ZERO }] as const;
    it.step({ kind: 'broadcasterReceived', link: 21, messages });
    expect(it.core.status().freshAgoMs).toBe(before);
    expect(newestProbe(it)).toBe(1);
  });

  test('look-ups of the processor do not ask how fresh the replica is', () => {
    const it = world();
    it.nowMs = 10 * staleReadsMs;
    it.step({ kind: 'processorConnected', link: PROCESSOR });
    const query = { kind: 'termStart' } as const;
    it.step({
      kind: 'processorReceived',
      link: PROCESSOR,
      messages: [{ lookUp: 1, floor: ZXID_ZERO, query }],
    });
    expect(kinds(it.lookUps.filter((reply) => reply.kind === 'answer'))).toEqual(['answer']);
  });
});

describe('reads of bounded staleness', () => {
  const within = (id: typeof alice, stalenessMs: number, name = '/a') =>
    readOf(id, name, { stalenessMs });

  test('H13 f: the age is that of the probe that was sent, not of the answer that came', () => {
    const it = world();
    it.nowMs = 1000;
    it.step({ kind: 'tick' });
    const probe = newestProbe(it);
    it.nowMs = 4000;
    it.ask(FRONTEND_A, within(alice, 100), within(NO_SESSION, 100));
    // The probe is under way: it may be enough.
    expect(newestProbe(it)).toBe(probe);
    it.answerProbe(probe);
    expect(kinds(it.told(FRONTEND_A))).toEqual(['readsAccepted']);
    // It was not, so that the next is sent at once.
    expect(newestProbe(it)).toBe(probe + 1);
    it.nowMs = 4100;
    it.answerProbe(probe + 1);
    expect(answers(it.told(FRONTEND_A))).toEqual(['1 data', '2 data']);
  });

  test('are answered at once where the replica is as fresh as that', () => {
    const it = world();
    it.nowMs = 300;
    it.ask(FRONTEND_A, within(alice, 300), within(alice, 299), readOf(bob, '/a'));
    expect(answers(it.told(FRONTEND_A))).toEqual(['1 data', '3 data']);
  });

  test('H14: a read that waits to be fresh parks the later ones of its session alone', () => {
    const it = world();
    it.nowMs = 300;
    it.ask(FRONTEND_A, within(alice, 10), readOf(alice, '/a'), readOf(bob, '/a'));
    expect(answers(it.told(FRONTEND_A))).toEqual(['3 data']);
    expect(it.core.status().parkedReads).toBe(2);
    it.answerProbe(newestProbe(it));
    expect(answers(it.told(FRONTEND_A))).toEqual(['1 data', '2 data']);
    expect(it.core.status().parkedReads).toBe(0);
  });

  test('wait for their write and their floor first, and for their freshness then', () => {
    const it = world();
    it.nowMs = 300;
    it.ask(
      FRONTEND_A,
      readOf(alice, '/a', { after: 1, floor: zxid(5), stalenessMs: 10 }),
      readOf(NO_SESSION, '/a', { floor: zxid(5), stalenessMs: 10 }),
    );
    expect(it.probes).toEqual([]);
    it.apply(setting('/a', 1), { session: alice, sequence: 1 });
    it.create('/b');
    it.step({ kind: 'tick' });
    expect(answers(it.told(FRONTEND_A))).toEqual([]);
    it.answerProbe(newestProbe(it));
    expect(answers(it.told(FRONTEND_A)).sort()).toEqual(['1 data', '2 data']);
  });

  test('of a bound that no answer can keep show what was committed as they came, and no more is asked', () => {
    const it = world();
    it.nowMs = 1000;
    it.step({ kind: 'tick' });
    const probe = newestProbe(it);
    it.nowMs = 1001;
    it.ask(FRONTEND_A, within(alice, 0), within(NO_SESSION, 0));
    it.nowMs = 1040;
    it.answerProbe(probe);
    // That one was sent before they came; the next is on its way for as long as the last.
    expect(answers(it.told(FRONTEND_A))).toEqual([]);
    it.nowMs = 1080;
    it.answerProbe(probe + 1);
    expect(answers(it.told(FRONTEND_A))).toEqual(['1 data', '2 data']);
    expect(newestProbe(it)).toBe(probe + 1);
  });

  test('are asked for once while the replica lags behind what is committed', () => {
    const it = world();
    it.nowMs = 300;
    it.ask(FRONTEND_A, within(alice, 10));
    it.nowMs = 301;
    const probe = newestProbe(it);
    it.answerProbe(probe, zxid(6));
    it.create('/b');
    it.create('/c');
    expect(newestProbe(it)).toBe(probe);
    expect(answers(it.told(FRONTEND_A))).toEqual([]);
    it.create('/d');
    expect(answers(it.told(FRONTEND_A))).toEqual(['1 data']);
    expect(newestProbe(it)).toBe(probe);
  });

  test('H14: what is not confirmed in time is a typed error, and the session goes on', () => {
    const it = world(NEVER_STALE);
    it.nowMs = 300;
    it.ask(FRONTEND_A, within(alice, 10), within(NO_SESSION, 10), readOf(alice, '/a'));
    it.told(FRONTEND_A);
    for (; it.nowMs < 300 + floorWaitMs; it.nowMs += tickMs) it.step({ kind: 'tick' });
    expect(it.told(FRONTEND_A).filter(({ kind }) => kind === 'readReply')).toEqual([]);
    it.step({ kind: 'tick' });
    expect(answers(it.told(FRONTEND_A))).toEqual([
      '1 operationTimeout',
      '3 data',
      '2 operationTimeout',
    ]);
  });

  test('are forgotten with their session and their stream', () => {
    const it = world();
    it.nowMs = 300;
    it.ask(FRONTEND_A, within(alice, 10), within(NO_SESSION, 10));
    it.ask(FRONTEND_A, {
      kind: 'detach',
      session: alice,
      attachment: attachment(FRONTEND_A, 1),
    });
    it.disconnect(FRONTEND_A);
    it.connect(FRONTEND_A);
    it.told(FRONTEND_A);
    it.answerProbe(newestProbe(it));
    expect(it.told(FRONTEND_A)).toEqual([]);
    expect(it.core.status().parkedReads).toBe(0);
  });

  test('are refused, and wait no longer, once only a snapshot helps', () => {
    const it = world();
    it.nowMs = 300;
    it.ask(FRONTEND_A, within(alice, 10), within(NO_SESSION, 10));
    it.told(FRONTEND_A);
    it.say({ kind: 'snapshotNeeded', atLeast: zxid(9), databaseAddress: '' });
    expect(answers(it.told(FRONTEND_A))).toEqual(['1 notServing', '2 notServing']);
  });
});
