// What users of ZooKeeper rely on about ACLs and identities, rule by rule: section 1.8 of its contract, and what 1.5
// and 1.1 say of ACLs.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connect,
  CREATOR_ALL_ACL,
  OPEN_ACL,
  PaddockError,
  parseAcl,
  READ_ACL_UNSAFE,
  step,
} from '@paddock/client';
import type { Acl, Client, ConnectOptions } from '@paddock/client';
import { encodeText, ERROR_CODES } from '@paddock/model';
import { CertificateAuthority } from '@paddock/compliance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfiguredReplica } from '../src/configured-replica.ts';
import { TOPOLOGIES } from '../src/ensemble.ts';

const directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-acls-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const authority = new CertificateAuthority('of clients and their servers');
const server = authority.write(directory, 'server', { subject: 'server' });
const alice = authority.write(directory, 'alice', { subject: 'alice' });

/** As ZooKeeper's DigestAuthenticationProvider makes it. */
function digestOf(credential: string): string {
  const hash = createHash('sha1').update(credential).digest('base64');
  return `${credential.split(':', 1)[0] ?? ''}:${hash}`;
}

function acl(text: string): Acl {
  return parseAcl(text) ?? expect.fail(`"${text}" is no ACL`);
}

async function codeOf(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return 'done';
  expect(error).toBeInstanceOf(PaddockError);
  return error instanceof PaddockError ? error.code : '';
}

