import { trustedPath } from '@paddock/model';
import type { Attachment, SessionId, SessionReply } from '@paddock/model';
import { expect, test } from 'vitest';
import {
  CLOSE,
  FrontendUnderTest,
  get,
  outcomeOf,
  set,
  TERM_ONE,
  zxid,
} from './frontend-under-test.ts';
import type { Opened } from './frontend-under-test.ts';

function resume(front: FrontendUnderTest, of: Opened, attempt = 1, ackedThrough = 0) {
  const link = front.connectClient();
  front.client(link, {
    kind: 'resume',
    session: of.session,
    secret: of.secret,
    attempt,
    ackedThrough,
    floor: zxid(2),
    watches: [{ path: trustedPath('/w'), kind: 'data', from: zxid(2) }],
  });
  const request = front.takeProcessor().find((it) => it.kind === 'resumeSession');
  if (request?.kind !== 'resumeSession') throw new Error('no resume was requested');
  const { session, attachment } = request;
  return { link, session, attachment, secret: of.secret };
}

function resumed(of: { session: SessionId; attachment: Attachment }, at: number, last: number) {
  const { session, attachment } = of;
  return {
    kind: 'sessionResumed',
    session,
    attachment,
    zxid: zxid(at),
    timeoutMs: 9000,
    lastSequence: last,
  } as const;
}

function endedBy(replies: SessionReply[]): string {
  const last = replies.at(-1);
  return last?.kind === 'ended' ? last.cause : 'not ended';
}

test('H4: an open is answered only when the database has applied it', () => {
  const front = new FrontendUnderTest().start();
  const link = front.connectClient();
  front.client(link, { kind: 'open', timeoutMs: 1 });
  const [request] = front.takeProcessor();
  expect(front.takeClient(link)).toEqual([]);
  if (request?.kind !== 'openSession') throw new Error('no open was requested');
  const { session, attachment, timeoutMs } = request;
  expect(timeoutMs).toBe(4000);
  front.database({ kind: 'sessionOpened', session, attachment, zxid: zxid(5), timeoutMs });
  expect(front.takeClient(link)).toMatchObject([{ kind: 'opened', session, zxid: zxid(5) }]);
});

test('operations behind an open that is not answered yet wait for it', () => {
  const front = new FrontendUnderTest().start();
  const link = front.connectClient();
  front.client(
    link,
    { kind: 'open', timeoutMs: 9000 },
    { kind: 'operations', firstSequence: 1, ackedThrough: 0, operations: [set('/a'), get('/a')] },
  );
  const [request] = front.takeProcessor();
  if (request?.kind !== 'openSession') throw new Error('no open was requested');
  const { session, attachment, timeoutMs } = request;
  front.database({ kind: 'sessionOpened', session, attachment, zxid: zxid(5), timeoutMs });
  expect(front.takeWrites()).toEqual([1]);
});

test('H3: a resume installs an attachment, attaches, and is answered with what was missed', () => {
  const front = new FrontendUnderTest().start();
  const old = front.open();
  front.takeDatabase();
  const b = resume(front, old, 1, 4);
  front.database(resumed(b, 20, 7));
  expect(front.takeDatabase()).toMatchObject([
    { kind: 'detach', attachment: old.attachment },
    { kind: 'attach', attachment: b.attachment, floor: zxid(20), firstUnsettled: 5, more: false },
  ]);
  expect(endedBy(front.takeClient(old.link))).toBe('fenced');
  front.database(
    front.event(b, '/w', zxid(15)),
    front.attachAnswer(b, zxid(20), { lastSequence: 7, outcomes: [outcomeOf(5, zxid(8))] }),
  );
  expect(front.takeClient(b.link)).toMatchObject([
    { kind: 'event' },
    { kind: 'resumed', lastSequence: 7, zxid: zxid(20), more: false },
  ]);
  front.operations(b.link, 8, [set('/a')]);
  expect(front.takeWrites()).toEqual([8]);
});

