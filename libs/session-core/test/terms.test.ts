import { expect, test } from 'vitest';
import {
  announcement,
  FrontendUnderTest,
  get,
  set,
  SYNC,
  TERM_ONE,
  TERM_TWO,
  zxid,
} from './frontend-under-test.ts';

function marker(at: number) {
  return { kind: 'termMarker', zxid: zxid(at), term: announcement(TERM_TWO) } as const;
}

test('H1: a new term is sent, in order, what no outcome has settled', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a'), set('/b'), set('/c')]);
  expect(front.takeWrites()).toEqual([1, 2, 3]);
  front.database(front.outcome(a, 1, zxid(3)), marker(4));
  expect(front.dialled).toEqual(['processor:1', 'processor:2']);
  expect(front.takeWrites()).toEqual([]);
  front.connectProcessor();
  const sent = front.takeBatches();
  expect(sent.map((it) => it.term)).toEqual([TERM_TWO, TERM_TWO]);
  expect(sent.map((it) => it.message.kind === 'write' && it.message.sequence)).toEqual([2, 3]);
});

test('H1: the term that a stream opens with counts as its marker', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a')]);
  front.takeProcessor();
  front.loseDatabase();
  front.connectDatabase(zxid(9), TERM_TWO);
  front.connectProcessor();
  expect(front.takeWrites()).toEqual([1]);
});

test('H1: an older announcement changes nothing', () => {
  const front = new FrontendUnderTest().start();
  front.database(marker(4));
  front.connectProcessor();
  front.loseDatabase();
  front.connectDatabase(zxid(3), TERM_ONE);
  expect(front.dialled).toEqual(['processor:1', 'processor:2']);
  expect(front.core.status().term).toBe(TERM_TWO);
});

test('a broken processor link is dialled again with growing delays and sent all again', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a'), SYNC, set('/b')]);
  front.takeProcessor();
  front.loseProcessor();
  expect(front.out.wakeAtMs).toBe(front.nowMs + 50);
  front.nowMs += 50;
  front.step({ kind: 'tick' });
  expect(front.dialled).toEqual(['processor:1', 'processor:1']);
  front.connectProcessor();
  const kinds = front.takeBatches().map((it) => [it.term, it.message.kind]);
  expect(kinds).toContainEqual([TERM_ONE, 'write']);
  expect(kinds).toContainEqual([TERM_ONE, 'readIndex']);
  front.loseProcessor();
  expect(front.out.wakeAtMs).toBe(front.nowMs + 100);
});

test('H1: a refused term stops all sending until the database announces a newer one', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.processor({ kind: 'termRefused', current: null });
  front.operations(a.link, 1, [set('/a')]);
  front.elapse(1000);
  expect(front.takeProcessor()).toEqual([]);
  expect(front.core.status().missing).toEqual(['processor']);
  front.database(marker(5));
  front.connectProcessor();
  expect(front.takeWrites()).toEqual([1]);
});

test('H1: opens and resumes that are not applied go to the new term unchanged', () => {
  const front = new FrontendUnderTest().start();
  const opening = front.connectClient();
  front.client(opening, { kind: 'open', timeoutMs: 9000 });
  const before = front.takeProcessor();
  front.database(marker(5));
  front.connectProcessor();
  expect(front.takeProcessor()).toEqual(before);
});

test('H2 a: a refusal that consumes nothing is sent again, with all that is behind it', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a'), set('/b'), set('/c')]);
  front.takeProcessor();
  const { session, attachment } = a;
  const refusal = { kind: 'expect', session, attachment, sequence: 2 } as const;
  front.processor({ ...refusal, retryAfterMs: 120 });
  expect(front.takeWrites()).toEqual([]);
  expect(front.out.wakeAtMs).toBe(front.nowMs + 120);
  front.operations(a.link, 4, [set('/d')]);
  expect(front.takeWrites()).toEqual([]);
  front.nowMs += 120;
  front.step({ kind: 'tick' });
  expect(front.takeWrites()).toEqual([2, 3, 4]);
  expect(front.takeResults(a.link)).toEqual([]);
});

test('H2 a: a gap in the client numbering ends the connection with the reason', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 2, [set('/a')]);
  const [ended] = front.takeClient(a.link);
  expect(ended).toMatchObject({
    kind: 'ended',
    cause: 'refused',
    reason: 'the next write is number 1, not 2',
  });
  expect(front.closed).toEqual([a.link]);
  expect(front.takeDatabase()).toContainEqual({
    kind: 'detach',
    session: a.session,
    attachment: a.attachment,
  });
});

test('H2 b: an outcome that comes twice is answered once', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a'), set('/b')]);
  front.database(front.outcome(a, 1, zxid(3)), front.outcome(a, 1, zxid(3)));
  expect(front.takeResults(a.link)).toEqual(['deleted@3']);
});

test('H4 b: a verdict waits for its basis, and a newer term voids it', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const { session, attachment } = a;
  const verdict = {
    kind: 'verdict',
    session,
    attachment,
    code: 'unknownSession',
    reason: '',
    basis: zxid(100),
    term: TERM_ONE,
  } as const;
  front.takeDatabase();
  front.processor(verdict);
  front.database({ kind: 'applied', zxid: zxid(99) });
  expect(front.takeClient(a.link)).toEqual([]);
  front.database(marker(99));
  front.database({ kind: 'applied', zxid: zxid(101) });
  expect(front.takeClient(a.link)).toEqual([]);
  expect(front.takeDatabase()).toEqual([]);
});

test('H4: a verdict whose basis is applied holds, the database has the last word', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const b = front.open();
  const common = { kind: 'verdict', reason: 'no', basis: zxid(10), term: TERM_ONE } as const;
  front.takeDatabase();
  front.processor(
    { ...common, session: a.session, attachment: a.attachment, code: 'sessionMoved' },
    { ...common, session: b.session, attachment: b.attachment, code: 'unknownSession' },
  );
  front.database({ kind: 'applied', zxid: zxid(10) });
  expect(front.takeClient(a.link)).toMatchObject([{ kind: 'ended', cause: 'fenced' }]);
  expect(front.takeClient(b.link)).toEqual([]);
  expect(front.takeDatabase()).toMatchObject([{ kind: 'detach' }, { kind: 'attach' }]);
  front.database(front.attachAnswer(b, zxid(10), { verdict: { kind: 'ended', end: 'expired' } }));
  expect(front.takeClient(b.link)).toMatchObject([{ kind: 'ended', cause: 'expired' }]);
});

test('H14: an earlier read that is asked again holds back the writes that were not sent yet', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a'), set('/a')]);
  front.loseDatabase();
  front.connectDatabase(zxid(5));
  expect(front.takeWrites()).toEqual([]);
  front.takeDatabase();
  front.database(front.attachAnswer(a, zxid(5)));
  expect(front.takeDatabase()).toMatchObject([{ kind: 'read' }]);
  expect(front.takeWrites()).toEqual([]);
  front.database({ kind: 'readsAccepted', reads: 1 });
  expect(front.takeWrites()).toEqual([1]);
});
