import { encodeText, TOKEN_GROUP_SCHEME, TOKEN_SCHEME, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, Credential, Identity, SessionRequest } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { DigestProvider } from '../src/index.ts';
import type { IdentityProvider, Proof } from '../src/index.ts';
import { FrontendUnderTest, get, set, zxid } from './frontend-under-test.ts';
import type { Opened } from './frontend-under-test.ts';

const ALICE: Identity = { scheme: TOKEN_SCHEME, id: 'alice' };
const EXPIRED: Identity = { scheme: 'expired', id: 'jwt:alice' };
const DEVELOPERS: Identity = { scheme: TOKEN_GROUP_SCHEME, id: 'developers' };
const BOB: Identity = { scheme: 'digest', id: 'bob:hash' };

/** Tokens whose meaning is known at once, as they were verified before; all others have to be worked out. */
class Tokens implements IdentityProvider {
  readonly scheme = TOKEN_SCHEME;
  readonly moreSchemes = [TOKEN_GROUP_SCHEME];
  readonly isRenewed = true;
  readonly known = new Map<string, Proof>();
  /** Each is known once. */
  isForgetful = false;

  identify(token: Uint8Array): Proof | null {
    const text = Buffer.from(token).toString();
    const proof = this.known.get(text) ?? null;
    if (this.isForgetful) this.known.delete(text);
    return proof;
  }
}

const token = (text = 'token'): Credential => ({
  scheme: TOKEN_SCHEME,
  credential: encodeText(text),
});

const show = (text?: string): ClientOperation => ({ kind: 'addAuth', ...token(text) });

const WHO: ClientOperation = { kind: 'whoAmI' };

function started(timing = {}) {
  const tokens = new Tokens();
  const digest = new DigestProvider(() => 'hash', null);
  const front = new FrontendUnderTest({}, timing, 1, [tokens, digest]).start();
  return { front, tokens };
}

/** What the credential that waits first has come to. */
function prove(front: FrontendUnderTest, proof: Proof): void {
  const [first] = front.proofs.splice(0, 1);
  if (first === undefined) expect.fail('nothing is to be proved');
  front.step({ kind: 'credentialProved', number: first.number, proof });
}

const holds = (front: FrontendUnderTest, forMs = 10_000): Proof => ({
  kind: 'proved',
  identities: [{ ...ALICE, untilMs: front.nowMs + forMs }],
});

const REFUSED: Proof = { kind: 'refused', reason: 'the signature of the token is not good' };
const ENDED: Proof = { kind: 'expired', identities: [ALICE], reason: 'the token has expired' };

/** Who asks, of all that has left for the database and the processor since the last look. */
function asking(front: FrontendUnderTest): unknown[] {
  const reads = front.takeDatabase().flatMap((it) => (it.kind === 'read' ? [it.identities] : []));
  const writes = front
    .takeProcessor()
    .flatMap((it) => (it.kind === 'write' ? [it.identities] : []));
  return [...reads, ...writes];
}

function results(front: FrontendUnderTest, { link }: Opened) {
  const replies = front.takeClient(link);
  return replies.flatMap((it) =>
    it.kind === 'results' ? it.results.map((one) => one.result) : [],
  );
}

