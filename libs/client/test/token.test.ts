import { decodeText, encodeText } from '@paddock/model';
import type { SessionRequest } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { callTermsOf } from '../src/caller.ts';
import type { CallerOptions } from '../src/caller.ts';
import { connect } from '../src/connect.ts';
import { PaddockError } from '../src/paddock-error.ts';
import { TokenRenewal } from '../src/token.ts';
import type { TokenTimers } from '../src/token.ts';
import { MemoryService } from './memory-service.ts';

/** The tokens of a message, or how it comes without. */
function shown(request: SessionRequest): string[] {
  if (request.kind === 'open' || request.kind === 'resume') {
    const { credentials = [] } = request;
    return credentials.map((it) => `${request.kind} ${it.scheme} ${decodeText(it.credential)}`);
  }
  if (request.kind !== 'operations') return [];
  return request.operations.flatMap((it) =>
    it.kind === 'addAuth' ? [`addAuth ${decodeText(it.credential)}`] : [],
  );
}

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a session with a token', () => {
  it('shows it on each connection', async () => {
    const service = new MemoryService();
    const client = await connect({ dialer: service, token: 'fixed' });
    service.breakLink();
    await client.exists('/a');
    expect(service.requests.flatMap(shown)).toEqual(['open jwt fixed', 'resume jwt fixed']);
    await client.close();
  });

  it('asks for another one for each connection', async () => {
    const service = new MemoryService();
    let count = 0;
    const token = (): Promise<string> => Promise.resolve(`token ${++count}`);
    const credentials = [{ scheme: 'digest', credential: encodeText('ada:secret') }];
    const client = await connect({ dialer: service, token, credentials });
    service.breakLink();
    await client.exists('/a');
    expect(service.requests.flatMap(shown)).toEqual([
      ...['open digest ada:secret', 'open jwt token 1'],
      ...['resume digest ada:secret', 'resume jwt token 2'],
    ]);
    await client.close();
  });

  it('shows a later one instead of one that was added before', async () => {
    const service = new MemoryService();
    const client = await connect({ dialer: service });
    for (const it of ['older', 'newer']) await client.addAuth('jwt', it);
    service.breakLink();
    await client.exists('/a');
    expect(service.requests.flatMap(shown)).toEqual([
      ...['addAuth older', 'addAuth newer', 'resume jwt newer'],
    ]);
    await client.close();
  });

  it('tries again where none is to be had, and says why when the time is over', async () => {
    const service = new MemoryService();
    let failures = 2;
    const token = (): string => {
      if (failures-- > 0) throw new Error('the issuer is away');
      return 'late';
    };
    const client = await connect({ dialer: service, token });
    expect(service.requests.flatMap(shown)).toEqual(['open jwt late']);
    await client.close();
    failures = Infinity;
    const given = { dialer: service, token, connectTimeoutMs: 50 };
    await expect(connect(given)).rejects.toThrow('no token could be had: the issuer is away');
  });

  it('is over where it was closed while a token was waited for', async () => {
    const service = new MemoryService();
    let give = (_: string): void => undefined;
    const token = (): Promise<string> => new Promise((resolve) => (give = resolve));
    const given = { dialer: service, token, connectTimeoutMs: 20 };
    await expect(connect(given)).rejects.toThrow(PaddockError);
    give('too late');
    await later();
    expect(service.requests).toEqual([]);
  });
});

/** Time passes when the test says so. */
class World implements TokenTimers {
  nowMs = 1_000_000;
  #due: { atMs: number; task: () => void } | null = null;

  wallMs(): number {
    return this.nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const due = { atMs: this.nowMs + delayMs, task };
    this.#due = due;
    return () => {
      if (this.#due === due) this.#due = null;
    };
  }

  /** In how many milliseconds a token is asked for; null: never. */
  get dueMs(): number | null {
    return this.#due === null ? null : this.#due.atMs - this.nowMs;
  }

  async pass(): Promise<void> {
    const due = this.#due;
    if (due === null) expect.fail('nothing is due');
    this.#due = null;
    this.nowMs = due.atMs;
    due.task();
    await later();
  }
}

function ending(inMs: number, { nowMs }: World): string {
  const payload = Buffer.from(JSON.stringify({ exp: (nowMs + inMs) / 1000 }));
  return `header.${payload.toString('base64url')}.signature`;
}

describe('the renewal of a token', () => {
  it('comes before the token ends, and again, until it is stopped', async () => {
    const world = new World();
    const renewed: string[] = [];
    const renewal = new TokenRenewal(
      () => ending(100_000, world),
      ({ credential }) => Promise.resolve(renewed.push(decodeText(credential))),
      world,
    );
    await renewal.credential();
    expect(world.dueMs).toBe(80_000);
    await world.pass();
    expect(renewed).toEqual([ending(100_000, world)]);
    expect(world.dueMs).toBe(80_000);
    renewal.stop();
    expect(world.dueMs).toBeNull();
  });

  it('is tried again where it fails, and not too often', async () => {
    const world = new World();
    let isAway = false;
    const renewal = new TokenRenewal(
      () => {
        if (isAway) throw new Error('away');
        return ending(1000, world);
      },
      () => Promise.resolve(),
      world,
    );
    await renewal.credential();
    expect(world.dueMs).toBe(5000);
    isAway = true;
    await world.pass();
    expect(world.dueMs).toBe(5000);
  });

  it.each(['opaque', 'a.b.c', `a.${Buffer.from('{}').toString('base64url')}.c`])(
    'is left to new connections where the token does not say when it ends: %s',
    async (token) => {
      const world = new World();
      await new TokenRenewal(
        () => token,
        () => Promise.resolve(),
        world,
      ).credential();
      expect(world.dueMs).toBeNull();
    },
  );
});

describe('a call', () => {
  const headerOf = async (options: CallerOptions): Promise<string | undefined> =>
    (await callTermsOf({ servers: '127.0.0.1:2191', ...options }, 0)).terms.authorization;

  it('shows a token, or else its first credential', async () => {
    const digest = { scheme: 'digest', credential: encodeText('ada:secret') };
    const jwt = { scheme: 'jwt', credential: encodeText('shown') };
    expect(await headerOf({})).toBeUndefined();
    expect(await headerOf({ credentials: [digest, jwt] })).toBe('Basic YWRhOnNlY3JldA==');
    expect(await headerOf({ credentials: [jwt] })).toBe('Bearer shown');
    expect(await headerOf({ credentials: [digest], token: () => 'got' })).toBe('Bearer got');
  });

  it.each(['10.0.0.1:2191', 'paddock.example:2191', '127.0.0.1:2191,[fe80::1]:2191'])(
    'sends no token unencrypted to %s unless told to',
    async (servers) => {
      const refused = { code: 'badArguments' };
      await expect(headerOf({ servers, token: 'x' })).rejects.toMatchObject(refused);
      const credentials = [{ scheme: 'jwt', credential: encodeText('x') }];
      await expect(headerOf({ servers, credentials })).rejects.toMatchObject(refused);
      await expect(connect({ servers, token: 'x' })).rejects.toMatchObject(refused);
      expect(await headerOf({ servers, token: 'x', insecureToken: true })).toBe('Bearer x');
      expect(await headerOf({ servers, token: 'x', tls: {} })).toBe('Bearer x');
    },
  );

  it('sends a token unencrypted within this machine', async () => {
    for (const servers of ['localhost:1', '127.1.2.3:1', '[::1]:1']) {
      expect(await headerOf({ servers, token: 'x' })).toBe('Bearer x');
    }
  });
});
