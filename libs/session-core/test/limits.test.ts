import type { ClientOperation } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { FrontendUnderTest, get, LOST, set, zxid } from './frontend-under-test.ts';
import type { Opened } from './frontend-under-test.ts';

function watching(path: string): ClientOperation {
  return get(path, { watch: true });
}

/** The reads that the database was asked for since the last look. */
function asked(front: FrontendUnderTest): number {
  return front.takeDatabase().filter((it) => it.kind === 'read').length;
}

describe('the limit of watches', () => {
  const started = (): { front: FrontendUnderTest; me: Opened } => {
    const front = new FrontendUnderTest({ watchesPerSession: 2 }).start();
    return { front, me: front.open() };
  };

  it('refuses the read that would set one too many, in its place, and says why', () => {
    const { front, me } = started();
    front.operations(me.link, 1, [watching('/a'), watching('/b'), watching('/c'), get('/c')]);
    expect(asked(front)).toBe(3);
    front.database(front.data(1, zxid(3)), front.data(2, zxid(3)), front.data(3, zxid(3)));
    const results = front
      .takeClient(me.link)
      .flatMap((it) => (it.kind === 'results' ? it.results : []));
    expect(results.map((it) => it.result.kind)).toEqual(['data', 'data', 'failed', 'data']);
    expect(results[2]?.result).toMatchObject({
      code: 'quotaExceeded',
      limit: { kind: 'watchesPerSession', path: '', limit: 2, use: 2, more: 1 },
    });
  });

  it('counts no watch twice, none that has fired, and none that a read has not set', () => {
    const { front, me } = started();
    front.operations(me.link, 1, [watching('/a'), watching('/b')]);
    const absent = { kind: 'failed', code: 'noNode', reason: '' } as const;
    front.database(front.data(1, zxid(3)), {
      ...{ kind: 'readReply', read: 2, zxid: zxid(3), result: absent },
    });
    front.operations(me.link, 1, [watching('/a'), watching('/c'), watching('/d')]);
    front.database(front.data(3, zxid(3)), front.data(4, zxid(3)));
    expect(front.takeResults(me.link)).toEqual([
      ...['data@3', 'noNode@3', 'data@3', 'data@3', 'quotaExceeded@3'],
    ]);
    front.database(front.event(me, '/a', zxid(4)));
    front.operations(me.link, 1, [watching('/d')]);
    front.database(front.data(5, zxid(4)));
    expect(front.takeResults(me.link)).toEqual(['event', 'data@4']);
  });

  it('lets go of a watch whose read was never asked', () => {
    const front = new FrontendUnderTest({ watchesPerSession: 2 }, { floorWaitMs: 1000 }).start();
    const me = front.open();
    const consistency = { kind: 'linearizable' } as const;
    const linearizable = { watch: true, consistency };
    front.operations(me.link, 1, [get('/a', linearizable), get('/b', linearizable)]);
    front.elapse(1000);
    front.operations(me.link, 1, [watching('/a'), watching('/b'), watching('/c')]);
    front.database(front.data(1, zxid(3)), front.data(2, zxid(3)));
    expect(front.takeResults(me.link).filter((it) => it !== 'heartbeat')).toEqual([
      ...['operationTimeout@2', 'operationTimeout@2', 'data@3', 'data@3', 'quotaExceeded@3'],
    ]);
  });
});

describe('calls without a session', () => {
  it('beyond what may wait are told which limit, and when to call again', () => {
    const front = new FrontendUnderTest({ unarySessions: 1, outstandingPerSession: 1 }).start();
    for (const call of [1, 2, 3]) {
      front.step({ kind: 'unaryReceived', call, operation: set('/a') });
    }
    expect(front.unaryAnswers).toMatchObject([
      {
        call: 3,
        result: {
          code: 'throttled',
          limit: { kind: 'outstanding', limit: 2, use: 2, more: 1 },
          retryAfterMs: 500,
        },
      },
    ]);
  });
});

describe('a write that is too large', () => {
  it('travels on under its sequence, with the limit and its size', () => {
    const front = new FrontendUnderTest({ znodeDataBytes: 3 }).start();
    const me = front.open();
    front.operations(me.link, 1, [set('/a', 'four'), set('/a', 'ok')]);
    const limit = { kind: 'znodeDataBytes', path: '', limit: 3, use: 0, more: 4 };
    const writes = front.takeProcessor().flatMap((it) => (it.kind === 'write' ? [it] : []));
    expect(writes.map((it) => it.operation)).toMatchObject([
      { kind: 'refused', code: 'tooLarge', limit },
      { kind: 'setData' },
    ]);
    expect(writes.map((it) => it.sequence)).toEqual([1, 2]);
  });
});