describe('a credential that has to be verified', () => {
  it('P2: keeps all behind it waiting, in order, and nothing before it', () => {
    const { front } = started();
    const me = front.open();
    front.operations(me.link, 1, [get('/before'), set('/a'), show(), get('/b'), set('/c')]);
    front.operations(me.link, 3, [set('/d')]);
    front.client(me.link, { kind: 'unwatch', path: '/b', watch: 'data' });
    expect(front.takeDatabase()).toMatchObject([{ kind: 'read', operation: { path: '/before' } }]);
    front.database({ kind: 'readsAccepted', reads: 1 });
    expect(front.takeWrites()).toEqual([1]);
    prove(front, holds(front));
    front.database({ kind: 'readsAccepted', reads: 2 });
    const reads = front.takeDatabase().filter((it) => it.kind === 'read');
    expect(reads).toMatchObject([{ operation: { path: '/b' }, identities: [ALICE] }]);
    const writes = front.takeProcessor().filter((it) => it.kind === 'write');
    expect(writes).toMatchObject([
      { sequence: 2, identities: [ALICE] },
      { sequence: 3, identities: [ALICE] },
    ]);
  });

  it('is not read behind while it is verified, and its heartbeats are', () => {
    const { front } = started();
    const me = front.open();
    front.operations(me.link, 1, [show()]);
    expect(front.reading).toEqual([{ link: me.link, paused: true }]);
    front.client(me.link, { kind: 'heartbeat', number: 7 });
    front.elapse(1000);
    expect(front.takeProcessor().some((it) => it.kind === 'touch')).toBe(true);
    prove(front, holds(front));
    expect(front.reading.at(-1)).toEqual({ link: me.link, paused: false });
  });

  it('is refused in its place where it proves nothing, and the session goes on as who it was', () => {
    const { front } = started();
    const me = front.open();
    front.operations(me.link, 1, [show(), WHO, show('other'), WHO]);
    prove(front, REFUSED);
    expect(results(front, me)).toMatchObject([
      { kind: 'failed', code: 'authFailed', reason: REFUSED.reason },
      { kind: 'identities', identities: [] },
    ]);
    prove(front, holds(front));
    expect(results(front, me)).toMatchObject([{ identities: [ALICE] }, { identities: [ALICE] }]);
  });

  it('is refused when nobody has verified it in time', () => {
    const { front } = started({ floorWaitMs: 1000 });
    const me = front.open();
    front.operations(me.link, 1, [show(), WHO]);
    front.elapse(1500);
    expect(results(front, me)).toMatchObject([
      {
        kind: 'failed',
        code: 'authFailed',
        reason: 'the credential could not be verified in time',
      },
      { kind: 'identities' },
    ]);
  });

  it('says when to come again where too many wait', () => {
    const { front, tokens } = started();
    const me = front.open();
    tokens.known.set('token', { kind: 'busy', retryAfterMs: 100 });
    front.operations(me.link, 1, [show()]);
    expect(results(front, me)).toMatchObject([{ code: 'throttled', retryAfterMs: 100 }]);
    const link = front.connectClient();
    front.client(link, { kind: 'open', timeoutMs: 9000, credentials: [token()] });
    expect(front.takeClient(link)).toMatchObject([{ kind: 'ended', cause: 'resumeElsewhere' }]);
  });

  it('opens no session before it is verified, and none where it proves nothing', () => {
    const { front } = started();
    const open: SessionRequest = { kind: 'open', timeoutMs: 9000, credentials: [token()] };
    const [good, bad, late] = [front.connectClient(), front.connectClient(), front.connectClient()];
    for (const link of [good, bad, late]) front.client(link, open);
    expect(front.takeProcessor()).toEqual([]);
    prove(front, holds(front));
    expect(front.takeProcessor()).toMatchObject([{ kind: 'openSession' }]);
    prove(front, REFUSED);
    prove(front, ENDED);
    for (const link of [bad, late]) {
      expect(front.takeClient(link)).toMatchObject([
        { kind: 'ended', cause: 'refused', refusal: { code: 'authFailed' } },
      ]);
    }
    expect(front.takeProcessor()).toEqual([]);
  });

  it('is asked for once: what was known may have to be verified a moment later', () => {
    const { front, tokens } = started();
    const me = front.open();
    tokens.isForgetful = true;
    tokens.known.set('token', holds(front));
    front.operations(me.link, 1, [show(), WHO]);
    expect(results(front, me)).toMatchObject([{ identities: [ALICE] }, { identities: [ALICE] }]);
    tokens.known.set('token', holds(front));
    const link = front.connectClient();
    front.client(link, { kind: 'open', timeoutMs: 9000, credentials: [token(), token('other')] });
    prove(front, holds(front));
    expect(front.takeProcessor()).toMatchObject([{ kind: 'openSession' }]);
  });

  it('is forgotten with its connection', () => {
    const { front } = started();
    const me = front.open();
    front.operations(me.link, 1, [show(), set('/a')]);
    const end = { cause: 'lost', reason: '' } as const;
    front.step({ kind: 'clientEnded', link: me.link, end });
    prove(front, holds(front));
    expect(front.takeWrites()).toEqual([]);
  });
});