test('H3: whatever the fenced connection sends afterwards goes nowhere', () => {
  const front = new FrontendUnderTest().start();
  const old = front.open();
  const { session, attachment } = old;
  front.database({ kind: 'sessionFenced', session, attachment, zxid: zxid(9) });
  expect(endedBy(front.takeClient(old.link))).toBe('fenced');
  front.operations(old.link, 1, [set('/a')]);
  expect(front.takeWrites()).toEqual([]);
});

test('P5: a write that the resume has told of is answered from there and not run again', () => {
  const front = new FrontendUnderTest().start();
  const b = resume(front, front.open());
  const hash = 0x12345;
  const outcome = { ...outcomeOf(1, zxid(8)), requestHash: hash };
  front.database(resumed(b, 20, 1));
  front.database(front.attachAnswer(b, zxid(20), { lastSequence: 1, outcomes: [outcome] }));
  front.takeClient(b.link);
  front.operations(b.link, 1, [set('/a')]);
  expect(front.takeResults(b.link)).toEqual(['sequenceMismatch@8']);
  expect(front.takeWrites()).toEqual([]);
});

test('H15: outcomes of a resume are spread over several messages', () => {
  const front = new FrontendUnderTest({ batchOperations: 2 }).start();
  const b = resume(front, front.open());
  front.database(resumed(b, 20, 5));
  const outcomes = [1, 2, 3, 4, 5].map((it) => outcomeOf(it, zxid(it)));
  front.database(front.attachAnswer(b, zxid(20), { lastSequence: 5, outcomes }));
  const replies = front.takeClient(b.link).filter((it) => it.kind === 'resumed');
  expect(replies.map((it) => [it.outcomes.length, it.more])).toEqual([
    [2, true],
    [2, true],
    [1, false],
  ]);
});

test('H15 a, b: after a database restart sessions attach before their reads go again', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a'), get('/a'), get('/b')]);
  front.database(front.outcome(a, 1, zxid(60)), front.data(1, zxid(60)));
  front.operations(a.link, 2, [set('/c')]);
  front.database({ kind: 'readsAccepted', reads: 2 });
  front.takeClient(a.link);
  front.takeDatabase();
  front.loseDatabase();
  front.connectDatabase(zxid(30));
  expect(front.takeDatabase()).toMatchObject([
    { kind: 'openStream' },
    { kind: 'attach', floor: zxid(60), firstUnsettled: 2 },
  ]);
  const outcomes = [outcomeOf(2, zxid(61))];
  front.database(front.attachAnswer(a, zxid(61), { lastSequence: 2, outcomes }));
  expect(front.takeDatabase()).toMatchObject([
    { kind: 'read', afterSequence: 1, floor: zxid(60), operation: { path: '/b' } },
  ]);
  front.database(front.data(1, zxid(61)));
  expect(front.takeResults(a.link)).toEqual(['data@61', 'deleted@61']);
});

test('H15 c, d: watches whose past is gone are told to the client and not set again', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a', { watch: true })]);
  front.database(front.data(1, zxid(3)));
  front.loseDatabase();
  front.connectDatabase(zxid(500));
  const compacted = [{ path: trustedPath('/a'), kind: 'data', from: zxid(3) }] as const;
  front.takeClient(a.link);
  front.database(
    { kind: 'watchesCompacted', session: a.session, watches: compacted },
    front.attachAnswer(a, zxid(500)),
  );
  expect(front.takeClient(a.link)).toEqual([{ kind: 'watchesCompacted', watches: compacted }]);
  front.loseDatabase();
  front.takeDatabase();
  front.connectDatabase(zxid(500));
  expect(front.takeDatabase()).toMatchObject([{ kind: 'openStream' }, { watches: [] }]);
});

test('H15: many watches come back in several messages', () => {
  const front = new FrontendUnderTest({ batchOperations: 2 }).start();
  const a = front.open();
  front.operations(
    a.link,
    1,
    ['/a', '/b', '/c'].map((it) => get(it, { watch: true })),
  );
  front.database(...[1, 2, 3].map((it) => front.data(it, zxid(2))));
  front.loseDatabase();
  front.takeDatabase();
  front.connectDatabase(zxid(2));
  expect(front.takeDatabase()).toMatchObject([
    { kind: 'openStream' },
    { kind: 'attach', more: true },
    { kind: 'attach', more: false },
  ]);
});

