import { trustedPath } from '@paddock/model';
import type { DatabaseRequest } from '@paddock/model';
import { expect, test } from 'vitest';
import { FrontendUnderTest, get, set, SYNC, zxid } from './frontend-under-test.ts';

type Read = Extract<DatabaseRequest, { kind: 'read' }>;

function reads(front: FrontendUnderTest): Read[] {
  return front.takeDatabase().filter((it) => it.kind === 'read');
}

test('P2: replies keep the order of the requests, whoever answers first', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a'), set('/a'), get('/b')]);
  front.database({ kind: 'readsAccepted', reads: 2 });
  front.database(front.outcome(a, 1, zxid(3)));
  expect(front.takeResults(a.link)).toEqual([]);
  front.database(front.data(1, zxid(2)));
  expect(front.takeResults(a.link)).toEqual(['data@2', 'deleted@3']);
  front.database(front.data(2, zxid(3)));
  expect(front.takeResults(a.link)).toEqual(['data@3']);
});

test('H14 a: a write is forwarded only when the earlier reads are parked or answered', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a'), set('/a'), get('/a'), set('/a')]);
  expect(reads(front).map((it) => it.afterSequence)).toEqual([0, 1]);
  expect(front.takeWrites()).toEqual([]);
  front.database({ kind: 'readsAccepted', reads: 1 });
  expect(front.takeWrites()).toEqual([1]);
  front.database({ kind: 'readsAccepted', reads: 2 });
  expect(front.takeWrites()).toEqual([2]);
});

test('H14 a: a whole pipeline of reads and writes is forwarded after one exchange', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const pipeline = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? get('/a') : set('/a')));
  front.operations(a.link, 1, pipeline);
  front.database({ kind: 'readsAccepted', reads: 10 });
  expect(front.takeWrites()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('H14 b: a read that waits for its floor is answered before a later write is forwarded', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a', { atLeast: zxid(50) }), set('/a'), get('/b')]);
  expect(reads(front).map((it) => it.floor)).toEqual([zxid(50), zxid(2)]);
  front.database({ kind: 'readsAccepted', reads: 2 }, { kind: 'applied', zxid: zxid(49) });
  expect(front.takeWrites()).toEqual([]);
  front.database(front.data(1, zxid(50)));
  expect(front.takeWrites()).toEqual([1]);
});

test('H14: a failed floor lets the later writes go', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a', { atLeast: zxid(50) }), set('/a')]);
  const result = { kind: 'failed', code: 'operationTimeout', reason: '' } as const;
  front.database({ kind: 'readReply', read: 1, zxid: zxid(2), result });
  expect(front.takeResults(a.link)).toEqual(['operationTimeout@2']);
  expect(front.takeWrites()).toEqual([1]);
});

test('H13: a sync is answered at its floor; the reads behind it carry it, the writes wait', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [SYNC, get('/a'), set('/a'), SYNC]);
  expect(reads(front)).toEqual([]);
  expect(front.takeProcessor()).toEqual([{ kind: 'readIndex', request: 1 }]);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(9) });
  expect(reads(front).map((it) => it.floor)).toEqual([zxid(9)]);
  expect(front.takeResults(a.link)).toEqual([]);
  expect(front.takeWrites()).toEqual([]);
  front.database({ kind: 'readsAccepted', reads: 1 }, { kind: 'applied', zxid: zxid(9) });
  expect(front.takeResults(a.link)).toEqual(['synced@9']);
  expect(front.takeWrites()).toEqual([1]);
});

test('P4: a sync waits until a new stream has told its session what it missed', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a', { watch: true })]);
  front.database(front.data(1, zxid(3)));
  front.operations(a.link, 1, [SYNC]);
  front.loseDatabase();
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(8) });
  front.connectDatabase(zxid(9));
  front.takeClient(a.link);
  front.elapse(500);
  expect(front.takeClient(a.link)).toEqual([]);
  front.database(front.event(a, '/a', zxid(7)), front.attachAnswer(a, zxid(9)));
  expect(front.takeClient(a.link).map((it) => it.kind)).toEqual(['event', 'results']);
});

