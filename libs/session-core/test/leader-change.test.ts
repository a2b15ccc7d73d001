import { makeTerm, makeZxid, trustedPath } from '@paddock/model';
import type { DatabaseReply, Term } from '@paddock/model';
import { expect, test } from 'vitest';
import {
  FrontendUnderTest,
  outcomeOf,
  set,
  TERM_ONE,
  TERM_TWO,
  zxid,
} from './frontend-under-test.ts';

const TERM_THREE = makeTerm(3, 1);
const ADDRESSES = new Map<Term, string>([
  [TERM_ONE, 'replica-a:1'],
  [TERM_TWO, 'replica-b:1'],
  [TERM_THREE, 'replica-c:1'],
]);

/** The first entry of the term's epoch. */
function marker(term: Term): DatabaseReply {
  const epoch = term === TERM_TWO ? 2 : 3;
  const processorAddress = ADDRESSES.get(term) ?? '';
  return { kind: 'termMarker', zxid: makeZxid(epoch, 1), term: { term, processorAddress } };
}

function sent(front: FrontendUnderTest): string[] {
  return front.takeBatches().map(({ term, message }) => {
    const what = message.kind === 'write' ? `${message.kind} ${message.sequence}` : message.kind;
    return `${term === TERM_ONE ? 1 : term === TERM_TWO ? 2 : 3}: ${what}`;
  });
}

test('H1: writes in flight as the leader changes are answered from the table, or sent again in order', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const b = front.open();
  front.operations(a.link, 1, [set('/a'), set('/b'), set('/c'), set('/d')]);
  front.operations(b.link, 1, [set('/x'), set('/y')]);
  expect(sent(front)).toHaveLength(6);
  front.loseProcessor();
  front.database({ kind: 'termHeld', held: false });
  // The old leader's log had a's first two and b's first; they come before the marker.
  front.database(
    front.outcome(a, 1, zxid(3)),
    front.outcome(b, 1, zxid(4)),
    front.outcome(a, 2, zxid(5)),
    marker(TERM_TWO),
  );
  expect(front.takeResults(a.link)).toEqual(['deleted@3', 'deleted@5']);
  expect(front.dialled.at(-1)).toBe('replica-b:1');
  front.operations(a.link, 5, [set('/e')]);
  expect(sent(front)).toEqual([]);
  front.connectProcessor();
  expect(sent(front)).toEqual(['2: write 3', '2: write 4', '2: write 5', '2: write 2']);
  const at = (counter: number) => makeZxid(2, counter);
  front.database(
    front.outcome(a, 3, at(2)),
    front.outcome(a, 4, at(3)),
    front.outcome(b, 2, at(4)),
    front.outcome(a, 5, at(5)),
  );
  expect(front.takeResults(a.link)).toEqual(['deleted@2', 'deleted@3', 'deleted@5']);
  expect(front.takeResults(b.link)).toEqual(['deleted@4', 'deleted@4']);
});

test('H1: the address follows the marker, however many leaders come and go before one answers', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a')]);
  front.takeProcessor();
  front.database(marker(TERM_TWO));
  const stale = front.processorLink;
  // Dialled and dead already: its link ends, and is dialled again with delays.
  front.connectProcessor();
  expect(sent(front)).toEqual(['2: write 1']);
  front.loseProcessor();
  front.elapse(200);
  expect(front.dialled.slice(-2)).toEqual(['replica-b:1', 'replica-b:1']);
  front.database(marker(TERM_THREE));
  expect(front.dialled.at(-1)).toBe('replica-c:1');
  front.step({
    kind: 'processorReceived',
    link: stale,
    messages: [{ kind: 'termRefused', current: null }],
  });
  front.connectProcessor();
  expect(sent(front)).toEqual(['3: write 1']);
  expect(front.core.status()).toMatchObject({ serving: true, missing: [], term: TERM_THREE });
});

