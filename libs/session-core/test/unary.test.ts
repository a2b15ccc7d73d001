import { NO_SESSION } from '@paddock/model';
import type { ClientOperation, ProcessorRequest } from '@paddock/model';
import { expect, test } from 'vitest';
import {
  FrontendUnderTest,
  get,
  outcomeOf,
  set,
  SYNC,
  TERM_ONE,
  text,
  zxid,
} from './frontend-under-test.ts';

type Open = Extract<ProcessorRequest, { kind: 'openSession' }>;

function unaryFrontend(own = 1, limits = {}) {
  const front = new FrontendUnderTest({ unarySessions: own, ...limits });
  front.connectDatabase(zxid(1), TERM_ONE);
  front.connectProcessor();
  const opens = front.takeProcessor().filter((it) => it.kind === 'openSession');
  for (const open of opens) openOwn(front, open);
  front.takeDatabase();
  return { front, opens };
}

function openOwn(front: FrontendUnderTest, open: Open): void {
  const { session, attachment, timeoutMs } = open;
  front.database({ kind: 'sessionOpened', session, attachment, zxid: zxid(2), timeoutMs });
}

function call(front: FrontendUnderTest, number: number, operation: ClientOperation): void {
  front.step({ kind: 'unaryReceived', call: number, operation });
}

function opened(open: Open | undefined) {
  if (open === undefined) throw new Error('no own session was opened');
  return { link: 0, session: open.session, secret: new Uint8Array(0), attachment: open.attachment };
}

function answers(front: FrontendUnderTest): string[] {
  return front.unaryAnswers
    .splice(0)
    .map(({ call: number, result }) =>
      result.kind === 'failed' ? `${number}:${result.code}` : `${number}:${result.kind}`,
    );
}

test('H19: unary writes take turns in the own sessions, each with its own numbers', () => {
  const { front, opens } = unaryFrontend(2);
  for (let i = 1; i <= 4; i++) call(front, i, set('/a'));
  const writes = front.takeProcessor().filter((it) => it.kind === 'write');
  expect(writes.map((it) => it.sequence)).toEqual([1, 1, 2, 2]);
  expect(new Set(writes.map((it) => it.session)).size).toBe(2);
  const [a, b] = opens;
  front.database(front.outcome(opened(b), 1, zxid(3)), front.outcome(opened(a), 1, zxid(4)));
  expect(answers(front).sort()).toEqual(['1:deleted', '2:deleted']);
});

test('a path has at most 4096 characters, one that gets a counter 16 less', () => {
  const { front } = unaryFrontend();
  const data = text('x');
  const long = `/${'p'.repeat(4095)}`;
  const sequential = 'persistentSequential' as const;
  call(front, 1, { kind: 'create', path: long, data, mode: 'persistent', ttlMs: 0 });
  call(front, 2, { kind: 'create', path: long.slice(16), data, mode: sequential, ttlMs: 0 });
  expect(answers(front)).toEqual(['2:badArguments']);
  call(front, 3, {
    kind: 'create',
    path: `/${'p'.repeat(4079)}`,
    data,
    mode: sequential,
    ttlMs: 0,
  });
  call(front, 4, set(`${long}p`));
  call(front, 5, get(`${long}p`));
  const reason = 'the path has 4097 characters; a path has at most 4096';
  const failed = { kind: 'failed', code: 'badArguments', reason };
  expect(front.unaryAnswers.map(({ call: number, result }) => [number, result])).toEqual([
    [4, failed],
    [5, failed],
  ]);
});

test('H19: a refusal concerns its own call only', () => {
  const { front } = unaryFrontend();
  const data = text('x');
  call(front, 1, { kind: 'create', path: '/e', data, mode: 'ephemeral', ttlMs: 0 });
  call(front, 2, { kind: 'closeSession' });
  call(front, 3, set('nonsense'));
  call(front, 4, get('/a', { watch: true }));
  call(front, 5, { kind: 'unknown' });
  call(front, 6, get('b'));
  expect(answers(front)).toEqual([
    '1:badArguments',
    '2:badArguments',
    '3:badArguments',
    '4:badArguments',
    '5:unimplemented',
    '6:badArguments',
  ]);
  expect(front.takeProcessor()).toEqual([]);
});

test('H19: unary reads belong to no session and are asked again on a new stream', () => {
  const { front } = unaryFrontend();
  call(front, 1, get('/a', { atLeast: zxid(7) }));
  const read = { kind: 'read', session: NO_SESSION, afterSequence: 0, floor: zxid(7) };
  expect(front.takeDatabase()).toMatchObject([read]);
  front.loseDatabase();
  front.connectDatabase(zxid(7));
  expect(front.takeDatabase().filter((it) => it.kind === 'read')).toMatchObject([read]);
  front.database(front.data(1, zxid(8)));
  expect(answers(front)).toEqual(['1:data']);
});

