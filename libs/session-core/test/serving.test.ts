import { makeSessionId, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, DatabaseReply } from '@paddock/model';
import { expect, test } from 'vitest';
import { FrontendUnderTest, get, set, SYNC, TERM_ONE, zxid } from './frontend-under-test.ts';

const STALE: DatabaseReply = { kind: 'serving', serving: false, reason: 'no leader is heard' };
const FRESH: DatabaseReply = { kind: 'serving', serving: true, reason: '' };

function call(front: FrontendUnderTest, number: number, operation: ClientOperation): void {
  front.step({ kind: 'unaryReceived', call: number, operation });
}

function answers(front: FrontendUnderTest): string[] {
  return front.unaryAnswers
    .splice(0)
    .map(({ call: number, result }) =>
      result.kind === 'failed' ? `${number}:${result.code}:${result.reason}` : `${number}`,
    );
}

function resume(front: FrontendUnderTest): number {
  const link = front.connectClient();
  front.client(link, {
    kind: 'resume',
    session: makeSessionId(5),
    secret: new Uint8Array(16),
    attempt: 2,
    ackedThrough: 0,
    floor: zxid(2),
    watches: [],
  });
  return link;
}

const ELSEWHERE = { kind: 'ended', cause: 'resumeElsewhere', reason: 'no leader is heard' };

test('P3: when the database stops serving, all sessions are sent elsewhere, with its reason', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const opening = front.connectClient();
  front.client(opening, { kind: 'open', timeoutMs: 9000 });
  const resuming = resume(front);
  front.operations(a.link, 1, [get('/a'), set('/a'), get('/b')]);
  // What was answered before is told first.
  front.database(front.data(1, zxid(3)), STALE);
  expect(front.takeResults(a.link)).toEqual(['data@3', 'ended']);
  for (const link of [opening, resuming]) expect(front.takeClient(link)).toMatchObject([ELSEWHERE]);
  expect(front.closed.slice().sort()).toEqual([a.link, opening, resuming].sort());
  expect(front.core.status()).toMatchObject({
    serving: false,
    refusal: 'no leader is heard',
    missing: ['database'],
    sessions: 0,
  });
  front.elapse(5000);
  expect(front.takeProcessor().filter((it) => it.kind === 'touch')).toEqual([]);
});

test('P3: meanwhile no session is taken, whoever asks, and when it serves again all are', () => {
  const front = new FrontendUnderTest().start();
  const silent = front.connectClient();
  front.database(STALE);
  expect(front.takeClient(silent)).toEqual([]);
  front.client(silent, { kind: 'open', timeoutMs: 9000 });
  expect(front.takeClient(silent)).toMatchObject([ELSEWHERE]);
  expect(front.takeClient(resume(front))).toMatchObject([ELSEWHERE]);
  expect(front.takeProcessor()).toEqual([]);
  front.database(FRESH);
  expect(front.core.status()).toMatchObject({ serving: true, refusal: '' });
  const a = front.open();
  front.operations(a.link, 1, [get('/a')]);
  expect(front.takeDatabase()).toMatchObject([{ kind: 'read' }]);
  expect(front.events.map((it) => it.message)).toContain('the database serves again');
});

test('P3: calls and watches without a session are told so, and new ones too', () => {
  const front = new FrontendUnderTest().start();
  call(front, 1, get('/a'));
  call(front, 2, SYNC);
  call(front, 3, get('/a', { consistency: { kind: 'linearizable' } }));
  front.step({ kind: 'watchOpened', watch: 7, path: '/a', from: ZXID_ZERO });
  front.database(STALE);
  call(front, 4, get('/a'));
  front.step({ kind: 'watchOpened', watch: 8, path: '/a', from: ZXID_ZERO });
  expect(answers(front)).toEqual(
    [1, 2, 3, 4].map((number) => `${number}:notServing:no leader is heard`),
  );
  expect(front.watchReplies).toEqual(
    [7, 8].map((watch) => ({
      kind: 'ended',
      watch,
      code: 'notServing',
      reason: 'no leader is heard',
    })),
  );
  front.takeDatabase();
  front.database(FRESH);
  call(front, 5, get('/a'));
  expect(front.takeDatabase()).toMatchObject([{ kind: 'read', session: NO_SESSION }]);
});

test('H13: a call that accepts it is asked of a database without a leader, and its answer says so', () => {
  const front = new FrontendUnderTest().start();
  const waiting = { ...get('/w'), acceptsReadOnly: true } as ClientOperation;
  const accepting = { ...get('/a'), acceptsReadOnly: true } as ClientOperation;
  call(front, 1, waiting);
  expect(front.takeDatabase()).toMatchObject([
    { operation: { path: '/w' }, acceptsReadOnly: true },
  ]);
  front.database(STALE);
  call(front, 2, accepting);
  call(front, 3, {
    ...get('/b'),
    acceptsReadOnly: true,
    consistency: { kind: 'linearizable' },
  } as never);
  call(front, 4, set('/a'));
  // Those before were asked of it already.
  expect(front.takeDatabase()).toMatchObject([
    { operation: { path: '/a' }, acceptsReadOnly: true },
  ]);
  const [first, second] = [front.data(1, zxid(3)), front.data(2, zxid(3))];
  front.database({ ...first, readOnly: true } as DatabaseReply);
  front.database({ ...second, readOnly: true } as DatabaseReply);
  expect(front.unaryAnswers.map((it) => [it.call, it.readOnly])).toEqual([
    [3, undefined],
    [4, undefined],
    [1, true],
    [2, true],
  ]);
  expect(answers(front).slice(0, 2)).toEqual([
    '3:notServing:no leader is heard',
    '4:notServing:no leader is heard',
  ]);
  front.loseDatabase();
  call(front, 5, accepting);
  expect(answers(front)).toEqual(['5:notServing:no leader is heard']);
  front.connectDatabase(zxid(3));
  front.takeDatabase();
  call(front, 6, accepting);
  front.database(front.data(1, zxid(3)));
  expect(front.unaryAnswers).toMatchObject([{ call: 6 }]);
  expect(front.unaryAnswers[0]).not.toHaveProperty('readOnly');
});