test('H13 e: a sync never joins a read-index request that has left', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const b = front.open();
  front.operations(a.link, 1, [SYNC, SYNC]);
  front.operations(b.link, 1, [SYNC]);
  expect(front.takeProcessor()).toEqual([
    { kind: 'readIndex', request: 1 },
    { kind: 'readIndex', request: 2 },
  ]);
  front.processor({ kind: 'readIndexFloor', request: 1, floor: zxid(2) });
  expect(front.takeResults(a.link)).toEqual(['synced@2', 'synced@2']);
  expect(front.takeResults(b.link)).toEqual([]);
});

test('H14: a sync without an answer fails after its time and blocks nobody for good', () => {
  const front = new FrontendUnderTest({}, { floorWaitMs: 1000 }).start();
  const a = front.open();
  front.operations(a.link, 1, [SYNC, get('/a'), SYNC, set('/a')]);
  front.elapse(1500);
  expect(reads(front)).toHaveLength(1);
  front.database(front.data(1, zxid(2)));
  expect(front.takeResults(a.link)).toEqual(['operationTimeout@2', 'data@2', 'operationTimeout@2']);
  expect(front.takeWrites()).toEqual([1]);
});

test('P3: every read carries the highest zxid that its session was told', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a')]);
  front.database(front.data(1, zxid(7)));
  front.takeDatabase();
  front.operations(a.link, 1, [get('/a')]);
  expect(reads(front).map((it) => it.floor)).toEqual([zxid(7)]);
  front.database(front.event(a, '/a', zxid(12)));
  front.operations(a.link, 1, [get('/a')]);
  expect(reads(front).map((it) => it.floor)).toEqual([zxid(12)]);
});

test('P4: an event comes after the replies before it in the stream, and before those behind it', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a', { watch: true }), get('/a')]);
  front.database(front.data(1, zxid(2)), front.event(a, '/a', zxid(3)), front.data(2, zxid(3)));
  expect(front.takeResults(a.link)).toEqual(['data@2', 'event', 'data@3']);
});

test('a bad read is answered in its turn and the database is not asked', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a'), get('a//b'), { kind: 'unknown' }]);
  expect(reads(front)).toHaveLength(1);
  expect(front.takeResults(a.link)).toEqual([]);
  front.database(front.data(1, zxid(5)));
  expect(front.takeResults(a.link)).toEqual(['data@5', 'badArguments@5', 'unimplemented@5']);
});

test('H2: a bad or too large write travels on under its sequence', () => {
  const front = new FrontendUnderTest({ znodeDataBytes: 4 }).start();
  const a = front.open();
  front.operations(a.link, 1, [set('bad'), set('/a', '12345'), set('/a', '1234')]);
  const writes = front.takeProcessor().filter((it) => it.kind === 'write');
  expect(writes.map((it) => it.sequence)).toEqual([1, 2, 3]);
  expect(writes.map((it) => it.operation.kind)).toEqual(['refused', 'refused', 'setData']);
  expect(writes[1]?.operation).toMatchObject({ code: 'tooLarge' });
});

test('large answers are cut into several messages', () => {
  const front = new FrontendUnderTest({ batchOperations: 2 }).start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a'), get('/b'), get('/c')]);
  front.database(front.data(1, zxid(2)), front.data(2, zxid(2)), front.data(3, zxid(2)));
  expect(front.takeClient(a.link).map((it) => it.kind === 'results' && it.results.length)).toEqual([
    2, 1,
  ]);
});

test('a watch of a session is spent by its event and comes back with an attach until then', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a', { watch: true }), get('/b', { watch: true })]);
  front.database(front.data(1, zxid(2)), front.data(2, zxid(2)), front.event(a, '/a', zxid(3)));
  front.database({ kind: 'applied', zxid: zxid(8) });
  front.loseDatabase();
  front.connectDatabase(zxid(8));
  const attach = front.takeDatabase().find((it) => it.kind === 'attach');
  expect(attach?.kind === 'attach' ? attach.watches : []).toEqual([
    { kind: 'data', path: trustedPath('/b'), from: zxid(8) },
  ]);
});
