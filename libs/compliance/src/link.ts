import { NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { SessionReply, SessionRequest, Stat } from '@paddock/model';
import type { Link, LinkAcceptor, LinkDialer, LinkEnd, LinkHandlers } from '@paddock/ports';
import { describe, expect, it } from 'vitest';

/** Bounds that the suite fills: small, so that it is quick. */
export const LINK_SUITE_LIMITS = {
  batchBytes: 16 * 1024,
  batchOperations: 256,
  queueBytes: 256 * 1024,
  linkMessageBytes: 2 * 1024 * 1024,
  slowReaderBytes: 1024 * 1024,
} as const;

/** One carrier of the public boundary, for one test; with the bounds of LINK_SUITE_LIMITS. */
export interface LinkFixture {
  /** Listens somewhere new and says where. */
  listen(acceptor: LinkAcceptor<SessionReply[], SessionRequest[]>): Promise<string>;
  readonly dialer: LinkDialer<SessionRequest[], SessionReply[]>;
  /** An address that nobody listens at. */
  readonly nowhere: string;
  /** Lets some time go by. */
  settle(): Promise<void>;
  dispose(): Promise<void>;
}

/** How often a test lets time go by before it takes what it waits for to be lost. */
const TURNS = 4000;
/** Turns in which what must not happen would have happened. */
const QUIET_TURNS = 30;
const LARGE_BYTES = 64 * 1024;

/** One end, and all that it was told. */
class Recorder<Send, Message> implements LinkHandlers<Message[]> {
  link: Link<Send> | null = null;
  readonly messages: Message[] = [];
  readonly ends: LinkEnd[] = [];
  drains = 0;
  depth = 0;
  deepest = 0;
  onReceived: (batch: Message[]) => void = () => undefined;

  received(batch: Message[]): void {
    this.depth++;
    this.deepest = Math.max(this.deepest, this.depth);
    for (const message of batch) this.messages.push(message);
    this.onReceived(batch);
    this.depth--;
  }

  drained(): void {
    this.drains++;
  }

  ended(end: LinkEnd): void {
    this.ends.push(end);
  }

  /** The link, once it is there. */
  get open(): Link<Send> {
    if (this.link === null) throw new LinkSuiteError('the link has not been accepted');
    return this.link;
  }
}

class LinkSuiteError extends Error {
  override readonly name = 'LinkSuiteError';
}

type Dialler = Recorder<SessionRequest[], SessionReply>;
type Acceptor = Recorder<SessionReply[], SessionRequest>;

interface Ends {
  readonly fixture: LinkFixture;
  readonly dialler: Dialler;
  readonly acceptor: Acceptor;
  readonly until: (what: string, condition: () => boolean) => Promise<void>;
  readonly quiet: () => Promise<void>;
}

async function connected(
  make: () => Promise<LinkFixture>,
  test: (ends: Ends) => Promise<void>,
): Promise<void> {
  const fixture = await make();
  const dialler: Dialler = new Recorder();
  const acceptor: Acceptor = new Recorder();
  const until = async (what: string, condition: () => boolean): Promise<void> => {
    for (let turn = 0; turn < TURNS && !condition(); turn++) await fixture.settle();
    expect(condition(), what).toBe(true);
  };
  const quiet = async (): Promise<void> => {
    for (let turn = 0; turn < QUIET_TURNS; turn++) await fixture.settle();
  };
  try {
    const address = await fixture.listen((link) => {
      acceptor.link = link;
      return acceptor;
    });
    dialler.link = fixture.dialer.dial(address, dialler);
    await test({ fixture, dialler, acceptor, until, quiet });
  } finally {
    await fixture.dispose();
  }
}

function ping(number: number): SessionRequest {
  return { kind: 'heartbeat', number };
}

function pong(acknowledged: number): SessionReply {
  return { kind: 'heartbeat', acknowledged, covered: ZXID_ZERO };
}

function largeRequest(sequence: number, bytes = LARGE_BYTES): SessionRequest {
  const data = new Uint8Array(bytes).fill(sequence % 251);
  return {
    kind: 'operations',
    firstSequence: sequence,
    ackedThrough: 0,
    operations: [{ kind: 'setData', path: '/large', data, version: -1 }],
  };
}

function largeReply(): SessionReply {
  const stat: Stat = {
    czxid: ZXID_ZERO,
    mzxid: ZXID_ZERO,
    pzxid: ZXID_ZERO,
    ctime: 0,
    mtime: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: NO_SESSION,
    dataLength: LARGE_BYTES,
    numChildren: 0,
    kind: 'persistent',
    ttlMs: 0,
  };
  const result = { kind: 'data', data: new Uint8Array(LARGE_BYTES), stat } as const;
  return { kind: 'results', results: [{ zxid: ZXID_ZERO, result }] };
}

function numbersOf(messages: readonly (SessionRequest | SessionReply)[]): number[] {
  return messages.flatMap((message) => {
    if (message.kind === 'heartbeat') {
      return 'number' in message ? [message.number] : [message.acknowledged];
    }
    return message.kind === 'operations' ? [message.firstSequence] : [];
  });
}

function countTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

const CLOSED: LinkEnd = { cause: 'closed', reason: 'done' };

/** What every Link does. `make` gives a new fixture each time. */
export function describeLink(subject: string, make: () => Promise<LinkFixture>): void {
  describe(subject, () => {
    describeDelivery(make);
    describeFlowControl(make);
    describeEnds(make);
  });
}

function describeDelivery(make: () => Promise<LinkFixture>): void {
  it('delivers in order what was sent before the link was accepted, and after', async () => {
    await connected(make, async ({ dialler, acceptor, until }) => {
      for (let n = 1; n <= 500; n++) dialler.open.send([ping(n)]);
      await until('the first part arrives', () => acceptor.messages.length === 500);
      dialler.open.send(countTo(500).map((n) => ping(500 + n)));
      await until('the second part arrives', () => acceptor.messages.length === 1000);
      expect(numbersOf(acceptor.messages)).toEqual(countTo(1000));
    });
  });

  it('delivers both ways at once', async () => {
    await connected(make, async ({ dialler, acceptor, until }) => {
      dialler.open.send([ping(1)]);
      await until('the link is accepted', () => acceptor.link !== null);
      for (let n = 2; n <= 300; n++) {
        dialler.open.send([ping(n)]);
        acceptor.open.send([pong(n - 1)]);
      }
      acceptor.open.send([pong(300)]);
      await until('all arrives', () => acceptor.messages.length + dialler.messages.length === 600);
      expect(numbersOf(acceptor.messages)).toEqual(countTo(300));
      expect(numbersOf(dialler.messages)).toEqual(countTo(300));
    });
  });

  it('delivers large batches and large messages whole', async () => {
    await connected(make, async ({ dialler, acceptor, until }) => {
      const batch = countTo(40).map((n) => largeRequest(n));
      batch.push(largeRequest(41, 1024 * 1024));
      dialler.open.send(batch);
      await until('all arrives', () => acceptor.messages.length === 41);
      expect(acceptor.messages).toEqual(batch);
    });
  });

  it('never delivers inside a call of its user', async () => {
    await connected(make, async ({ dialler, acceptor, until }) => {
      const rounds = 200;
      let sending = 0;
      let nested = 0;
      acceptor.onReceived = (batch) => {
        if (sending > 0) nested++;
        sending++;
        for (const n of numbersOf(batch)) acceptor.open.send([pong(n)]);
        sending--;
      };
      dialler.onReceived = (batch) => {
        if (sending > 0) nested++;
        sending++;
        for (const n of numbersOf(batch)) if (n < rounds) dialler.open.send([ping(n + 1)]);
        sending--;
      };
      sending++;
      dialler.open.send([ping(1)]);
      sending--;
      await until('all rounds are played', () => dialler.messages.length === rounds);
      expect(nested).toBe(0);
      expect([dialler.deepest, acceptor.deepest]).toEqual([1, 1]);
    });
  });
}

function describeFlowControl(make: () => Promise<LinkFixture>): void {
  it('delivers nothing while paused, and everything after', async () => {
    await connected(make, async ({ dialler, acceptor, until, quiet }) => {
      dialler.open.send([ping(1)]);
      await until('the link works', () => acceptor.messages.length === 1);
      acceptor.open.pause();
      for (let n = 2; n <= 100; n++) dialler.open.send([ping(n)]);
      await quiet();
      expect(acceptor.messages).toHaveLength(1);
      acceptor.open.resume();
      await until('the rest arrives', () => acceptor.messages.length === 100);
      expect(numbersOf(acceptor.messages)).toEqual(countTo(100));
    });
  });

  it('tells a sender to stop while the other side does not read, and when to go on', async () => {
    await connected(make, async ({ dialler, acceptor, until, quiet }) => {
      dialler.open.send([ping(1)]);
      await until('the link works', () => acceptor.messages.length === 1);
      acceptor.open.pause();
      let sent = 1;
      // What the carrier itself holds on the way is bounded, so that in the end the sender feels it.
      for (let drains = -1; drains !== dialler.drains;) {
        drains = dialler.drains;
        while (dialler.open.send([largeRequest(++sent)])) expect(sent).toBeLessThan(10_000);
        await quiet();
      }
      const { drains } = dialler;
      expect(dialler.open.bufferedBytes).toBeGreaterThan(LINK_SUITE_LIMITS.queueBytes / 2);
      acceptor.open.resume();
      await until('the sender may go on', () => dialler.drains === drains + 1);
      await until('all arrives', () => acceptor.messages.length === sent);
      expect(numbersOf(acceptor.messages)).toEqual(countTo(sent));
      await until('nothing is left', () => dialler.open.bufferedBytes === 0);
    });
  });

  it('is cut by the accepting side when the dialling side does not read', async () => {
    await connected(make, async ({ dialler, acceptor, until, quiet }) => {
      dialler.open.send([ping(1)]);
      await until('the link works', () => acceptor.messages.length === 1);
      dialler.open.pause();
      for (let n = 0; n < 1000 && acceptor.ends.length === 0; n++) {
        acceptor.open.send([largeReply()]);
        await quiet();
      }
      expect(acceptor.ends.map((end) => end.cause)).toEqual(['tooSlow']);
      await until('the slow side is told', () => dialler.ends.length === 1);
    });
  });
}

function describeEnds(make: () => Promise<LinkFixture>): void {
  it('delivers what was sent before the dialling side closed, then the end, once', async () => {
    await connected(make, async ({ dialler, acceptor, until, quiet }) => {
      for (let n = 1; n <= 20; n++) dialler.open.send([largeRequest(n)]);
      dialler.open.close(CLOSED);
      expect(dialler.ends).toEqual([CLOSED]);
      await until('the end arrives', () => acceptor.ends.length > 0);
      expect(numbersOf(acceptor.messages)).toEqual(countTo(20));
      await quiet();
      expect(acceptor.ends.map((end) => end.cause)).toEqual(['closed']);
      expect(dialler.ends).toHaveLength(1);
    });
  });

  it('delivers what was sent before the accepting side closed, then the end, once', async () => {
    await connected(make, async ({ dialler, acceptor, until, quiet }) => {
      dialler.open.send([ping(1)]);
      await until('the link works', () => acceptor.messages.length === 1);
      for (let n = 1; n <= 10; n++) acceptor.open.send([largeReply(), pong(n)]);
      acceptor.open.close({ cause: 'refused', reason: 'one life is enough: 100 %' });
      expect(acceptor.ends).toHaveLength(1);
      await until('the end arrives', () => dialler.ends.length > 0);
      expect(numbersOf(dialler.messages)).toEqual(countTo(10));
      await quiet();
      expect(dialler.ends).toEqual([{ cause: 'refused', reason: 'one life is enough: 100 %' }]);
      expect(acceptor.ends).toHaveLength(1);
    });
  });

  it('tells nothing after the end, and drops what is sent after it', async () => {
    await connected(make, async ({ dialler, acceptor, until, quiet }) => {
      dialler.open.send([ping(1)]);
      await until('the link works', () => acceptor.messages.length === 1);
      acceptor.open.send([pong(1)]);
      dialler.open.close(CLOSED);
      const told = dialler.messages.length;
      dialler.open.send([ping(2)]);
      dialler.open.close({ cause: 'refused', reason: 'again' });
      dialler.open.pause();
      dialler.open.resume();
      await until('the end arrives', () => acceptor.ends.length === 1);
      acceptor.open.send([pong(2)]);
      await quiet();
      expect(numbersOf(acceptor.messages)).toEqual([1]);
      expect(dialler.messages).toHaveLength(told);
      expect([dialler.ends.length, acceptor.ends.length]).toEqual([1, 1]);
    });
  });

  it('ends once at each side when both close at the same time', async () => {
    await connected(make, async ({ dialler, acceptor, until, quiet }) => {
      dialler.open.send([ping(1)]);
      await until('the link works', () => acceptor.messages.length === 1);
      dialler.open.close(CLOSED);
      acceptor.open.close(CLOSED);
      await quiet();
      expect([dialler.ends, acceptor.ends]).toEqual([[CLOSED], [CLOSED]]);
    });
  });

  it('ends as lost where nobody listens', async () => {
    await connected(make, async ({ fixture, until, quiet }) => {
      const lonely: Dialler = new Recorder();
      const link = fixture.dialer.dial(fixture.nowhere, lonely);
      link.send([ping(1)]);
      expect(lonely.ends).toEqual([]);
      await until('the end arrives', () => lonely.ends.length > 0);
      await quiet();
      expect(lonely.ends.map((end) => end.cause)).toEqual(['lost']);
      expect(lonely.ends[0]?.reason).not.toBe('');
    });
  });
}
