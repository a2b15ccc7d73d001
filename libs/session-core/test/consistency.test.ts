import { NO_SESSION, PAGE_NAMES_MAX, PAGE_SESSIONS_MAX, trustedSessionId } from '@paddock/model';
import type {
  ClientOperation,
  ClientZnodeRead,
  DatabaseRequest,
  ReadConsistency,
} from '@paddock/model';
import { expect, test } from 'vitest';
import { FrontendUnderTest, get, set, SYNC, TERM_TWO, zxid } from './frontend-under-test.ts';

type Read = Extract<DatabaseRequest, { kind: 'read' }>;

const LINEARIZABLE: ReadConsistency = { kind: 'linearizable' };

function linearizable(path: string, more: Partial<ClientZnodeRead> = {}): ClientOperation {
  return get(path, { consistency: LINEARIZABLE, ...more });
}

function bounded(path: string, ms: number): ClientOperation {
  return get(path, { consistency: { kind: 'boundedStaleness', ms } });
}

function reads(front: FrontendUnderTest): Read[] {
  return front.takeDatabase().filter((it) => it.kind === 'read');
}

function call(front: FrontendUnderTest, number: number, operation: ClientOperation): void {
  front.step({ kind: 'unaryReceived', call: number, operation });
}

function answers(front: FrontendUnderTest): string[] {
  return front.unaryAnswers
    .splice(0)
    .map(({ call: number, result }) =>
      result.kind === 'failed' ? `${number}:${result.code}` : `${number}:${result.kind}`,
    );
}

test('local reads ask no leader, and for no more freshness than every read', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a'), get('/b', { consistency: { kind: 'local' } })]);
  expect(reads(front).map((it) => it.stalenessMs)).toEqual([Infinity, Infinity]);
  expect(front.takeProcessor()).toEqual([]);
});

test('H13 a: a linearizable read is sent with a floor that the leader confirmed after it came', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [linearizable('/a')]);
  expect(reads(front)).toEqual([]);
  expect(front.takeProcessor()).toEqual([{ kind: 'readIndex', request: 1 }]);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(40) });
  expect(reads(front)).toMatchObject([{ floor: zxid(40), stalenessMs: Infinity }]);
  expect(front.takeResults(a.link)).toEqual([]);
  front.database(front.data(1, zxid(40)));
  expect(front.takeResults(a.link)).toEqual(['data@40']);
});

test('H13: a count is as consistent as it asks to be, with and without a session', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const count = { kind: 'countDescendants', path: '/a', atLeast: zxid(30) } as const;
  front.operations(a.link, 1, [{ ...count, consistency: LINEARIZABLE }]);
  call(front, 1, { ...count, consistency: { kind: 'boundedStaleness', ms: 70 } });
  const operation = { kind: 'countDescendants', path: '/a', watch: false };
  expect(reads(front)).toMatchObject([{ floor: zxid(30), stalenessMs: 70, operation }]);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(40) });
  expect(reads(front)).toMatchObject([{ floor: zxid(40), stalenessMs: Infinity, operation }]);
});

test('a page holds a bounded number of names, and begins behind what may be one', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const page = { kind: 'getChildrenPage', path: '/a', watch: true, atLeast: zxid(0) } as const;
  const asked = [
    ['', 0],
    ['b', 3],
    ['b', PAGE_NAMES_MAX + 1],
    ['b/c', 1],
    ['..', 1],
  ] as const;
  front.operations(
    a.link,
    1,
    asked.map(([after, limit]) => ({ ...page, after, limit })),
  );
  expect(reads(front).map((it) => it.operation)).toEqual(
    [
      { after: '', limit: PAGE_NAMES_MAX },
      { after: 'b', limit: 3 },
      { after: 'b', limit: PAGE_NAMES_MAX },
    ].map((it) => ({ kind: 'getChildrenPage', path: '/a', watch: true, ...it })),
  );
  call(front, 1, { ...page, after: '', limit: 1 });
  call(front, 2, { ...page, watch: false, after: 'b/c', limit: 1 });
  expect(answers(front)).toEqual(['1:badArguments', '2:badArguments']);
});

test('ephemerals are those of the session that asks, or of the one that it names', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const own = { kind: 'getEphemerals', path: '/a', atLeast: zxid(0), owner: NO_SESSION } as const;
  const named = { ...own, owner: trustedSessionId(77) };
  front.operations(a.link, 1, [own, named]);
  call(front, 1, own);
  call(front, 2, named);
  expect(reads(front).map((it) => it.operation)).toEqual(
    [a.session, 77, 77].map((owner) => ({
      kind: 'getEphemerals',
      path: '/a',
      watch: false,
      owner,
    })),
  );
  expect(answers(front)).toEqual(['1:badArguments']);
});

test('a list of watches is that of the session which asks; pages are bounded', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const terms = { atLeast: zxid(0), path: '/' } as const;
  const watches = { kind: 'getWatches', ...terms, after: '', limit: 0 } as const;
  const sessions = {
    kind: 'listSessions',
    ...terms,
    afterSession: NO_SESSION,
    limit: 9999,
  } as const;
  front.operations(a.link, 1, [watches, { ...watches, after: 'no path' }, sessions]);
  call(front, 1, watches);
  call(front, 2, sessions);
  const asked = reads(front);
  expect(asked.map((it) => it.session)).toEqual([a.session, a.session, NO_SESSION]);
  expect(asked.map((it) => it.operation)).toMatchObject([
    { kind: 'getWatches', limit: PAGE_NAMES_MAX },
    { kind: 'listSessions', limit: PAGE_SESSIONS_MAX },
    { kind: 'listSessions', limit: PAGE_SESSIONS_MAX },
  ]);
  expect(answers(front)).toEqual(['1:badArguments']);
});

