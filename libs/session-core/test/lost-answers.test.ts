// What is asked again when a neighbour is lost, and in which order its answers reach the client then.
import { expect, test } from 'vitest';
import { FrontendUnderTest, get, outcomeOf, set, zxid } from './frontend-under-test.ts';

test('H4 a: the outcome of a duplicate comes by the database, behind the events before it', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [get('/w', { watch: true })]);
  front.database(front.data(1, zxid(90)));
  front.operations(a.link, 1, [set('/a'), get('/w')]);
  front.takeClient(a.link);
  front.takeDatabase();
  expect(front.takeWrites()).toEqual([1]);
  front.loseProcessor();
  front.connectProcessor();
  // It has run at 1.100 by now: the processor drops the copy, and has nothing to say of its outcome.
  expect(front.takeWrites()).toEqual([1]);
  front.processor({ kind: 'touched', round: 1 });
  expect(front.takeResults(a.link)).toEqual([]);
  front.database(
    front.event(a, '/w', zxid(95)),
    front.outcome(a, 1, zxid(100)),
    front.data(2, zxid(100)),
  );
  expect(front.takeResults(a.link)).toEqual(['event', 'deleted@100', 'data@100']);
});

test('H14 c: a read that a database has lost is asked again at its place, and may show more', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [set('/a', '1'), get('/a'), set('/a', '3')]);
  front.database({ kind: 'readsAccepted', reads: 1 });
  expect(front.takeWrites()).toEqual([1, 2]);
  front.database(front.outcome(a, 1, zxid(3)));
  front.takeDatabase();
  // Its answer was under way when the database died; both writes are committed.
  front.loseDatabase();
  front.connectDatabase(zxid(4));
  const outcomes = [outcomeOf(2, zxid(4))];
  front.database(front.attachAnswer(a, zxid(4), { lastSequence: 2, outcomes }));
  expect(front.takeDatabase().at(-1)).toMatchObject({ kind: 'read', afterSequence: 1 });
  expect(front.takeResults(a.link)).toEqual(['deleted@3']);
  front.database(front.data(1, zxid(4), '3'));
  expect(front.takeResults(a.link)).toEqual(['data@4', 'deleted@4']);
  expect(front.takeWrites()).toEqual([]);
});