test('H15: an opening that was applied while no stream stood is learned by the attach', () => {
  const front = new FrontendUnderTest().start();
  const link = front.connectClient();
  front.client(link, { kind: 'open', timeoutMs: 9000 });
  const [request] = front.takeProcessor();
  if (request?.kind !== 'openSession') throw new Error('no open was requested');
  front.loseDatabase();
  front.connectDatabase(zxid(9));
  front.database(front.attachAnswer(request, zxid(9)));
  expect(front.takeClient(link)).toMatchObject([{ kind: 'opened', zxid: zxid(9) }]);
});

test('H3: a resume that is not applied yet is not fenced by the attachment it will replace', () => {
  const front = new FrontendUnderTest().start();
  const b = resume(front, front.open());
  front.loseDatabase();
  front.connectDatabase(zxid(9));
  front.database(front.attachAnswer(b, zxid(9), { verdict: { kind: 'fenced' } }));
  expect(front.takeClient(b.link)).toEqual([]);
  expect(front.takeProcessor()).toMatchObject([
    { kind: 'resumeSession', attachment: b.attachment },
  ]);
});

test('H15: one attach a stream is on its way: a resume that is applied meanwhile needs no second', () => {
  const front = new FrontendUnderTest().start();
  const b = resume(front, front.open());
  front.loseDatabase();
  front.connectDatabase(zxid(9));
  front.takeDatabase();
  front.database(resumed(b, 20, 0));
  expect(front.takeDatabase()).toMatchObject([{ kind: 'detach' }]);
  front.database(front.attachAnswer(b, zxid(9), { verdict: { kind: 'unknown' } }));
  expect(front.takeDatabase()).toMatchObject([{ kind: 'attach', floor: zxid(20) }]);
});

test('H15: missed events that a broken stream may have swallowed are asked for again', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a', { watch: true })]);
  front.database(front.data(1, zxid(3)));
  front.loseDatabase();
  front.connectDatabase(zxid(50));
  front.database(front.attachAnswer(a, zxid(50)));
  front.loseDatabase();
  front.takeDatabase();
  front.connectDatabase(zxid(60));
  expect(front.takeDatabase()).toMatchObject([
    { kind: 'openStream' },
    { watches: [{ path: '/a', from: zxid(3) }] },
  ]);
});

test('H15 a: a restarted database that is behind its own word ends no session', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(60));
  front.loseDatabase();
  front.connectDatabase(zxid(30));
  front.takeDatabase();
  front.database(front.attachAnswer(a, zxid(30), { verdict: { kind: 'refused' } }));
  expect(front.takeClient(a.link)).toEqual([]);
  front.elapse(500);
  expect(front.takeDatabase()).toMatchObject([{ kind: 'attach', floor: zxid(60) }]);
});

test('H15: a floor that a client claims beyond all that is known is refused', () => {
  const front = new FrontendUnderTest().start();
  const b = resume(front, { ...front.open() }, 1);
  front.database(resumed(b, 20, 0));
  front.database(front.attachAnswer(b, zxid(20)));
  front.takeClient(b.link);
  const liar = front.connectClient();
  const floor = zxid(5000);
  const { session, secret } = b;
  const watches = [] as const;
  front.client(liar, {
    kind: 'resume',
    session,
    secret,
    attempt: 2,
    ackedThrough: 0,
    floor,
    watches,
  });
  const request = front.takeProcessor().find((it) => it.kind === 'resumeSession');
  if (request === undefined) throw new Error('no resume was requested');
  front.database(resumed(request, 21, 0));
  front.database(front.attachAnswer(request, zxid(21), { verdict: { kind: 'refused' } }));
  expect(endedBy(front.takeClient(liar))).toBe('refused');
});

test('a close is a write: its result comes in order, then the end', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a'), CLOSE, get('/a')]);
  expect(front.takeWrites()).toEqual([1, 2]);
  front.database(front.outcome(a, 1, zxid(3)), front.outcome(a, 2, zxid(4), { kind: 'closed' }));
  expect(front.takeResults(a.link)).toEqual(['deleted@3', 'closed@4', 'ended']);
  expect(front.closed).toEqual([a.link]);
});