test('H13: all that comes in one step shares one request, what comes later has another', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [linearizable('/a'), SYNC, linearizable('/b')]);
  front.operations(a.link, 1, [linearizable('/c')]);
  expect(front.takeProcessor()).toEqual([
    { kind: 'readIndex', request: 1 },
    { kind: 'readIndex', request: 2 },
  ]);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(9) });
  expect(reads(front).map((it) => it.operation.path)).toEqual(['/a', '/b']);
  front.processor({ kind: 'readIndexFloor', request: 2, floor: zxid(12) });
  expect(reads(front).map((it) => it.floor)).toEqual([zxid(12)]);
});

test('a linearizable read keeps the larger one of the floor confirmed and its atLeast', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [linearizable('/a', { atLeast: zxid(50) })]);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(9) });
  expect(reads(front).map((it) => it.floor)).toEqual([zxid(50)]);
});

test('H14 b: reads behind a linearizable one wait with it, writes until it is parked at its floor', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a'), linearizable('/a'), get('/b'), set('/a')]);
  expect(reads(front)).toEqual([]);
  expect(front.takeWrites()).toEqual([1]);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(9) });
  expect(reads(front).map((it) => it.afterSequence)).toEqual([1, 1]);
  front.database({ kind: 'readsAccepted', reads: 2 }, { kind: 'applied', zxid: zxid(8) });
  expect(front.takeWrites()).toEqual([]);
  front.database({ kind: 'applied', zxid: zxid(9) });
  expect(front.takeWrites()).toEqual([2]);
});

test('H14: a linearizable read that nobody confirms fails in its turn and blocks nobody for good', () => {
  const front = new FrontendUnderTest({}, { floorWaitMs: 1000 }).start();
  const a = front.open();
  front.operations(a.link, 1, [linearizable('/a'), get('/b'), set('/a')]);
  front.elapse(1500);
  expect(reads(front).map((it) => it.operation.path)).toEqual(['/b']);
  front.database({ kind: 'readsAccepted', reads: 1 });
  expect(front.takeWrites()).toEqual([1]);
  front.database(front.data(1, zxid(2)));
  expect(front.takeResults(a.link)).toEqual(['operationTimeout@2', 'data@2']);
  // The floor comes late, for nobody.
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(9) });
  expect(reads(front)).toEqual([]);
});

test('H13: what a new leader has not confirmed it is asked again, and keeps its floor over a new stream', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [linearizable('/a')]);
  front.takeProcessor();
  const term = { term: TERM_TWO, processorAddress: 'processor:2' };
  front.database({ kind: 'termMarker', zxid: zxid(5), term });
  front.connectProcessor();
  expect(front.takeProcessor()).toEqual([{ kind: 'readIndex', request: 1 }]);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(9) });
  expect(reads(front)).toHaveLength(1);
  front.loseDatabase();
  front.connectDatabase(zxid(6), TERM_TWO);
  front.database(front.attachAnswer(a, zxid(6)));
  expect(reads(front)).toMatchObject([{ floor: zxid(9) }]);
});

test('H13 f: a read of bounded staleness carries its bound to the database', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [bounded('/a', 200), bounded('/a', 0), get('/a')]);
  expect(reads(front).map((it) => it.stalenessMs)).toEqual([200, 0, Infinity]);
  expect(front.takeProcessor()).toEqual([]);
});

test('H14: no write is forwarded past a read that may be parked until the replica is fresh', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [bounded('/a', 200), set('/a')]);
  front.database({ kind: 'readsAccepted', reads: 1 }, { kind: 'applied', zxid: zxid(9) });
  expect(front.takeWrites()).toEqual([]);
  front.database(front.data(1, zxid(9)));
  expect(front.takeWrites()).toEqual([1]);
});

test('H13: unary reads are linearizable or bounded, each for itself', () => {
  const front = new FrontendUnderTest().start();
  call(front, 1, linearizable('/a', { atLeast: zxid(3) }));
  call(front, 2, bounded('/b', 70));
  call(front, 3, get('/c'));
  expect(reads(front).map((it) => [it.session, it.operation.path, it.stalenessMs])).toEqual([
    [NO_SESSION, '/b', 70],
    [NO_SESSION, '/c', Infinity],
  ]);
  expect(front.takeProcessor()).toEqual([{ kind: 'readIndex', request: 1 }]);
  front.loseDatabase();
  front.connectDatabase(zxid(4));
  // Not before its floor is known.
  expect(reads(front)).toHaveLength(2);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(7) });
  expect(reads(front)).toMatchObject([{ floor: zxid(7), operation: { path: '/a' } }]);
  front.database(front.data(3, zxid(7)), front.data(1, zxid(4)), front.data(2, zxid(7)));
  expect(answers(front)).toEqual(['1:data', '2:data', '3:data']);
});

test('H13: a unary read that nobody confirms fails after its time', () => {
  const front = new FrontendUnderTest({}, { floorWaitMs: 1000 }).start();
  call(front, 1, linearizable('/a'));
  front.elapse(1500);
  expect(answers(front)).toEqual(['1:operationTimeout']);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(7) });
  expect(reads(front)).toEqual([]);
});

test('a cancelled unary read is never sent, also when its floor comes', () => {
  const front = new FrontendUnderTest().start();
  call(front, 1, linearizable('/a'));
  front.step({ kind: 'unaryCancelled', call: 1 });
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(7) });
  expect(reads(front)).toEqual([]);
});