describe('an identity of a token', () => {
  function known(forMs: number) {
    const { front, tokens } = started();
    const me = front.open(zxid(2), 9000, [BOB]);
    tokens.known.set('token', holds(front, forMs));
    front.operations(me.link, 1, [show()]);
    front.takeClient(me.link);
    front.takeDatabase();
    return { front, tokens, me };
  }

  it('ends with it, and the session and its other identities stay', () => {
    const { front, me } = known(1000);
    front.nowMs += 999;
    front.operations(me.link, 1, [set('/a')]);
    expect(asking(front)).toEqual([[BOB, ALICE]]);
    front.nowMs += 1;
    front.operations(me.link, 2, [set('/a'), get('/a'), WHO]);
    expect(asking(front)).toEqual([
      [BOB, EXPIRED],
      [BOB, EXPIRED],
    ]);
    expect(front.closed).toEqual([]);
  });

  it('ends for what was asked before and has not been answered, also where it goes again', () => {
    const { front, me } = known(1000);
    front.operations(me.link, 1, [set('/a'), get('/a')]);
    expect(asking(front)).toEqual([
      [BOB, ALICE],
      [BOB, ALICE],
    ]);
    front.loseDatabase();
    front.elapse(1000);
    front.connectDatabase(zxid(3));
    front.database({ kind: 'serving', serving: true, reason: '' });
    front.database(front.attachAnswer(me, zxid(3)));
    const again = front.takeDatabase();
    expect(again.filter((it) => it.kind === 'attach')).toMatchObject([
      { identities: [BOB, EXPIRED] },
    ]);
    const reads = again.filter((it) => it.kind === 'read');
    expect(reads).toMatchObject([{ identities: [BOB, EXPIRED] }]);
  });

  it('is told to the database, whose watches tell it nothing any more', () => {
    const { front, me } = known(1000);
    front.elapse(1500);
    expect(front.takeDatabase()).toMatchObject([
      { kind: 'identify', session: me.session, identities: [BOB, EXPIRED] },
    ]);
  });

  it('comes back with a newer token, whose identities take the place of the older', () => {
    const { front, tokens, me } = known(1000);
    front.elapse(1500);
    front.takeDatabase();
    const untilMs = front.nowMs + 1000;
    const groups = [ALICE, DEVELOPERS].map((it) => ({ ...it, untilMs }));
    tokens.known.set('newer', { kind: 'proved', identities: groups });
    front.operations(me.link, 1, [show('newer'), WHO]);
    expect(results(front, me)[1]).toEqual({
      kind: 'identities',
      identities: [BOB, ALICE, DEVELOPERS],
    });
    expect(front.takeDatabase()).toMatchObject([
      { kind: 'identify', identities: [BOB, ALICE, DEVELOPERS] },
    ]);
    tokens.known.set('without groups', holds(front));
    front.operations(me.link, 1, [show('without groups'), WHO]);
    expect(results(front, me)[1]).toEqual({ kind: 'identities', identities: [BOB, ALICE] });
  });

  it.each([
    ['has expired', ENDED, EXPIRED],
    ['is of a key that is gone', REFUSED, { scheme: 'expired', id: 'jwt' }],
  ] as const)(
    'a token that %s costs a session that is resumed its identity alone',
    (_, proof, mark) => {
      const { front, me, tokens } = known(1000);
      const link = front.connectClient();
      tokens.known.set('token', proof);
      front.client(link, {
        ...{ kind: 'resume', session: me.session, secret: me.secret, attempt: 2, watches: [] },
        ...{ ackedThrough: 0, floor: ZXID_ZERO, credentials: [token()] },
      });
      const resume = front.takeProcessor().find((it) => it.kind === 'resumeSession');
      if (resume?.kind !== 'resumeSession') expect.fail('it was not resumed');
      const { session, attachment } = resume;
      const resumed = { lastSequence: 0, timeoutMs: 9000, zxid: zxid(3) };
      front.database({ kind: 'sessionResumed', session, attachment, ...resumed });
      expect(front.takeDatabase()).toContainEqual(
        expect.objectContaining({ kind: 'attach', identities: [mark] }),
      );
    },
  );

  it('ends a watch without a session, and says so', () => {
    const { front } = known(1000);
    const identities = [{ ...ALICE, untilMs: front.nowMs + 1000 }];
    front.step({ kind: 'watchOpened', watch: 5, path: '/a', from: ZXID_ZERO, identities });
    front.takeDatabase();
    front.elapse(900);
    expect(front.watchReplies).toEqual([]);
    front.elapse(600);
    expect(front.watchReplies).toMatchObject([{ kind: 'ended', watch: 5, code: 'authFailed' }]);
    expect(front.takeDatabase()).toContainEqual({ kind: 'closeWatch', watch: 5 });
  });

  it('that has ended on the way to a call counts for nothing', () => {
    const { front } = known(1000);
    const identities = [{ ...ALICE, untilMs: front.nowMs }];
    front.step({ kind: 'unaryReceived', call: 1, operation: get('/a'), identities });
    expect(asking(front)).toEqual([[EXPIRED]]);
  });
});