test('unary reads wait for room for their answers; whose caller is gone meanwhile is never asked', () => {
  const { front } = unaryFrontend();
  const reads = (): number =>
    front.takeDatabase().filter((it) => it.kind === 'read' && it.session === NO_SESSION).length;
  for (let i = 1; i <= 100; i++) call(front, i, get('/a'));
  const first = reads();
  expect(first).toBeGreaterThan(5);
  expect(first).toBeLessThan(20);
  for (let i = first + 1; i <= 90; i++) front.step({ kind: 'unaryCancelled', call: i });
  let asked = first;
  for (let read = 1; read <= asked; read++) {
    front.database(front.data(read, zxid(2)));
    asked += reads();
  }
  expect(asked).toBe(first + 10);
  expect(answers(front)).toHaveLength(first + 10);
});

test('unary reads that wait are asked on a new stream like the others', () => {
  const { front } = unaryFrontend();
  for (let i = 1; i <= 30; i++) call(front, i, get('/a'));
  front.loseDatabase();
  front.connectDatabase();
  front.takeDatabase();
  for (let read = 1; read <= 30; read++) front.database(front.data(read, zxid(2)));
  expect(answers(front)).toEqual(Array.from({ length: 30 }, (_, i) => `${i + 1}:data`));
});

test('H13: a unary sync is answered at its floor', () => {
  const { front } = unaryFrontend();
  call(front, 1, SYNC);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(5) });
  expect(answers(front)).toEqual([]);
  front.database({ kind: 'applied', zxid: zxid(5) });
  expect(answers(front)).toEqual(['1:synced']);
});

test('H19 a: the death of a processor is invisible to a unary write', () => {
  const { front, opens } = unaryFrontend();
  call(front, 1, set('/a'));
  front.takeProcessor();
  front.loseProcessor();
  front.connectProcessor();
  expect(front.takeWrites()).toEqual([1]);
  front.database(front.outcome(opened(opens[0]), 1, zxid(3)));
  expect(answers(front)).toEqual(['1:deleted']);
});

test('H19: outcomes of own sessions are acknowledged with the writes that follow', () => {
  const { front, opens } = unaryFrontend();
  call(front, 1, set('/a'));
  front.database(front.outcome(opened(opens[0]), 1, zxid(3)));
  front.takeProcessor();
  call(front, 2, set('/a'));
  expect(front.takeProcessor()).toMatchObject([{ kind: 'write', sequence: 2, ackedThrough: 1 }]);
});

test('H19: what the tombstone of an own session shows never ran runs in another one', () => {
  const { front, opens } = unaryFrontend();
  for (let i = 1; i <= 3; i++) call(front, i, set('/a'));
  front.takeProcessor();
  const own = opened(opens[0]);
  front.database({
    kind: 'sessionEnded',
    session: own.session,
    attachment: own.attachment,
    zxid: zxid(9),
    end: 'expired',
    outcomes: [outcomeOf(1, zxid(5))],
  });
  expect(answers(front)).toEqual(['1:deleted']);
  const [reopened] = front.takeProcessor();
  if (reopened?.kind !== 'openSession') throw new Error('no own session was opened');
  expect(reopened.session).not.toBe(own.session);
  openOwn(front, reopened);
  expect(front.takeWrites()).toEqual([1, 2]);
  front.database(front.outcome(opened(reopened), 1, zxid(10)));
  expect(answers(front)).toEqual(['2:deleted']);
});

test('H19: what an own session without a tombstone had may have run, and does not run again', () => {
  const { front, opens } = unaryFrontend();
  call(front, 1, set('/a'));
  front.loseDatabase();
  front.connectDatabase(zxid(90));
  front.takeProcessor();
  const verdict = { kind: 'unknown' } as const;
  front.database(front.attachAnswer(opened(opens[0]), zxid(90), { verdict }));
  expect(answers(front)).toEqual(['1:connectionLoss']);
  expect(front.takeProcessor()).toMatchObject([{ kind: 'openSession' }]);
});

test('a caller that is gone gets no answer, also when its number comes again', () => {
  const { front, opens } = unaryFrontend();
  call(front, 1, set('/a'));
  front.step({ kind: 'unaryCancelled', call: 1 });
  call(front, 1, set('/b'));
  const own = opened(opens[0]);
  front.database(front.outcome(own, 1, zxid(3)));
  expect(answers(front)).toEqual([]);
  front.database(front.outcome(own, 2, zxid(4)));
  expect(answers(front)).toEqual(['1:deleted']);
});

test('calls that nobody can take in time are told so', () => {
  const front = new FrontendUnderTest({ unarySessions: 1 }, { floorWaitMs: 1000 });
  front.connectDatabase(zxid(1), null);
  call(front, 1, set('/a'));
  call(front, 2, SYNC);
  call(front, 3, get('/a'));
  front.elapse(1500);
  expect(answers(front)).toEqual(['1:notServing', '2:operationTimeout', '3:operationTimeout']);
  front.loseDatabase();
  front.elapse(4000);
  call(front, 4, get('/a'));
  expect(answers(front)).toEqual(['4:notServing']);
});

test('H19: more calls than the bound are throttled', () => {
  const { front } = unaryFrontend(1, { outstandingPerSession: 2 });
  for (let i = 1; i <= 5; i++) call(front, i, set('/a'));
  expect(answers(front)).toEqual(['5:throttled']);
  expect(front.takeWrites()).toEqual([1, 2]);
});
