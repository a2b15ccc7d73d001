// Bearer tokens, as an issuer makes them: what they prove, what of them is refused and why, and what becomes of who
// they prove when they end.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connect,
  parseAcl,
  PaddockError,
  readLog,
  readSubtree,
  watchChanges,
} from '@paddock/client';
import type { Acl, CallerOptions, Client } from '@paddock/client';
import { encodeText } from '@paddock/model';
import { TOKEN_AUDIENCE, TOKEN_ISSUER, TokenIssuer } from '@paddock/compliance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfiguredReplica } from '../src/configured-replica.ts';
import { TOPOLOGIES } from '../src/ensemble.ts';
import { eventually } from '../src/eventually.ts';

/** Seconds that a token lasts whose end is waited for; the machine may be slow. */
const SHORT = 6;

function acl(text: string): Acl {
  return parseAcl(text) ?? expect.fail(`${text} is no ACL`);
}

async function failureOf(request: Promise<unknown>): Promise<PaddockError> {
  const error: unknown = await request.then(
    () => 'it was done',
    (thrown: unknown) => thrown,
  );
  return error instanceof PaddockError ? error : expect.fail(String(error));
}

/** Takes its time, as what asks somebody else does. */
const BADGES = `
export const scheme = 'badge';
export async function prove(credential) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const text = new TextDecoder().decode(credential);
  if (!text.startsWith('no. ')) throw new Error('that is no badge');
  return [text.slice(4)];
}`;