test('H19: a unary write that may run is answered if the replica comes back, and as unknown if not', () => {
  const front = new FrontendUnderTest({ unarySessions: 1 }, { floorWaitMs: 3000 });
  front.connectDatabase(zxid(1), TERM_ONE);
  front.connectProcessor();
  const open = front.takeProcessor().find((it) => it.kind === 'openSession');
  if (open?.kind !== 'openSession') throw new Error('no own session was opened');
  const own = { link: 0, secret: new Uint8Array(0), ...open };
  const { session, attachment, timeoutMs } = open;
  front.database({ kind: 'sessionOpened', session, attachment, zxid: zxid(2), timeoutMs });
  call(front, 1, set('/a'));
  expect(front.takeWrites()).toEqual([1]);
  front.database(STALE);
  front.elapse(2000);
  expect(answers(front)).toEqual([]);
  front.database(FRESH, front.outcome(own, 1, zxid(3)));
  expect(answers(front)).toEqual(['1']);
  call(front, 2, set('/a'));
  expect(front.takeWrites()).toEqual([2]);
  front.database(STALE);
  front.elapse(3500);
  const [unknown] = answers(front);
  expect(unknown).toContain('2:connectionLoss');
  expect(unknown).toContain('unknown');
});

test('H25: a stream that ends while its database does not serve leaves it so until one opens', () => {
  const front = new FrontendUnderTest().start();
  front.database(STALE);
  front.loseDatabase();
  const late = front.connectClient();
  front.client(late, { kind: 'open', timeoutMs: 9000 });
  expect(front.takeClient(late)).toMatchObject([ELSEWHERE]);
  // One that says nothing of it serves.
  front.connectDatabase(zxid(3));
  front.open();
  front.database(STALE);
  front.loseDatabase();
  // Right behind the opening it says so where it still does not.
  front.connectDatabase(zxid(3), TERM_ONE, STALE);
  expect(front.core.status()).toMatchObject({ serving: false });
  front.database(FRESH);
  expect(front.core.status()).toMatchObject({ serving: true });
  front.open();
});

test('H25: a database that has come back and is not fresh yet costs nobody the session: reads wait for it', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(2), 9000);
  front.operations(a.link, 1, [get('/a'), set('/a')]);
  call(front, 1, get('/b'));
  front.loseDatabase();
  front.elapse(1000);
  front.connectDatabase(zxid(3), TERM_ONE, STALE, { kind: 'termHeld', held: true });
  front.takeDatabase();
  front.database(front.attachAnswer(a, zxid(3)));
  call(front, 2, get('/c'));
  const late = front.connectClient();
  front.client(late, { kind: 'open', timeoutMs: 9000 });
  front.elapse(1500);
  expect(front.core.status()).toMatchObject({ serving: true, missing: ['database'] });
  expect(front.takeDatabase().filter((it) => it.kind === 'read')).toEqual([]);
  expect(front.takeClient(a.link)).toEqual([]);
  expect(front.takeClient(late)).toEqual([]);
  front.database(FRESH);
  const reads = front
    .takeDatabase()
    .flatMap((it) => (it.kind === 'read' ? [it.operation.path] : []));
  expect(reads.slice().sort()).toEqual(['/a', '/b', '/c']);
  front.database(...reads.map((_, i) => front.data(i + 1, zxid(3))));
  expect(front.takeResults(a.link)).toEqual(['data@3']);
  expect(answers(front)).toEqual(['1', '2']);
});

test('H25: it is waited for no longer than one that does not come back', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(2), 9000);
  front.loseDatabase();
  front.elapse(2000);
  front.connectDatabase(zxid(3), TERM_ONE, STALE);
  front.elapse(1000);
  expect(front.takeClient(a.link)).toEqual([]);
  front.elapse(500);
  expect(front.takeClient(a.link)).toMatchObject([ELSEWHERE]);
  front.elapse(500);
  expect(front.core.status()).toMatchObject({ serving: false, refusal: 'no leader is heard' });
});

test('P3: it is not waited for where it served on this stream, or stopped on the one before', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.loseDatabase();
  front.connectDatabase(zxid(3));
  front.database({ kind: 'applied', zxid: zxid(3) });
  front.database(STALE);
  expect(front.takeClient(a.link)).toMatchObject([ELSEWHERE]);
  front.loseDatabase();
  front.connectDatabase(zxid(3), TERM_ONE, STALE);
  const late = front.connectClient();
  front.client(late, { kind: 'open', timeoutMs: 9000 });
  expect(front.takeClient(late)).toMatchObject([ELSEWHERE]);
});

test('the newest reason is the one that is told', () => {
  const front = new FrontendUnderTest().start();
  front.database(STALE, { kind: 'serving', serving: false, reason: 'found wrong' });
  const late = front.connectClient();
  front.client(late, { kind: 'open', timeoutMs: 9000 });
  expect(front.takeClient(late)).toMatchObject([
    { cause: 'resumeElsewhere', reason: 'found wrong' },
  ]);
});