describe.each(TOPOLOGIES)('ZooKeeper, %s', (topology) => {
  let replica: ConfiguredReplica;
  let anyone: Client;
  let ada: Client;
  let root: Client;
  const opened: Client[] = [];

  async function open(options: ConnectOptions): Promise<Client> {
    const tls = { ca: server.ca, ...options.tls };
    const client = await connect({ servers: replica.address, ...options, tls });
    opened.push(client);
    return client;
  }

  const by = (credential: string): ConnectOptions => ({
    credentials: [{ scheme: 'digest', credential: encodeText(credential) }],
  });

  beforeAll(async () => {
    replica = await ConfiguredReplica.start(topology, {
      superDigest: digestOf('super:secret'),
      tls: { clients: { ...server, clientCertificates: 'optional' } },
    });
    anyone = await open({});
    ada = await open(by('ada:secret'));
    root = await open(by('super:secret'));
  });

  afterAll(async () => {
    for (const client of opened) await client.close();
    await replica.stop();
  });

  it('1.4: the codes of ACLs and identities have its numbers', () => {
    expect(ERROR_CODES).toMatchObject({ noAuth: -102, invalidAcl: -114, authFailed: -115 });
  });

  it('1.5: OPEN_ACL_UNSAFE, CREATOR_ALL_ACL and READ_ACL_UNSAFE are what they are there', async () => {
    expect(OPEN_ACL).toEqual(acl('world:anyone:cdrwa'));
    expect(CREATOR_ALL_ACL).toEqual(acl('auth::cdrwa'));
    expect(READ_ACL_UNSAFE).toEqual(acl('world:anyone:r'));
    await anyone.create('/open');
    expect((await anyone.getAcl('/open')).acl).toEqual(OPEN_ACL);
  });

  it('1.8: world:anyone is everybody', async () => {
    await ada.create('/world', '', { acl: acl('world:anyone:rw') });
    expect(await codeOf(anyone.set('/world', ''))).toBe('done');
    expect(await codeOf(anyone.create('/world/child'))).toBe('noAuth');
  });

  it('1.8: auth expands to all identities of its writer when it is written', async () => {
    const two = await open(by('ada:secret'));
    await two.addAuth('digest', 'bob:secret');
    await two.create('/auth', '', { acl: CREATOR_ALL_ACL });
    await two.addAuth('digest', 'eve:secret');
    const ids = (await two.getAcl('/auth')).acl.map((it) => `${it.scheme} ${it.id}`);
    expect(ids).toEqual([`digest ${digestOf('ada:secret')}`, `digest ${digestOf('bob:secret')}`]);
    expect(await codeOf(ada.get('/auth'))).toBe('done');
  });

  it('1.8: digest is the user and the SHA-1 of user and password', async () => {
    const entry = `digest:${digestOf('ada:secret')}:r`;
    await anyone.create('/digest', '', { acl: acl(entry) });
    expect(await codeOf(ada.get('/digest'))).toBe('done');
    expect(await codeOf(anyone.get('/digest'))).toBe('noAuth');
    expect(await codeOf((await open(by('ada:wrong'))).get('/digest'))).toBe('noAuth');
  });

  it('1.8: super may do everything, and nobody is super by its name alone', async () => {
    await ada.create('/nobodys', 'x', { acl: acl('digest:nobody:hash:r') });
    expect(await codeOf(ada.get('/nobodys'))).toBe('noAuth');
    expect(await codeOf(root.get('/nobodys'))).toBe('done');
    expect(await codeOf(root.set('/nobodys', 'y'))).toBe('done');
    expect(await codeOf(root.setAcl('/nobodys', OPEN_ACL))).toBe('done');
    const pretender = await open(by('super:guess'));
    await ada.setAcl('/nobodys', acl('digest:nobody:hash:r'));
    expect(await codeOf(pretender.get('/nobodys'))).toBe('noAuth');
    expect(await codeOf(ada.create('/super', '', { acl: acl('super:x:r') }))).toBe('invalidAcl');
  });

  it('1.8: ip is an address, or a range of them, of IPv4 and of IPv6', async () => {
    for (const [index, [range, expected]] of [
      ['127.0.0.1', 'done'],
      ['127.0.0.0/8', 'done'],
      ['10.0.0.0/8', 'noAuth'],
      ['::ffff:127.0.0.1', 'done'],
      ['::1/128', 'noAuth'],
    ].entries()) {
      await anyone.create(`/ip-${index}`, '', { acl: acl(`ip:${range}:r`) });
      expect(await codeOf(anyone.get(`/ip-${index}`)), range).toBe(expected);
    }
    for (const range of ['127.0.0.1/33', '1.2.3', '::1/129', 'host']) {
      const refused = anyone.create('/ip-bad', '', { acl: acl(`ip:${range}:r`) });
      expect(await codeOf(refused), range).toBe('invalidAcl');
    }
  });

  it('1.8: x509 is the subject of the certificate that a client has shown', async () => {
    await anyone.create('/x509', '', { acl: acl('x509:CN=alice:r') });
    const shown = await open({ tls: { cert: alice.cert, key: alice.key } });
    expect((await shown.whoAmI()).identities).toContainEqual({ scheme: 'x509', id: 'CN=alice' });
    expect(await codeOf(shown.get('/x509'))).toBe('done');
    expect(await codeOf(anyone.get('/x509'))).toBe('noAuth');
    await shown.create('/x509-mine', '', { acl: CREATOR_ALL_ACL });
    expect(await codeOf(anyone.get('/x509-mine'))).toBe('noAuth');
  });

  it('1.8: an ACL is of its znode alone, and not inherited', async () => {
    await ada.create('/private', '', { acl: acl('auth::cdrwa,world:anyone:c') });
    await anyone.create('/private/public', 'x');
    expect(await codeOf(anyone.get('/private/public'))).toBe('done');
    expect(await codeOf(anyone.get('/private'))).toBe('noAuth');
  });

  it('1.8: create and delete are asked of the parent, write and admin of the znode', async () => {
    await ada.create('/parent', '', { acl: acl('auth::cdrwa,world:anyone:r') });
    await ada.create('/parent/child');
    expect(await codeOf(anyone.create('/parent/other'))).toBe('noAuth');
    expect(await codeOf(anyone.delete('/parent/child'))).toBe('noAuth');
    expect(await codeOf(anyone.set('/parent/child', ''))).toBe('done');
    expect(await codeOf(anyone.setAcl('/parent/child', OPEN_ACL))).toBe('done');
    expect(await codeOf(anyone.multi([step.delete('/parent/child')]))).toBe('noAuth');
  });

  it('1.8: events are filtered when they are told', async () => {
    await ada.create('/told', '', { acl: acl('auth::cdrwa,world:anyone:r') });
    const watcher = await anyone.watch('/told');
    await ada.setAcl('/told', CREATOR_ALL_ACL);
    await ada.set('/told', 'hidden');
    await ada.setAcl('/told', acl('auth::cdrwa,world:anyone:r'));
    const { zxid } = await ada.set('/told', 'shown');
    for await (const event of watcher) {
      expect(event).toMatchObject({ kind: 'nodeDataChanged', path: '/told', zxid });
      break;
    }
  });

  it('1.8: setting an ACL triggers no watch, and changes neither mzxid nor version', async () => {
    const { stat: before } = await ada.create('/quiet', '');
    const watcher = await ada.watch('/quiet');
    await ada.setAcl('/quiet', CREATOR_ALL_ACL);
    const { zxid } = await ada.set('/quiet', '');
    for await (const event of watcher) {
      expect(event).toMatchObject({ kind: 'nodeDataChanged', zxid });
      break;
    }
    await ada.create('/quiet-too');
    const { stat } = await ada.setAcl('/quiet-too', CREATOR_ALL_ACL);
    expect(stat).toMatchObject({ version: before.version, aversion: 1, mzxid: stat.czxid });
  });

  it('1.1: setACL compares its version with aversion', async () => {
    await ada.create('/versions');
    expect((await ada.setAcl('/versions', OPEN_ACL, { version: 0 })).stat.aversion).toBe(1);
    expect(await codeOf(ada.setAcl('/versions', OPEN_ACL, { version: 0 }))).toBe('badVersion');
    expect((await ada.setAcl('/versions', OPEN_ACL, { version: 1 })).stat.aversion).toBe(2);
  });

  it('1.1: getACL needs read or admin, and masks hashes without admin', async () => {
    await ada.create('/masked', '', { acl: acl('auth::cdrwa,world:anyone:r') });
    expect((await anyone.getAcl('/masked')).acl[0]?.id).toBe('ada:x');
    expect((await ada.getAcl('/masked')).acl[0]?.id).toBe(digestOf('ada:secret'));
    await ada.create('/admins', '', { acl: acl('world:anyone:a') });
    expect(await codeOf(anyone.getAcl('/admins'))).toBe('done');
    await ada.create('/writers', '', { acl: acl('world:anyone:w') });
    expect(await codeOf(anyone.getAcl('/writers'))).toBe('noAuth');
  });

  it('1.1: exists needs read where there is a znode', async () => {
    await ada.create('/there', '', { acl: CREATOR_ALL_ACL });
    expect(await codeOf(anyone.exists('/there'))).toBe('noAuth');
    expect((await anyone.exists('/there-not')).stat).toBeNull();
  });

  it('1.4: an ACL that is empty, names an unknown scheme or stands for nobody is invalid', async () => {
    for (const bad of [
      [],
      acl('magic:me:r'),
      acl('world:me:r'),
      CREATOR_ALL_ACL,
      acl('digest:ada:r'),
    ]) {
      expect(await codeOf(anyone.create('/invalid', '', { acl: bad }))).toBe('invalidAcl');
      expect(await codeOf(anyone.setAcl('/open', bad))).toBe('invalidAcl');
      const multi = anyone.multi([step.create('/invalid', '', { acl: bad })]);
      expect(await codeOf(multi)).toBe('invalidAcl');
    }
  });

  it('1.4: a credential that proves nothing fails as authFailed, and opens no session', async () => {
    expect(await codeOf(anyone.addAuth('digest', 'no colon'))).toBe('authFailed');
    expect(await codeOf(anyone.addAuth('magic', 'me'))).toBe('authFailed');
    await expect(open(by('no colon'))).rejects.toThrow('proves no identity');
  });

  it('whoAmI: an identity lasts over a connection that is made anew', async () => {
    const { identities } = await ada.whoAmI();
    expect(identities.map(({ scheme }) => scheme)).toEqual(['ip', 'digest']);
  });
});
