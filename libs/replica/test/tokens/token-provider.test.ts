import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeText } from '@paddock/model';
import { parseConfiguration } from '@paddock/node-runtime';
import type { ConfigurationFile, TokenSettings } from '@paddock/node-runtime';
import type { Proof } from '@paddock/session-core';
import { TOKEN_AUDIENCE, TOKEN_ISSUER, TokenIssuer } from '@paddock/compliance';
import type { TokenClaims } from '@paddock/compliance';
import { afterAll, describe, expect, it } from 'vitest';
import { TokenKeys } from '../../src/tokens/token-keys.ts';
import { TokenProvider } from '../../src/tokens/token-provider.ts';

const directory = mkdtempSync(join(tmpdir(), 'paddock-tokens-'));
const issuer = new TokenIssuer('first');
const other = new TokenIssuer('second');
let files = 0;

/** Of alice, until 2000 s after 1970. */
function tokenOf(by: TokenIssuer, claims: TokenClaims = {}, header: TokenClaims = {}): string {
  return by.sign({ sub: 'alice', exp: 2000, ...claims }, header);
}

afterAll(() => rmSync(directory, { recursive: true }));

function settingsOf(keys: string, more: Partial<ConfigurationFile['jwt']> = {}): TokenSettings {
  const jwt = { keys, issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE, ...more };
  const { tokens } = parseConfiguration({ jwt }, 'the test');
  return tokens ?? expect.fail('there are no settings');
}

/** A provider at 1000 s after 1970, whose monotonic clock shows 5000 ms. */
class World {
  wallMs = 1_000_000;
  monotonicMs = 5000;
  readonly file = join(directory, `keys-${++files}.json`);
  readonly keys: TokenKeys;
  readonly provider: TokenProvider;

  constructor(
    keys: readonly object[] = [issuer.jwk],
    more: Partial<ConfigurationFile['jwt']> = {},
  ) {
    this.write(keys);
    this.keys = new TokenKeys(this.file);
    const clock = { wallMs: () => this.wallMs, monotonicMs: () => this.monotonicMs };
    this.provider = new TokenProvider(this.keys, settingsOf(this.file, more), clock);
  }

  write(keys: readonly object[]): void {
    writeFileSync(this.file, JSON.stringify({ keys }));
  }

  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }

  /** Also says whether it had to be verified. */
  async show(token: string): Promise<Proof & { readonly wasKnown: boolean }> {
    const bytes = encodeText(token);
    const known = this.provider.identify(bytes);
    if (known !== null) return { ...known, wasKnown: true };
    const proof = await new Promise<Proof>((resolve) => this.provider.prove(bytes, resolve));
    return { ...proof, wasKnown: false };
  }

  async reasonOf(token: string): Promise<string> {
    const proof = await this.show(token);
    return 'reason' in proof ? proof.reason : expect.fail(`it was ${proof.kind}`);
  }
}

const ALICE = { scheme: 'jwt', id: 'alice' };

