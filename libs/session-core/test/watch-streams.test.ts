import { trustedPath, trustedZxid, ZXID_ZERO } from '@paddock/model';
import type { EventKind, WatchEvent, WatchTerms } from '@paddock/model';
import { expect, test } from 'vitest';
import { FrontendUnderTest, statAt, zxid } from './frontend-under-test.ts';

function eventAt(counter: number, path = '/a', kind: EventKind = 'nodeDataChanged'): WatchEvent {
  return { kind, path: trustedPath(path), zxid: zxid(counter) };
}

function told(front: FrontendUnderTest): string[] {
  return front.watchReplies.splice(0).map((it) => {
    if (it.kind !== 'event') return `${it.watch}:${it.kind}`;
    return `${it.watch}:${it.event.kind} ${it.event.path}`;
  });
}

test('P9: a watch stream goes on behind the last transaction that it was told of whole', () => {
  const front = new FrontendUnderTest().start();
  front.step({ kind: 'watchOpened', watch: 5, path: '/a', from: ZXID_ZERO });
  front.step({ kind: 'watchOpened', watch: 6, path: 'bad', from: ZXID_ZERO });
  expect(front.takeDatabase()).toEqual([
    { kind: 'openWatch', watch: 5, path: '/a', from: ZXID_ZERO },
  ]);
  front.database(
    { kind: 'watchOpened', watch: 5, zxid: zxid(4) },
    { kind: 'watchEvent', watch: 5, event: eventAt(8) },
  );
  front.loseDatabase();
  front.connectDatabase(zxid(8));
  const again = front.takeDatabase().at(-1);
  expect(again).toMatchObject({ kind: 'openWatch', from: trustedZxid(zxid(8) - 1) });
  front.database({ kind: 'watchEnded', watch: 5, code: 'compacted' });
  expect(told(front)).toEqual(['6:ended', '5:opened', '5:nodeDataChanged /a', '5:ended']);
  front.step({ kind: 'watchCancelled', watch: 5 });
  expect(front.takeDatabase()).toEqual([]);
});

test('P9: a stream that breaks between the events of one transaction costs none, and repeats none', () => {
  const front = new FrontendUnderTest().start();
  front.step({ kind: 'watchOpened', watch: 5, path: '/a', from: zxid(4) });
  const events = [
    eventAt(8, '/a/b', 'nodeDeleted'),
    eventAt(8, '/a', 'nodeChildrenChanged'),
    eventAt(8, '/a/c', 'nodeDeleted'),
    eventAt(8, '/a', 'nodeChildrenChanged'),
  ].map((event) => ({ kind: 'watchEvent', watch: 5, event }) as const);
  front.database({ kind: 'watchOpened', watch: 5, zxid: zxid(4) }, ...events.slice(0, 3));
  front.loseDatabase();
  front.connectDatabase(zxid(8));
  front.database({ kind: 'watchOpened', watch: 5, zxid: zxid(7) }, ...events);
  expect(told(front)).toEqual([
    '5:opened',
    '5:nodeDeleted /a/b',
    '5:nodeChildrenChanged /a',
    '5:nodeDeleted /a/c',
    '5:opened',
    '5:nodeChildrenChanged /a',
  ]);
});

test('a watch stream passes on its terms, what events show, and how far it is', () => {
  const front = new FrontendUnderTest().start();
  const terms: WatchTerms = {
    ...{ kinds: ['nodeCreated'], depth: 3, withStat: true, withData: true, progressMs: 100 },
  };
  front.step({ kind: 'watchOpened', watch: 5, path: '/a', from: zxid(4), terms });
  expect(front.takeDatabase().at(-1)).toMatchObject({ kind: 'openWatch', terms });
  const shown = { stat: statAt(zxid(8)), data: Uint8Array.of(1) };
  front.database(
    { kind: 'watchOpened', watch: 5, zxid: zxid(4) },
    { kind: 'watchEvent', watch: 5, event: eventAt(8), shown },
    { kind: 'watchProgress', watch: 5, zxid: zxid(11) },
  );
  expect(front.watchReplies.splice(0).slice(1)).toMatchObject([
    { kind: 'event', shown },
    { kind: 'progress', watch: 5, zxid: zxid(11) },
  ]);
  front.loseDatabase();
  front.connectDatabase(zxid(12));
  expect(front.takeDatabase().at(-1)).toMatchObject({ from: zxid(11), terms });
  const often = { ...terms, progressMs: 99 };
  front.step({ kind: 'watchOpened', watch: 6, path: '/a', from: zxid(4), terms: often });
  expect(front.watchReplies.at(-1)).toMatchObject({ watch: 6, code: 'badArguments' });
});

test('P9: a watch stream that began before everything goes on there, and not from now on', () => {
  const front = new FrontendUnderTest();
  front.connectDatabase(ZXID_ZERO, null);
  front.step({ kind: 'watchOpened', watch: 5, path: '/a', from: ZXID_ZERO });
  front.database({ kind: 'watchOpened', watch: 5, zxid: ZXID_ZERO });
  front.loseDatabase();
  front.connectDatabase(zxid(50));
  const again = front.takeDatabase().at(-1);
  if (again?.kind !== 'openWatch') throw new Error('the watch was not opened again');
  expect(again.from).toBeGreaterThan(ZXID_ZERO);
  expect(again.from).toBeLessThan(zxid(1));
});

test('P9: missed events that a broken stream may have swallowed are asked for again', () => {
  const front = new FrontendUnderTest().start();
  front.database({ kind: 'applied', zxid: zxid(100) });
  front.step({ kind: 'watchOpened', watch: 5, path: '/a', from: zxid(50) });
  front.database({ kind: 'watchOpened', watch: 5, zxid: zxid(50) });
  front.loseDatabase();
  front.connectDatabase(zxid(100));
  expect(front.takeDatabase().at(-1)).toMatchObject({ kind: 'openWatch', from: zxid(50) });
  front.database({ kind: 'watchOpened', watch: 5, zxid: zxid(50) });
  front.database({ kind: 'applied', zxid: zxid(101) });
  front.loseDatabase();
  front.connectDatabase(zxid(101));
  expect(front.takeDatabase().at(-1)).toMatchObject({ kind: 'openWatch', from: zxid(101) });
});