test('a close that the session end alone tells of is answered too', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [CLOSE]);
  const outcomes = [outcomeOf(1, zxid(4), { kind: 'closed' })];
  const { session, attachment } = a;
  front.database({
    kind: 'sessionEnded',
    session,
    attachment,
    zxid: zxid(4),
    end: 'closed',
    outcomes,
  });
  expect(front.takeResults(a.link)).toEqual(['closed@4', 'ended']);
});

test('H20: an expired session is told with the outcomes that it never got, as is one that a restoration ended', () => {
  for (const end of ['expired', 'restored'] as const) {
    const front = new FrontendUnderTest().start();
    const b = resume(front, front.open());
    front.processor({
      kind: 'verdict',
      session: b.session,
      attachment: b.attachment,
      code: 'unknownSession',
      reason: '',
      basis: zxid(90),
      term: TERM_ONE,
    });
    front.takeDatabase();
    front.database({ kind: 'applied', zxid: zxid(90) });
    expect(front.takeDatabase()).toMatchObject([{ kind: 'attach', firstUnsettled: 1 }]);
    const outcomes = [outcomeOf(7, zxid(50))];
    front.database(front.attachAnswer(b, zxid(90), { verdict: { kind: 'ended', end }, outcomes }));
    expect(front.takeClient(b.link)).toMatchObject([{ kind: 'ended', cause: end, outcomes }]);
  }
});

test('H20: a client is told where nobody knows its session any more, so that it does not guess', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.loseDatabase();
  front.connectDatabase(zxid(90));
  front.database(front.attachAnswer(a, zxid(90), { verdict: { kind: 'unknown' } }));
  expect(endedBy(front.takeClient(a.link))).toBe('forgotten');
});

test('P4: a resume tells of missed events and compacted watches before its outcomes', () => {
  const front = new FrontendUnderTest().start();
  const b = resume(front, front.open());
  front.database(resumed(b, 20, 1));
  const compacted = [{ path: trustedPath('/v'), kind: 'data', from: zxid(2) }] as const;
  const outcomes = [outcomeOf(1, zxid(18))];
  front.database(
    { kind: 'watchesCompacted', session: b.session, watches: compacted },
    front.event(b, '/w', zxid(15)),
    front.attachAnswer(b, zxid(20), { lastSequence: 1, outcomes }),
  );
  expect(front.takeClient(b.link)).toMatchObject([
    { kind: 'watchesCompacted' },
    { kind: 'event' },
    { kind: 'resumed', outcomes },
  ]);
});

test('a lost client leaves nothing behind but a detach', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a'), set('/a')]);
  front.takeDatabase();
  const end = { cause: 'lost', reason: '' } as const;
  front.step({ kind: 'clientEnded', link: a.link, end });
  expect(front.takeDatabase()).toMatchObject([{ kind: 'detach', attachment: a.attachment }]);
  expect(front.core.status()).toMatchObject({ sessions: 0, outstanding: 0, heldBytes: 0 });
  front.database(front.data(1, zxid(3)), front.outcome(a, 1, zxid(4)));
  expect(front.takeClient(a.link)).toEqual([]);
});

test('bad first messages are refused, and nothing is asked for them', () => {
  const front = new FrontendUnderTest().start();
  const early = front.connectClient();
  front.operations(early, 1, [get('/a')]);
  expect(endedBy(front.takeClient(early))).toBe('refused');
  const twice = front.open();
  front.client(twice.link, { kind: 'open', timeoutMs: 9000 });
  expect(endedBy(front.takeClient(twice.link))).toBe('refused');
  const odd = front.connectClient();
  front.client(odd, {
    kind: 'resume',
    session: -3 as SessionId,
    secret: new Uint8Array(16),
    attempt: 1,
    ackedThrough: 0,
    floor: zxid(1),
    watches: [],
  });
  expect(endedBy(front.takeClient(odd))).toBe('refused');
  expect(front.takeProcessor().filter((it) => it.kind === 'resumeSession')).toEqual([]);
});