test('H1: a term that began while the database was away is learned when its stream opens', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a'), set('/b')]);
  front.takeProcessor();
  front.loseDatabase();
  front.processor({ kind: 'termRefused', current: null });
  front.connectDatabase(makeZxid(2, 7), TERM_TWO);
  front.connectProcessor();
  // Nothing of the session is known yet; duplicates are dropped by the processor (H2).
  expect(sent(front)).toEqual(['2: write 1', '2: write 2']);
  const outcomes = [outcomeOf(1, zxid(9))];
  front.database(front.attachAnswer(a, makeZxid(2, 7), { lastSequence: 1, outcomes }));
  expect(front.takeResults(a.link)).toEqual(['deleted@9']);
  front.database(front.outcome(a, 2, makeZxid(2, 8)));
  expect(front.takeResults(a.link)).toEqual(['deleted@8']);
});

test('H3: a resume that no database has applied is sent again unchanged to the next leader, before its touch', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const link = front.connectClient();
  front.client(link, {
    kind: 'resume',
    session: a.session,
    secret: a.secret,
    attempt: 4,
    ackedThrough: 3,
    floor: zxid(2),
    watches: [{ path: trustedPath('/w'), kind: 'data', from: zxid(2) }],
  });
  const before = front.takeProcessor();
  expect(before).toMatchObject([{ kind: 'resumeSession', attachment: { attempt: 4 } }]);
  front.database(marker(TERM_TWO));
  front.connectProcessor();
  expect(front.takeProcessor()).toEqual(before);
  front.elapse(500);
  const [resumed] = before;
  if (resumed?.kind !== 'resumeSession') throw new Error('no resume was requested');
  const { session, attachment } = resumed;
  const touches = front.takeProcessor().flatMap((it) => (it.kind === 'touch' ? it.touches : []));
  expect(touches).toContainEqual({ session, attachment });
});

test('H4 b: what the old leader refused is void with the new one, and its own refusal holds', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const { session, attachment } = a;
  const refusal = {
    kind: 'verdict',
    session,
    attachment,
    reason: '',
    code: 'sessionMoved',
  } as const;
  front.processor({ ...refusal, basis: zxid(100), term: TERM_ONE });
  front.database(marker(TERM_TWO));
  front.database({ kind: 'applied', zxid: makeZxid(2, 9) });
  expect(front.takeClient(a.link)).toEqual([]);
  front.connectProcessor();
  front.processor({ ...refusal, basis: makeZxid(2, 10), term: TERM_TWO });
  expect(front.takeClient(a.link)).toEqual([]);
  front.database({ kind: 'applied', zxid: makeZxid(2, 10) });
  expect(front.takeClient(a.link)).toMatchObject([{ kind: 'ended', cause: 'fenced' }]);
});

test('H17: touches that the old leader has not acknowledged go to the new one, which has its time', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(2), 9000);
  front.client(a.link, { kind: 'heartbeat', number: 7 });
  front.elapse(500);
  front.loseProcessor();
  front.database({ kind: 'termHeld', held: false });
  front.elapse(8000);
  front.database(marker(TERM_TWO), { kind: 'termHeld', held: true });
  front.connectProcessor();
  front.takeProcessor();
  front.elapse(2500);
  const round = front.takeProcessor().find((it) => it.kind === 'touch');
  expect(round).toMatchObject({ touches: [{ session: a.session }] });
  expect(front.takeClient(a.link)).toEqual([]);
  if (round?.kind === 'touch') front.processor({ kind: 'touched', round: round.round });
  expect(front.takeClient(a.link)).toMatchObject([{ kind: 'heartbeat', acknowledged: 7 }]);
});

test('H17: a new leader has its time also where the old one was held to the last', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open(zxid(2), 9000);
  front.client(a.link, { kind: 'heartbeat', number: 7 });
  front.elapse(2500);
  front.database(marker(TERM_TWO));
  front.connectProcessor();
  front.elapse(2500);
  expect(front.takeClient(a.link)).toEqual([]);
  front.elapse(1000);
  expect(front.takeClient(a.link)).toMatchObject([{ kind: 'ended', cause: 'resumeElsewhere' }]);
});
