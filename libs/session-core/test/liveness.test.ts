import { expect, test } from 'vitest';
import { FrontendUnderTest, get, LOST, set, TERM_ONE, zxid } from './frontend-under-test.ts';

const RESUME = { kind: 'resume', ackedThrough: 0, floor: zxid(2), watches: [] } as const;

function endCause(front: FrontendUnderTest, link: number): string | undefined {
  const last = front.takeClient(link).at(-1);
  return last?.kind === 'ended' ? last.cause : undefined;
}

function touchRounds(front: FrontendUnderTest): { round: number; sessions: number[] }[] {
  return front
    .takeProcessor()
    .flatMap((it) =>
      it.kind === 'touch'
        ? [{ round: it.round, sessions: it.touches.map((touch) => touch.session) }]
        : [],
    );
}

test('H17 a: a heartbeat is acknowledged only when the leader has acknowledged its touch', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.client(a.link, { kind: 'heartbeat', number: 3 });
  front.elapse(500);
  const [first] = touchRounds(front);
  expect(first?.sessions).toEqual([a.session]);
  front.client(a.link, { kind: 'heartbeat', number: 4 });
  expect(front.takeClient(a.link)).toEqual([]);
  front.processor({ kind: 'touched', round: first?.round ?? 0 });
  expect(front.takeClient(a.link)).toMatchObject([{ kind: 'heartbeat', acknowledged: 3 }]);
  front.elapse(500);
  const [second] = touchRounds(front);
  front.processor({ kind: 'touched', round: second?.round ?? 0 });
  expect(front.takeClient(a.link)).toMatchObject([{ kind: 'heartbeat', acknowledged: 4 }]);
});

test('a session without a sign of life is not touched', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.elapse(500);
  expect(touchRounds(front)).toHaveLength(1);
  front.processor({ kind: 'touched', round: 1 });
  front.elapse(2000);
  expect(touchRounds(front)).toEqual([]);
  front.operations(a.link, 1, [get('/a')]);
  front.elapse(500);
  expect(touchRounds(front)).toHaveLength(1);
});

test('H16 c: a client whose socket is not read is touched by the front-end', () => {
  const front = new FrontendUnderTest({ outstandingPerSession: 2 }).start();
  const a = front.open();
  const b = front.open();
  front.operations(a.link, 1, [get('/a'), get('/a')]);
  front.step({ kind: 'clientReadingPaused', link: b.link, paused: true });
  expect(front.reading).toEqual([{ link: a.link, paused: true }]);
  front.elapse(500);
  front.processor({ kind: 'touched', round: 1 });
  touchRounds(front);
  front.elapse(500);
  expect(touchRounds(front)).toMatchObject([{ sessions: [a.session, b.session] }]);
});

test('H3, H16 c: a session whose resume is under way is touched under the attachment that it will have', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  // The log is slow: each time the client gives up and dials again before the resume is applied.
  for (let attempt = 2; attempt < 5; attempt++) {
    const link = front.connectClient();
    front.client(link, { ...RESUME, session: a.session, secret: a.secret, attempt });
    const [request] = front.takeProcessor();
    if (request?.kind !== 'resumeSession') throw new Error('no resume was requested');
    const { session, attachment } = request;
    expect(attachment.attempt).toBe(attempt);
    front.elapse(1000);
    const rounds = front.takeProcessor().filter((it) => it.kind === 'touch');
    expect(rounds.length).toBeGreaterThan(1);
    for (const { round, touches } of rounds) {
      expect(touches).toContainEqual({ session, attachment });
      front.processor({ kind: 'touched', round });
    }
    front.step({ kind: 'clientEnded', link, end: LOST });
    front.elapse(500);
    const after = front.takeProcessor().flatMap((it) => (it.kind === 'touch' ? it.touches : []));
    expect(after).not.toContainEqual({ session, attachment });
  }
});

test('H3: it is touched until the database has told what was missed, and not for ever', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const link = front.connectClient();
  front.client(link, { ...RESUME, session: a.session, secret: a.secret, attempt: 2 });
  const [request] = front.takeProcessor();
  if (request?.kind !== 'resumeSession') throw new Error('no resume was requested');
  const { session, attachment } = request;
  const resumed = { kind: 'sessionResumed', session, attachment, zxid: zxid(9) } as const;
  front.database({ ...resumed, timeoutMs: 9000, lastSequence: 0 });
  front.elapse(500);
  expect(touchRounds(front)).toMatchObject([{ sessions: [session] }]);
  // Nobody acknowledges, and nobody answers the attach: the client may do better elsewhere.
  front.elapse(9000);
  expect(endCause(front, link)).toBeUndefined();
  front.elapse(1500);
  expect(endCause(front, link)).toBe('resumeElsewhere');
  touchRounds(front);
  front.elapse(1000);
  expect(touchRounds(front)).toEqual([]);
});

test('H19: a session that is being opened is touched while its opening waits for its place', () => {
  const front = new FrontendUnderTest().start();
  const link = front.connectClient();
  front.client(link, { kind: 'open', timeoutMs: 4000 });
  const [request] = front.takeProcessor();
  front.elapse(500);
  expect(touchRounds(front)).toMatchObject([
    { sessions: [request?.kind === 'openSession' ? request.session : 0] },
  ]);
});

test('H17 a: connections whose touches the holder of the term ignores are closed', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(2), 9000);
  front.client(a.link, { kind: 'heartbeat', number: 1 });
  front.elapse(3000);
  expect(endCause(front, a.link)).toBeUndefined();
  front.elapse(1000);
  expect(endCause(front, a.link)).toBe('resumeElsewhere');
});

