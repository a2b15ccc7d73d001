import { trustedPath } from '@paddock/model';
import type { SessionId, SessionRequest, Zxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { CLOSE, FrontendUnderTest, get, set, SYNC, TERM_TWO, zxid } from './frontend-under-test.ts';
import type { Opened } from './frontend-under-test.ts';

const LOCAL = { kind: 'local' } as const;
const OPEN: SessionRequest = { kind: 'open', timeoutMs: 9000, local: { watches: [] } };
const HEARTBEAT: SessionRequest = { kind: 'heartbeat', number: 3 };

function ask(front: FrontendUnderTest, open = OPEN): Opened {
  const link = front.connectClient();
  front.client(link, open);
  const attach = front.takeDatabase().find((it) => it.kind === 'attach');
  if (attach?.kind !== 'attach') throw new Error('no attach was sent');
  const { session, attachment } = attach;
  return { link, session, secret: new Uint8Array(0), attachment };
}

/** A local session that has been opened; what was said on the way is forgotten. */
function opened(front: FrontendUnderTest): Opened {
  const of = ask(front);
  front.database(front.attachAnswer(of, zxid(2), { verdict: LOCAL }));
  front.takeClient(of.link);
  return of;
}

/** As the processor and the database answer an upgrade. */
function global({ session, attachment }: Opened, at: Zxid) {
  return { kind: 'sessionOpened', session, attachment, zxid: at, timeoutMs: 9000 } as const;
}

function upgradedAt(front: FrontendUnderTest, at: Zxid): Opened {
  const of = opened(front);
  front.client(of.link, { kind: 'upgrade' });
  front.takeProcessor();
  front.database(global(of, at));
  front.takeClient(of.link);
  return of;
}

function touched(front: FrontendUnderTest): SessionId[] {
  return front
    .takeProcessor()
    .flatMap((it) => (it.kind === 'touch' ? it.touches.map((touch) => touch.session) : []));
}

describe('a local session', () => {
  it('H19 c: opens, lives and closes with its database alone: the processor hears nothing', () => {
    const front = new FrontendUnderTest().start();
    const of = ask(front);
    expect(front.takeClient(of.link)).toEqual([]);
    front.database(front.attachAnswer(of, zxid(2), { verdict: LOCAL }));
    expect(front.takeClient(of.link)).toMatchObject([
      { kind: 'opened', session: of.session, timeoutMs: 9000, zxid: zxid(2), isLocal: true },
    ]);
    front.operations(of.link, 1, [get('/a'), CLOSE]);
    expect(front.takeDatabase()).toMatchObject([{ kind: 'read', session: of.session }]);
    front.elapse(2000);
    front.database(front.data(1, zxid(3)));
    expect(front.takeResults(of.link)).toEqual(['data@3', 'closed@0', 'ended']);
    expect(front.closed).toEqual([of.link]);
    expect(front.takeDatabase()).toMatchObject([{ kind: 'detach', session: of.session }]);
    expect(front.takeProcessor()).toEqual([]);
  });

  it('H19 c: writes nothing; its upgrade opens it for all under the id, secret and attachment it has', () => {
    const front = new FrontendUnderTest().start();
    const of = opened(front);
    front.client(of.link, { kind: 'upgrade' });
    expect(front.takeProcessor()).toMatchObject([
      { kind: 'openSession', session: of.session, attachment: of.attachment, timeoutMs: 9000 },
    ]);
    front.database(global(of, zxid(5)));
    expect(front.takeClient(of.link)).toEqual([{ kind: 'upgraded', zxid: zxid(5) }]);
    front.operations(of.link, 1, [set('/a'), get('/a')]);
    expect(front.takeDatabase()).toMatchObject([{ kind: 'read', floor: zxid(5) }]);
    front.database({ kind: 'readsAccepted', reads: 1 });
    expect(front.takeWrites()).toEqual([1]);

    const other = opened(front);
    front.operations(other.link, 1, [set('/b')]);
    expect(front.takeResults(other.link)).toEqual(['ended']);
    expect(front.takeWrites()).toEqual([]);
  });

  it('H1: an upgrade goes again to a new processor, and is told once', () => {
    const front = new FrontendUnderTest().start();
    const of = opened(front);
    front.client(of.link, { kind: 'upgrade' });
    front.loseProcessor();
    front.takeProcessor();
    front.database({
      kind: 'termMarker',
      zxid: zxid(9),
      term: { term: TERM_TWO, processorAddress: 'processor:2' },
    });
    front.connectProcessor();
    expect(front.takeProcessor()).toMatchObject([{ kind: 'openSession', session: of.session }]);
    front.database(global(of, zxid(10)), global(of, zxid(10)));
    expect(front.takeClient(of.link)).toEqual([{ kind: 'upgraded', zxid: zxid(10) }]);
  });

  it('H15: brings itself and its watches back to a database that restarts, also in the middle of an upgrade', () => {
    const front = new FrontendUnderTest().start();
    const of = opened(front);
    front.operations(of.link, 1, [get('/a', { watch: true })]);
    front.database(front.data(1, zxid(3)));
    front.client(of.link, { kind: 'upgrade' });
    front.loseDatabase();
    front.takeDatabase();
    front.connectDatabase(zxid(3));
    expect(front.takeDatabase()).toMatchObject([
      { kind: 'openStream' },
      { kind: 'attach', localTimeoutMs: 9000, floor: zxid(3), watches: [{ path: '/a' }] },
    ]);
    front.takeClient(of.link);
    // The opening was applied while there was no stream.
    front.database(front.attachAnswer(of, zxid(6)));
    expect(front.takeClient(of.link)).toEqual([{ kind: 'upgraded', zxid: zxid(6) }]);
    front.loseDatabase();
    front.connectDatabase(zxid(6));
    expect(front.takeDatabase().find((it) => it.kind === 'attach')).not.toHaveProperty(
      'localTimeoutMs',
    );
  });

  it('P3, P9: begins at what an earlier one had seen, with the watches of that one and what they missed', () => {
    const front = new FrontendUnderTest().start();
    const watch = { path: trustedPath('/a'), kind: 'data', from: zxid(4) } as const;
    const of = ask(front, { ...OPEN, floor: zxid(7), local: { watches: [watch] } });
    front.database(front.event(of, '/a', zxid(6)));
    front.database(front.attachAnswer(of, zxid(8), { verdict: LOCAL }));
    expect(front.takeClient(of.link)).toMatchObject([{ kind: 'event' }, { kind: 'opened' }]);
    const again = ask(front, { ...OPEN, floor: zxid(7), local: { watches: [watch] } });
    expect(again.session).not.toBe(of.session);
  });

  it('P3: says what it wants of the database: its floor and its watches', () => {
    const front = new FrontendUnderTest().start();
    const link = front.connectClient();
    const watches = [{ path: trustedPath('/a'), kind: 'data', from: zxid(4) }] as const;
    front.client(link, { ...OPEN, floor: zxid(7), local: { watches } });
    expect(front.takeDatabase()).toMatchObject([
      { kind: 'attach', floor: zxid(7), watches, localTimeoutMs: 9000 },
    ]);
  });

  it('is answered its heartbeats at once, and the leader is touched for it only from its upgrade on (H17)', () => {
    const front = new FrontendUnderTest().start();
    const of = opened(front);
    front.client(of.link, HEARTBEAT);
    expect(front.takeClient(of.link)).toMatchObject([{ kind: 'heartbeat', acknowledged: 3 }]);
    front.elapse(1000);
    expect(touched(front)).toEqual([]);
    front.client(of.link, { kind: 'upgrade' }, { kind: 'heartbeat', number: 4 });
    front.elapse(500);
    expect(front.takeClient(of.link)).toEqual([]);
    const rounds = front.takeProcessor().flatMap((it) => (it.kind === 'touch' ? [it] : []));
    expect(rounds).toMatchObject([{ touches: [{ session: of.session }] }]);
    front.processor({ kind: 'touched', round: rounds[0]?.round ?? 0 });
    expect(front.takeClient(of.link)).toMatchObject([{ kind: 'heartbeat', acknowledged: 4 }]);
  });

  it('expires by its front-end, when its client gives no sign of life for its timeout', () => {
    const front = new FrontendUnderTest().start();
    const of = opened(front);
    front.elapse(8000);
    front.client(of.link, HEARTBEAT);
    front.elapse(9000);
    expect(front.takeResults(of.link)).toEqual(['heartbeat']);
    front.elapse(1000);
    expect(front.takeClient(of.link)).toMatchObject([{ kind: 'ended', cause: 'expired' }]);
  });

  it('does not expire because its front-end stood still, or does not read its client (H16 c, H17)', () => {
    const front = new FrontendUnderTest().start();
    const of = opened(front);
    front.nowMs += 60_000;
    front.step({ kind: 'tick' });
    front.step({ kind: 'clientReadingPaused', link: of.link, paused: true });
    front.elapse(20_000);
    expect(front.takeResults(of.link)).toEqual([]);
  });

  it('confirms linearizable reads and syncs as any session does', () => {
    const front = new FrontendUnderTest().start();
    const of = opened(front);
    front.operations(of.link, 1, [SYNC]);
    expect(front.takeProcessor().map((it) => it.kind)).toEqual(['readIndex']);
  });

  it('expires as a global one does once it is upgraded: nobody here counts', () => {
    const front = new FrontendUnderTest({}, { sessionTimeoutMs: 30_000 }).start();
    const of = upgradedAt(front, zxid(5));
    front.elapse(30_000);
    const causes = front.takeClient(of.link).flatMap((it) => (it.kind === 'ended' ? it.cause : []));
    expect(causes).not.toContain('expired');
  });
});
