import { trustedPath, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, PersistentMode } from '@paddock/model';
import { expect, test } from 'vitest';
import { FrontendUnderTest, get, statAt, zxid } from './frontend-under-test.ts';

function watch(path: string, mode: PersistentMode): ClientOperation {
  return { kind: 'exists', path, watch: true, mode, atLeast: ZXID_ZERO };
}

/** A session with a persistent watch of /a and, one-shot, of its data; set at zxid 3. */
function watching() {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  front.operations(a.link, 1, [watch('/a', 'persistent'), get('/a', { watch: true })]);
  const reads = front.takeDatabase().filter((it) => it.kind === 'read');
  expect(reads[0]?.operation).toMatchObject({ watch: true, mode: 'persistent' });
  front.database(
    { kind: 'readsAccepted', reads: 2 },
    { kind: 'readReply', read: 1, zxid: zxid(3), result: { kind: 'stat', stat: statAt(zxid(3)) } },
    front.data(2, zxid(3)),
  );
  return { front, a };
}

/** What the front-end brings back after its database was lost. */
function broughtBack(front: FrontendUnderTest): unknown[] {
  front.loseDatabase();
  front.connectDatabase(zxid(9));
  const attaches = front.takeDatabase().filter((it) => it.kind === 'attach');
  return attaches.flatMap(({ watches }) => watches.map(({ kind, path }) => `${kind} ${path}`));
}

test('a persistent watch is not spent by an event, and a one-shot watch is', () => {
  const { front, a } = watching();
  const event = { kind: 'nodeDataChanged', path: trustedPath('/a'), zxid: zxid(5) } as const;
  front.database({ kind: 'event', session: a.session, event });
  expect(broughtBack(front)).toEqual(['persistent /a']);
});

test('an event that a one-shot watch stands behind does not spend it', () => {
  const { front, a } = watching();
  const event = { kind: 'nodeDataChanged', path: trustedPath('/a'), zxid: zxid(2) } as const;
  front.database({ kind: 'event', session: a.session, event });
  expect(broughtBack(front)).toEqual(['data /a', 'persistent /a']);
});

test('a watch that is not wanted any more is forgotten here, and in the database', () => {
  const { front, a } = watching();
  front.takeDatabase();
  front.client(a.link, { kind: 'unwatch', path: '/a', watch: 'persistent' });
  front.client(a.link, { kind: 'unwatch', path: '/b', watch: 'persistent' });
  front.client(a.link, { kind: 'unwatch', path: 'bad', watch: 'persistent' });
  expect(front.takeDatabase()).toMatchObject([
    { kind: 'unwatch', session: a.session, path: '/a', watch: 'persistent' },
  ]);
  expect(broughtBack(front)).toEqual(['data /a']);
});

test('a watch stays only where an exists sets it', () => {
  const front = new FrontendUnderTest().start();
  const a = front.open();
  const bad = { ...watch('/a', 'persistent'), kind: 'getData' } as ClientOperation;
  front.operations(a.link, 1, [bad]);
  expect(front.takeResults(a.link)).toEqual(['badArguments@2']);
});

test('the acknowledgement of a heartbeat says up to where all events have been told', () => {
  const { front, a } = watching();
  front.database({ kind: 'applied', zxid: zxid(7) });
  front.client(a.link, { kind: 'heartbeat', number: 1 });
  front.elapse(500);
  const touch = front.takeProcessor().find((it) => it.kind === 'touch');
  front.takeClient(a.link);
  front.processor({ kind: 'touched', round: touch?.round ?? 0 });
  expect(front.takeClient(a.link)).toEqual([
    { kind: 'heartbeat', acknowledged: 1, covered: zxid(7) },
  ]);
});