test('H17 a: while no processor holds the term nobody is closed for want of its word', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(2), 9000);
  front.client(a.link, { kind: 'heartbeat', number: 1 });
  front.database({ kind: 'termHeld', held: false });
  front.loseProcessor();
  front.elapse(30_000);
  expect(endCause(front, a.link)).toBeUndefined();
  front.database({ kind: 'termHeld', held: true });
  front.elapse(3000);
  expect(endCause(front, a.link)).toBeUndefined();
  front.elapse(1000);
  expect(endCause(front, a.link)).toBe('resumeElsewhere');
});

test('H17 b: a front-end that stood still hears its sockets before it closes anyone', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(2), 9000);
  front.client(a.link, { kind: 'heartbeat', number: 1 });
  front.elapse(500);
  front.nowMs += 8000;
  front.step({ kind: 'tick' });
  expect(endCause(front, a.link)).toBeUndefined();
  front.processor({ kind: 'touched', round: 1 });
  front.elapse(2000);
  expect(endCause(front, a.link)).toBeUndefined();
});

test('H17: touches on their way to a lost processor are sent again to its successor', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.client(a.link, { kind: 'heartbeat', number: 7 });
  front.elapse(500);
  expect(touchRounds(front)).toHaveLength(1);
  front.loseProcessor();
  front.connectProcessor();
  front.elapse(500);
  const [again] = touchRounds(front);
  expect(again?.sessions).toEqual([a.session]);
  front.processor({ kind: 'touched', round: again?.round ?? 0 });
  expect(front.takeClient(a.link)).toMatchObject([{ kind: 'heartbeat', acknowledged: 7 }]);
});

test('H21 b: outcomes that an idle client has acknowledged are acknowledged without a write', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a')]);
  front.database(front.outcome(a, 1, zxid(3)));
  front.takeProcessor();
  front.operations(a.link, 2, [], 1);
  front.elapse(500);
  const { session, attachment } = a;
  expect(front.takeProcessor()).toContainEqual({
    kind: 'acknowledge',
    session,
    attachment,
    through: 1,
  });
  front.elapse(500);
  expect(front.takeProcessor().filter((it) => it.kind === 'acknowledge')).toEqual([]);
});

test('H21: a client cannot acknowledge what it was never told', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a')], 99);
  const [write] = front.takeProcessor();
  expect(write).toMatchObject({ kind: 'write', ackedThrough: 0 });
});

test('H25: without its database a front-end holds reads, touches on, and then sends clients away', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(2), 9000);
  front.loseDatabase();
  front.operations(a.link, 1, [get('/a')]);
  front.takeDatabase();
  front.elapse(2500);
  expect(touchRounds(front).length).toBeGreaterThan(0);
  expect(endCause(front, a.link)).toBeUndefined();
  expect(front.core.status()).toMatchObject({ serving: true, missing: ['database'] });
  front.elapse(1500);
  expect(endCause(front, a.link)).toBe('resumeElsewhere');
  expect(front.core.status()).toMatchObject({ serving: false, missing: ['database'] });
  const late = front.connectClient();
  front.client(late, { kind: 'open', timeoutMs: 9000 });
  expect(endCause(front, late)).toBe('resumeElsewhere');
  front.connectDatabase(zxid(9));
  front.connectProcessor();
  front.open();
});

test('H25: touches refused while the database is gone end the connections at once', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.loseDatabase();
  front.processor({ kind: 'termRefused', current: null });
  front.elapse(500);
  expect(endCause(front, a.link)).toBe('resumeElsewhere');
  expect(front.core.status().serving).toBe(false);
});

test('H16 c: a connection whose first word does not come in time is closed, and no session ends by it', () => {
  const front = new FrontendUnderTest().start();
  const silent = front.connectClient();
  front.step({ kind: 'clientReadingPaused', link: silent, paused: true });
  front.elapse(30_000);
  expect(endCause(front, silent)).toBe('resumeElsewhere');
});

test('a session at its bound is not read until half of it is answered', () => {
  const front = new FrontendUnderTest({ outstandingPerSession: 4 }).start();
  const a = front.open();
  front.operations(a.link, 1, [get('/a'), get('/a'), get('/a'), get('/a')]);
  expect(front.core.wantsClient(a.link)).toBe(false);
  front.database(front.data(1, zxid(2)));
  expect(front.core.wantsClient(a.link)).toBe(false);
  front.database(front.data(2, zxid(2)));
  expect(front.core.wantsClient(a.link)).toBe(true);
  expect(front.reading).toEqual([
    { link: a.link, paused: true },
    { link: a.link, paused: false },
  ]);
});

test('bytes held in all are bounded, whoever sent them', () => {
  const front = new FrontendUnderTest({ queueBytes: 1000 }).start();
  const a = front.open();
  const b = front.open();
  front.operations(a.link, 1, [set('/a', 'x'.repeat(2000))]);
  front.operations(b.link, 1, [get('/a')]);
  expect(front.reading.map((it) => it.link)).toEqual([a.link, b.link]);
  front.database(front.outcome(a, 1, zxid(3)));
  expect(front.reading.slice(2).map((it) => it.paused)).toEqual([false, false]);
  expect(front.core.status().heldBytes).toBeLessThan(100);
});

test('events of links that are gone change nothing', () => {
  const front = new FrontendUnderTest().start();
  const stale = front.processorLink;
  front.loseProcessor();
  front.step({
    kind: 'processorReceived',
    link: stale,
    messages: [{ kind: 'termRefused', current: null }],
  });
  front.step({ kind: 'processorEnded', link: stale, end: LOST });
  front.step({ kind: 'databaseEnded', link: 9999, end: LOST });
  front.step({ kind: 'clientReceived', link: 9999, messages: [{ kind: 'open', timeoutMs: 1 }] });
  front.connectProcessor();
  expect(front.core.status()).toMatchObject({ serving: true, missing: [], term: TERM_ONE });
});