describe.each(TOPOLOGIES)('bearer tokens, %s', (topology) => {
  const directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-keys-'));
  const file = join(directory, 'jwks.json');
  const issuer = new TokenIssuer('first');
  let replica: ConfiguredReplica;
  let servers: string;
  let alice: Client;

  beforeAll(async () => {
    writeFileSync(file, JSON.stringify({ keys: [issuer.jwk] }));
    const jwt = { keys: file, issuer: TOKEN_ISSUER, audience: [TOKEN_AUDIENCE, 'both'] };
    const own = join(directory, 'badge.mjs');
    writeFileSync(own, BADGES);
    replica = await ConfiguredReplica.start(topology, {
      identityProviders: [own],
      jwt: { ...jwt, groupsClaim: 'groups', clockToleranceMs: 0 },
    });
    servers = replica.address;
    alice = await connect({ servers, token: issuer.token('alice') });
    await alice.create('/hers', '', { acl: acl('jwt:alice:cdrwa') });
    await alice.create('/theirs', '', { acl: acl('jwt-group:dev:r') });
  });

  afterAll(async () => {
    await alice.close();
    await replica.stop();
    rmSync(directory, { recursive: true });
  });

  const getBy = async (options: CallerOptions, path: string): Promise<unknown> => {
    const client = await connect({ servers, ...options });
    const got = client.get(path).then(
      () => 'done',
      (error: unknown) => (error instanceof PaddockError ? error.code : error),
    );
    return got.finally(() => client.close());
  };

  it('prove a subject and its groups', async () => {
    const token = issuer.token('bob', 60, { groups: ['dev', 'ops'], aud: 'both' });
    const bob = await connect({ servers, token });
    const { identities } = await bob.whoAmI();
    expect(identities.slice(1).map(({ scheme, id }) => `${scheme}:${id}`)).toEqual([
      ...['jwt:bob', 'jwt-group:dev', 'jwt-group:ops'],
    ]);
    await bob.close();
    expect(await getBy({ token }, '/theirs')).toBe('done');
    expect(await getBy({ token }, '/hers')).toBe('noAuth');
    expect(await getBy({ token: () => issuer.token('alice') }, '/hers')).toBe('done');
  });

  it('are what a znode can be for: the writer, and not all of a group', async () => {
    const token = issuer.token('bob', 60, { groups: ['dev'] });
    const bob = await connect({ servers, token });
    await bob.create('/bobs', '', { acl: acl('auth::cdrwa') });
    expect((await bob.getAcl('/bobs')).acl).toEqual(acl('jwt:bob:cdrwa'));
    await bob.close();
    const error = await failureOf(alice.create('/no', '', { acl: acl('jwt2:bob:r') }));
    expect(error.code).toBe('invalidAcl');
  });

  it.each<[string, (good: TokenIssuer) => string, RegExp]>([
    ['expired', (it) => it.token('alice', -1), /has expired at \d{4}-/],
    ['of another issuer', (it) => it.token('alice', 60, { iss: 'other' }), /not of the issuer/],
    ['for others', (it) => it.token('alice', 60, { aud: 'other' }), /not for paddock or both/],
    ['by an unknown key', () => new TokenIssuer('unknown').token('alice'), /not known here/],
    ['forged', () => new TokenIssuer('first').token('alice'), /signature of the token/],
    ['no token', () => 'secret-secret', /malformed/],
  ])('that are %s open nothing, and it says why', async (_, tokenOf, reason) => {
    const token = tokenOf(issuer);
    const failures = [
      await failureOf(connect({ servers, token })),
      await failureOf(alice.addAuth('jwt', token)),
      await failureOf(readLog('/hers', { servers, token })),
      await failureOf(readSubtree('/hers', { servers, token })),
      await failureOf(watchChanges('/hers', { servers, token }).next()),
    ];
    for (const error of failures) {
      expect(error.code).toBe('authFailed');
      expect(error.message).toMatch(reason);
      expect(error.message).not.toContain('secret');
    }
    expect(await getBy({ token: issuer.token('alice') }, '/hers')).toBe('done');
  });

  it('are shown by calls without a session, as passwords are', async () => {
    const credentials = [{ scheme: 'digest', credential: encodeText('ada:secret') }];
    const ada = await connect({ servers, credentials });
    await ada.create('/adas', '', { acl: acl('auth::cdrwa') });
    for (const [path, owner, right] of [
      ['/hers', alice, { servers, token: issuer.token('alice') }],
      ['/adas', ada, { servers, credentials }],
    ] as const) {
      expect((await failureOf(readSubtree(path, { servers }))).code).toBe('noAuth');
      const paths = [];
      for await (const znode of await readSubtree(path, right)) paths.push(znode.path);
      expect(paths).toEqual([path]);
      const changes = watchChanges(path, right);
      expect((await changes.next()).value?.kind).toBe('progress');
      await owner.set(path, 'new');
      expect((await changes.next()).value?.kind).toBe('nodeDataChanged');
      await changes.return();
    }
    await ada.close();
  });

  it('end, and with them who they prove, but no session; a new one brings it back', async () => {
    const token = issuer.token('alice', SHORT);
    const client = await connect({ servers, token });
    await client.create('/lock', '', { mode: 'ephemeral' });
    const watching = watchChanges('/hers', { servers, token });
    expect((await watching.next()).value?.kind).toBe('progress');
    const ended = failureOf(watching.next());
    const refused = () => failureOf(client.get('/hers'));
    const error = await eventually('the token has ended', refused);
    expect(error.code).toBe('authFailed');
    expect(error.message).toContain('the proof of jwt:alice has expired');
    expect((await client.whoAmI()).identities.at(-1)).toEqual({
      scheme: 'expired',
      id: 'jwt:alice',
    });
    expect((await ended).code).toBe('authFailed');
    expect((await client.exists('/lock')).stat).not.toBeNull();
    await client.addAuth('jwt', issuer.token('alice'));
    await client.get('/hers');
    expect((await client.whoAmI()).identities.at(-1)).toEqual({ scheme: 'jwt', id: 'alice' });
    await client.close();
  });

  it('are verified by a new key without a restart, and no longer by one that was taken away', async () => {
    const next = new TokenIssuer('next');
    writeFileSync(file, JSON.stringify({ keys: [next.jwk] }));
    await eventually('the new key is in use', async () => {
      expect(await getBy({ token: next.token('alice') }, '/hers')).toBe('done');
    });
    const error = await failureOf(connect({ servers, token: issuer.token('alice') }));
    expect(error.message).toContain('not known here');
    writeFileSync(file, JSON.stringify({ keys: [issuer.jwk, next.jwk] }));
    await eventually('both are in use', async () => {
      expect(await getBy({ token: issuer.token('alice', 1000) }, '/hers')).toBe('done');
    });
  });

  it("stand beside what an operator's module proves", async () => {
    const badge = { scheme: 'badge', credential: encodeText('no. 7') };
    const guard = await connect({ servers, credentials: [badge] });
    const created = guard.create('/gate', '', { acl: acl('badge:7:cdrwa') });
    expect((await created).path).toBe('/gate');
    expect(await getBy({}, '/gate')).toBe('noAuth');
    const visitor = await connect({ servers });
    // What is called behind it waits for it, in order (P2).
    const proved = visitor.addAuth('badge', 'no. 7');
    const got = visitor.get('/gate');
    expect((await proved).identities.at(-1)).toEqual({ scheme: 'badge', id: '7' });
    await got;
    const error = await failureOf(visitor.addAuth('badge', 'none'));
    expect(error.code).toBe('authFailed');
    expect(error.message).toContain('badge: that is no badge');
    await visitor.close();
    await guard.close();
  });
});