describe('the rate of requests', () => {
  const LIMIT = { kind: 'requestsPerSecond', path: '', limit: 2, use: 2, more: 1 };
  const alice = [
    { scheme: 'ip', id: '127.0.0.1' },
    { scheme: 'x509', id: 'CN=alice' },
  ];

  it('H2: asks again for a write beyond it, and for all that is behind', () => {
    const front = new FrontendUnderTest({ requestsPerSecond: 2 }).start();
    const me = front.open();
    front.operations(me.link, 1, [set('/a'), set('/b'), set('/c'), get('/c')]);
    expect(front.takeClient(me.link)).toEqual([{ kind: 'expect', sequence: 3, retryAfterMs: 500 }]);
    // Sent before the client knew: a read that came to be taken would show too little.
    front.nowMs += 500;
    front.operations(me.link, 4, [get('/c')]);
    front.operations(me.link, 4, [set('/d'), get('/d')]);
    expect(asked(front)).toBe(0);
    expect(front.takeWrites()).toEqual([1, 2]);
    front.operations(me.link, 3, [set('/c'), get('/c')]);
    expect(front.takeWrites()).toEqual([3]);
    expect(resultsOf(front, me, [1, 2, 3])).toEqual(['deleted', 'deleted', 'deleted', 'failed']);
  });

  it('refuses a read beyond it in its place, and says when to ask again', () => {
    const front = new FrontendUnderTest({ requestsPerSecond: 2 }).start();
    const me = front.open();
    front.operations(me.link, 1, [get('/a'), get('/b'), get('/c')]);
    expect(asked(front)).toBe(2);
    front.database(front.data(1, zxid(3)), front.data(2, zxid(3)));
    const results = front
      .takeClient(me.link)
      .flatMap((it) => (it.kind === 'results' ? it.results : []));
    expect(results[2]?.result).toMatchObject({
      ...{ code: 'throttled', limit: LIMIT, retryAfterMs: 500 },
    });
    front.nowMs += 500;
    front.operations(me.link, 1, [get('/c'), get('/d')]);
    expect(asked(front)).toBe(1);
  });

  it('lets a session be closed all the same', () => {
    const front = new FrontendUnderTest({ requestsPerSecond: 1 }).start();
    const me = front.open();
    front.operations(me.link, 1, [set('/a'), { kind: 'closeSession' }]);
    expect(front.takeWrites()).toEqual([1, 2]);
  });

  it('counts together what one identity asks, and apart what others do', () => {
    const front = new FrontendUnderTest({ requestsPerSecond: 2 }).start();
    const call = (number: number, identities: typeof alice | undefined): void =>
      front.step({ kind: 'unaryReceived', call: number, operation: set('/a'), identities });
    const first = front.open(zxid(2), 9000, alice);
    front.operations(first.link, 1, [get('/a')]);
    call(1, alice);
    call(2, alice);
    call(3, [{ scheme: 'ip', id: '127.0.0.1' }]);
    expect(front.unaryAnswers).toMatchObject([
      { call: 2, result: { code: 'throttled', limit: LIMIT, retryAfterMs: 500 } },
    ]);
  });
});

function resultsOf(front: FrontendUnderTest, me: Opened, sequences: number[]): string[] {
  for (const it of sequences) front.database(front.outcome(me, it, zxid(10 + it)));
  const results = front
    .takeClient(me.link)
    .flatMap((it) => (it.kind === 'results' ? it.results : []));
  return results.map((it) => it.result.kind);
}

describe('the limit of sessions', () => {
  const at = (id: string): { scheme: string; id: string }[] => [{ scheme: 'ip', id }];
  const open = { kind: 'open', timeoutMs: 9000 } as const;

  it('refuses the session too many of an address, and says why; others open theirs', () => {
    const front = new FrontendUnderTest({ sessionsPerAddress: 1 }).start();
    const first = front.open(zxid(2), 9000, at('10.0.0.1'));
    const second = front.connectClient(at('10.0.0.1'));
    front.client(second, open);
    expect(front.takeClient(second)).toMatchObject([
      {
        kind: 'ended',
        cause: 'refused',
        refusal: {
          code: 'throttled',
          limit: { kind: 'sessionsPerAddress', limit: 1, use: 1, more: 1 },
          retryAfterMs: 4000,
        },
      },
    ]);
    expect(front.closed).toEqual([second]);
    front.open(zxid(2), 9000, at('10.0.0.2'));
    front.step({ kind: 'clientEnded', link: first.link, end: LOST });
    front.open(zxid(2), 9000, at('10.0.0.1'));
  });

  it('lets a session be resumed, whatever else there is', () => {
    const front = new FrontendUnderTest({ sessionsPerAddress: 1 }).start();
    const { session, secret } = front.open(zxid(2), 9000, at('10.0.0.1'));
    const again = front.connectClient(at('10.0.0.1'));
    front.client(again, {
      ...{ kind: 'resume', session, secret, attempt: 2, ackedThrough: 0 },
      ...{ floor: zxid(2), watches: [] },
    });
    expect(front.takeClient(again)).toEqual([]);
    expect(front.takeProcessor().map((it) => it.kind)).toContain('resumeSession');
  });
});
