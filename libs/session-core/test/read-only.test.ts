import { makeSessionId, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, DatabaseReply, Identity, Zxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { CLOSE, FrontendUnderTest, get, set, SYNC, zxid } from './frontend-under-test.ts';

const STALE: DatabaseReply = { kind: 'serving', serving: false, reason: 'no leader is heard' };
const FRESH: DatabaseReply = { kind: 'serving', serving: true, reason: '' };

function open(front: FrontendUnderTest, identities?: readonly Identity[]): number {
  const link = front.connectClient(identities);
  front.client(link, { kind: 'open', timeoutMs: 9000, acceptsReadOnly: true });
  return link;
}

function resume(front: FrontendUnderTest, floor: Zxid): number {
  const link = front.connectClient();
  const session = makeSessionId(5);
  front.client(link, {
    ...{ kind: 'resume', session, secret: new Uint8Array(16), attempt: 2, ackedThrough: 0 },
    ...{ floor, watches: [], acceptsReadOnly: true },
  });
  return link;
}

function cutOff(): FrontendUnderTest {
  const front = new FrontendUnderTest().start();
  front.database(STALE);
  front.takeDatabase();
  return front;
}

function reads(front: FrontendUnderTest): { path: string; floor: Zxid }[] {
  return front
    .takeDatabase()
    .flatMap((it) => (it.kind === 'read' ? [{ path: it.operation.path, floor: it.floor }] : []));
}

describe('a connection that accepts read-only', () => {
  it('is told so by a replica that has lost the leader, which asks nobody for a session', () => {
    const front = cutOff();
    const link = open(front);
    expect(front.takeClient(link)).toMatchObject([{ kind: 'readOnly' }]);
    const resumed = resume(front, zxid(2));
    expect(front.takeClient(resumed)).toMatchObject([{ kind: 'readOnly' }]);
    expect(front.takeProcessor()).toEqual([]);
    front.elapse(20_000);
    expect(front.takeProcessor().filter((it) => it.kind === 'touch')).toEqual([]);
    expect(front.takeClient(link)).toEqual([]);
  });

  it('is a connection like others where the replica serves', () => {
    const front = new FrontendUnderTest().start();
    open(front);
    expect(front.takeProcessor().map((it) => it.kind)).toEqual(['openSession']);
  });

  it('P3: reads at or above what it has seen, and one after the other never less', () => {
    const front = cutOff();
    const link = resume(front, zxid(7));
    const ahead = get('/b', { atLeast: zxid(20) });
    front.operations(link, 1, [get('/a'), ahead, get('/c')]);
    expect(front.takeDatabase()).toMatchObject([
      { kind: 'read', session: NO_SESSION, floor: zxid(7), acceptsReadOnly: true },
    ]);
    front.database(front.data(1, zxid(9)));
    expect(reads(front)).toEqual([{ path: '/b', floor: zxid(20) }]);
    front.database(front.data(2, zxid(21)));
    expect(reads(front)).toEqual([{ path: '/c', floor: zxid(21) }]);
    front.database(front.data(3, zxid(21)));
    expect(front.takeResults(link)).toEqual(['readOnly', 'data@9', 'data@21', 'data@21']);
  });

  it('has all else refused in its place, and a write uses up no sequence', () => {
    const front = cutOff();
    const link = open(front);
    const watching = get('/b', { watch: true });
    const fresh = get('/b', { consistency: { kind: 'linearizable' } });
    const recent = get('/b', { consistency: { kind: 'boundedStaleness', ms: 10 } });
    const own = {
      kind: 'getEphemerals',
      path: '/',
      owner: NO_SESSION,
      atLeast: ZXID_ZERO,
    } as const;
    const operations: ClientOperation[] = [
      get('/a'),
      set('/a'),
      SYNC,
      watching,
      fresh,
      recent,
      own,
    ];
    front.operations(link, 1, [...operations, CLOSE]);
    front.operations(link, 1, [set('/a')]);
    expect(front.takeResults(link)).toEqual(['readOnly']);
    front.database(front.data(1, zxid(1)));
    const refused = Array.from({ length: 8 }, () => 'notReadOnly@1');
    expect(front.takeResults(link)).toEqual(['data@1', ...refused]);
    expect(front.takeProcessor()).toEqual([]);
  });

  it('is answered its heartbeats, none of which is a sign of life for a session', () => {
    const front = cutOff();
    const link = open(front);
    front.takeClient(link);
    front.client(link, { kind: 'heartbeat', number: 3 });
    expect(front.takeClient(link)).toEqual([
      { kind: 'heartbeat', acknowledged: 0, covered: ZXID_ZERO },
    ]);
  });

  it('is asked for as who it is', () => {
    const front = cutOff();
    const alice = [{ scheme: 'x509', id: 'CN=alice' }];
    const link = open(front, alice);
    front.operations(link, 1, [get('/a')]);
    expect(front.takeDatabase()).toMatchObject([{ kind: 'read', identities: alice }]);
  });

  it('is sent on to a session of its own when the replica serves again, or has no database', () => {
    const front = cutOff();
    const link = open(front);
    front.database(FRESH);
    front.elapse(500);
    expect(front.takeResults(link)).toEqual(['readOnly', 'ended']);
    front.database(STALE);
    const other = open(front);
    front.loseDatabase();
    front.elapse(500);
    expect(front.takeResults(other)).toEqual(['readOnly', 'ended']);
    expect(front.closed).toEqual([link, other]);
  });
});
