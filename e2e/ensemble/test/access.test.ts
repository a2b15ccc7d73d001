import { connect, CREATOR_ALL_ACL, PaddockError, parseAcl, step } from '@paddock/client';
import type { Acl, Client } from '@paddock/client';
import { encodeText } from '@paddock/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';

/** What became of a request: its error code, or "done". */
async function codeOf(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return 'done';
  expect(error).toBeInstanceOf(PaddockError);
  return error instanceof PaddockError ? error.code : '';
}

const OPERATIONS: readonly (readonly [string, (by: Client, path: string) => Promise<unknown>])[] = [
  ['create', (by, path) => by.create(`${path}/new`)],
  ['get', (by, path) => by.get(path)],
  ['exists', (by, path) => by.exists(path)],
  ['list', (by, path) => by.list(path)],
  ['list of a page', (by, path) => by.list(path, { limit: 1 })],
  ['count', (by, path) => by.count(path)],
  ['getAcl', (by, path) => by.getAcl(path)],
  ['set', (by, path) => by.set(path, '')],
  ['delete of a child', (by, path) => by.delete(`${path}/child`)],
  ['setAcl', (by, path) => by.setAcl(path, CREATOR_ALL_ACL)],
  ['multi', (by, path) => by.multi([step.set(path, '')])],
  ['check', (by, path) => by.multi([step.check(path)])],
  ['setAcl in a multi', (by, path) => by.multi([step.setAcl(path, CREATOR_ALL_ACL)])],
];

describe.each(TOPOLOGIES)('access control, %s', (topology) => {
  let ensemble: Ensemble;
  let anonymous: Client;
  let wrong: Client;
  let right: Client;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology });
    const servers = ensemble.address;
    const credentials = [{ scheme: 'digest', credential: encodeText('ada:secret') }];
    anonymous = await connect({ servers });
    wrong = await connect({ servers });
    await wrong.addAuth('digest', 'ada:wrong');
    right = await connect({ servers, credentials });
  });

  afterAll(async () => {
    for (const client of [anonymous, wrong, right]) await client.close();
    expect(await ensemble.stop()).toBe(0);
  });

  it("takes over the parent's ACL where a creation says so, also of a parent that is made with it", async () => {
    const readable = parseAcl('world:anyone:r,auth::cdrwa') ?? expect.fail('it is an ACL');
    const parents = parseAcl('parent::cdrwa') ?? expect.fail('it is an ACL');
    await right.create('/family', '', { acl: readable });
    const { acl } = await right.getAcl('/family');
    await right.create('/family/son', '', { acl: parents });
    await right.multi([step.create('/family/a/b', '', { acl: parents, parents: true })]);
    for (const path of ['/family/son', '/family/a', '/family/a/b']) {
      expect((await right.getAcl(path)).acl).toEqual(acl);
      expect(await codeOf(anonymous.get(path))).toBe('done');
      expect(await codeOf(anonymous.set(path, ''))).toBe('noAuth');
    }
    // What is set at the parent later is the parent's alone.
    await right.setAcl('/family', CREATOR_ALL_ACL);
    expect(await codeOf(anonymous.get('/family/son'))).toBe('done');
    expect(await codeOf(right.setAcl('/family/son', parents))).toBe('invalidAcl');
    const nothing = parseAcl('parent::c') ?? expect.fail('it is an ACL');
    await right.create('/family/open', '', { acl: parseAcl('world:anyone:rw') ?? [] });
    const below = right.create('/family/open/child', '', { acl: nothing });
    expect(await codeOf(below)).toBe('noAuth');
  });

  it.each(OPERATIONS)('permits %s to the right identity alone', async (name, operation) => {
    const path = `/${name.replaceAll(' ', '-')}`;
    await right.create(path, '', { acl: CREATOR_ALL_ACL });
    await right.create(`${path}/child`);
    const tried = [anonymous, wrong, right].map((by) => codeOf(operation(by, path)));
    const isAuth = name.startsWith('setAcl');
    const [ofNobody, ofWrong, ofRight] = await Promise.all(tried);
    expect([ofNobody, ofWrong, ofRight]).toEqual(['noAuth', 'noAuth', 'done']);
    expect(isAuth ? (await right.getAcl(path)).stat.aversion : 0).toBe(isAuth ? 1 : 0);
  });

  it('tells who one is, and what one may', async () => {
    const { identities } = await right.whoAmI();
    expect(identities.map(({ scheme }) => scheme)).toEqual(['ip', 'digest']);
    expect(identities[0]?.id).toBe('127.0.0.1');
    expect((await anonymous.whoAmI()).identities).toHaveLength(1);
    await right.create('/mine', '', { acl: parseAcl('world:anyone:r,auth::cdrwa') ?? [] });
    expect((await anonymous.can('/mine', 'read')).permitted).toBe(true);
    expect((await anonymous.can('/mine', ['read', 'write'])).permitted).toBe(false);
    expect((await right.can('/mine', ['read', 'write', 'admin'])).permitted).toBe(true);
    expect((await anonymous.getAcl('/mine')).acl[1]?.id).toBe('ada:x');
    expect((await right.getAcl('/mine')).acl[1]?.id).toMatch(/^ada:.{28}$/);
  });

  it('knows an address, and refuses what is no ACL or no credential', async () => {
    const acl: Acl = parseAcl('ip:127.0.0.0/8:r') ?? [];
    await right.create('/local', '', { acl });
    expect(await codeOf(anonymous.get('/local'))).toBe('done');
    expect(await codeOf(anonymous.set('/local', ''))).toBe('noAuth');
    expect(await codeOf(anonymous.create('/bad', '', { acl: CREATOR_ALL_ACL }))).toBe('invalidAcl');
    expect(await codeOf(right.setAcl('/local', parseAcl('magic:me:r') ?? []))).toBe('invalidAcl');
    expect(await codeOf(anonymous.addAuth('magic', 'me'))).toBe('authFailed');
  });

  it('tells no watch of what may not be read', async () => {
    const watcher = await anonymous.watch('/', { recursive: true });
    await right.create('/hidden', '', { acl: CREATOR_ALL_ACL });
    await right.delete('/hidden');
    await right.create('/seen');
    await anonymous.sync();
    for await (const event of watcher) {
      if (event.kind === 'sessionEnded' || event.kind === 'compacted') continue;
      expect(event.path).not.toBe('/hidden');
      if (event.path === '/seen') break;
    }
  });
});