describe('a token', () => {
  it('proves its subject until it expires, with the tolerance of clocks', async () => {
    const world = new World();
    const token = tokenOf(issuer);
    const untilMs = 5000 + 1_000_000 + 5000;
    const proved = { kind: 'proved', identities: [{ ...ALICE, untilMs }] };
    expect(await world.show(token)).toEqual({ ...proved, wasKnown: false });
    world.pass(1_004_999);
    expect(await world.show(token)).toEqual({ ...proved, wasKnown: true });
    world.pass(1);
    expect(await world.show(token)).toEqual({
      kind: 'expired',
      identities: [ALICE],
      reason: 'the token has expired at 1970-01-01T00:33:20.000Z',
      wasKnown: false,
    });
  });

  it('proves groups, where the configuration says in which claim they are', async () => {
    const token = tokenOf(issuer, { groups: ['dev', 'ops'], role: 'admin' });
    const ids = async (groupsClaim?: string): Promise<unknown> => {
      const world = new World([issuer.jwk], groupsClaim === undefined ? {} : { groupsClaim });
      const proof = await world.show(token);
      if (proof.kind !== 'proved') expect.fail(proof.kind);
      return proof.identities.map(({ scheme, id }) => `${scheme}:${id}`);
    };
    expect(await ids()).toEqual(['jwt:alice']);
    expect(await ids('groups')).toEqual(['jwt:alice', 'jwt-group:dev', 'jwt-group:ops']);
    expect(await ids('role')).toEqual(['jwt:alice', 'jwt-group:admin']);
  });

  it('proves what another claim says, where the configuration names it', async () => {
    const world = new World([issuer.jwk], { identityClaim: 'email' });
    expect(await world.show(tokenOf(issuer, { email: 'a@example' }))).toMatchObject({
      identities: [{ scheme: 'jwt', id: 'a@example' }],
    });
    expect(await world.reasonOf(tokenOf(issuer))).toContain('"email"');
  });

  it.each<[string, TokenClaims, string]>([
    ['of another issuer', { iss: 'https://other.example' }, `not of the issuer ${TOKEN_ISSUER}`],
    ['for another audience', { aud: 'others' }, `not for ${TOKEN_AUDIENCE}`],
    ['that does not hold yet', { nbf: 1500 }, 'does not hold yet'],
    ['without an end', { exp: undefined }, 'lacks its claim "exp"'],
    ['without an audience', { aud: undefined }, 'lacks its claim "aud"'],
    ['without a subject', { sub: undefined }, 'lacks its claim "sub"'],
    ['with an empty subject', { sub: '' }, '"sub" of the token is no name'],
    ['with a subject that no stage could write', { sub: 'a\ud800' }, 'is no name'],
    ['with a subject that is too long', { sub: 'a'.repeat(2000) }, 'is no name'],
  ])('%s proves nothing, and it says so', async (_, claims, reason) => {
    const world = new World();
    expect(await world.reasonOf(tokenOf(issuer, claims))).toContain(reason);
  });

  it('that is signed by another key proves nothing, whatever key it names', async () => {
    const world = new World();
    expect(await world.reasonOf(tokenOf(other))).toContain('is not known here');
    const forged = tokenOf(other, {}, { kid: 'first' });
    expect(await world.reasonOf(forged)).toContain('signature of the token is not good');
  });

  it('proves nothing by an algorithm that is not listed, none and HMAC above all', async () => {
    const rsa = new TokenIssuer('rsa', 'RS256');
    const world = new World([issuer.jwk, rsa.jwk], { algorithms: ['ES256'] });
    const claims = { iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE, sub: 'alice', exp: 2000 };
    const encode = (it: object): string => Buffer.from(JSON.stringify(it)).toString('base64url');
    const none = `${encode({ alg: 'none' })}.${encode(claims)}.`;
    const body = `${encode({ alg: 'HS256', kid: 'first' })}.${encode(claims)}`;
    // The secret is what everybody has: the public key.
    const mac = createHmac('sha256', JSON.stringify(issuer.jwk)).update(body).digest('base64url');
    for (const token of [tokenOf(rsa), none, `${body}.${mac}`]) {
      expect(await world.reasonOf(token)).toBe('the token is not signed by one of ES256');
    }
    expect((await new World([rsa.jwk]).show(tokenOf(rsa))).kind).toBe('proved');
  });

  it('that is no token proves nothing, and nothing of it is told', async () => {
    const world = new World();
    const [header = '', , signature = ''] = tokenOf(issuer).split('.');
    for (const text of ['', 'secret', 'se.cr.et', `${header}.secret.${signature}`]) {
      expect(await world.reasonOf(text)).toMatch(/malformed|signature of the token/);
    }
    expect(await world.reasonOf('x'.repeat(20_000))).toContain('at most 16384 bytes');
    const bytes = Uint8Array.of(0xff, 0xfe);
    const proof = await new Promise((resolve) => world.provider.prove(bytes, resolve));
    expect(proof).toMatchObject({ kind: 'refused', reason: 'the token is malformed' });
  });

  it('that names no key is verified where one alone could be it', async () => {
    const unnamed = new TokenIssuer('third');
    const { kid: _, ...jwk } = unnamed.jwk;
    const token = tokenOf(unnamed, {}, { kid: undefined });
    expect((await new World([jwk]).show(token)).kind).toBe('proved');
    expect(await new World([jwk, issuer.jwk]).reasonOf(token)).toContain('"kid"');
  });
});

describe('verified tokens', () => {
  it('are known again, until their keys change', async () => {
    const world = new World();
    const token = tokenOf(issuer);
    expect((await world.show(token)).wasKnown).toBe(false);
    expect((await world.show(token)).wasKnown).toBe(true);
    world.write([other.jwk]);
    expect(world.keys.reread()).toBe('changed');
    expect(await world.reasonOf(token)).toContain('is not known here');
  });

  it('are of a new key as soon as one is shown, and the file is not read for each', async () => {
    const world = new World();
    const token = tokenOf(other);
    expect((await world.show(token)).kind).toBe('refused');
    world.write([issuer.jwk, other.jwk]);
    expect((await world.show(token)).kind).toBe('refused');
    world.pass(1000);
    expect((await world.show(token)).kind).toBe('proved');
  });

  it('keep their keys where the new file is bad', async () => {
    const world = new World();
    writeFileSync(world.file, '{');
    expect(world.keys.reread()).toBeInstanceOf(Error);
    expect((await world.show(tokenOf(issuer))).kind).toBe('proved');
  });

  it('that many show at once are verified once, and no more than so many wait', async () => {
    const world = new World();
    const bytes = encodeText(tokenOf(issuer));
    const show = (): Promise<Proof> =>
      new Promise((resolve) => world.provider.prove(bytes, resolve));
    const proofs = await Promise.all(Array.from({ length: 5000 }, show));
    const kinds = proofs.map((it) => it.kind);
    expect(kinds.filter((it) => it === 'proved')).toHaveLength(4096);
    expect(kinds.filter((it) => it === 'busy')).toHaveLength(5000 - 4096);
    expect((await show()).kind).toBe('proved');
  });
});

describe('a file of keys', () => {
  it.each<[string, unknown, string]>([
    ['is not JSON', undefined, 'cannot be read as JSON'],
    ['is no set', [], 'is no set of keys'],
    ['is empty', { keys: [] }, 'has no keys'],
    ['has what is no key', { keys: ['x'] }, 'keys.0: is no JWK'],
    ['has a shared secret', { keys: [{ kty: 'oct', k: 'AAAA' }] }, 'shared secret'],
    ['has a private key', { keys: [{ kty: 'EC', crv: 'P-256', d: 'A' }] }, 'private key'],
    ['has a broken key', { keys: [{ kty: 'EC', crv: 'P-256', x: 'A' }] }, 'cannot be used'],
  ])('that %s is refused', (_, content, reason) => {
    const file = join(directory, 'bad.json');
    writeFileSync(file, content === undefined ? '{' : JSON.stringify(content));
    expect(() => new TokenKeys(file)).toThrow(reason);
  });
});
