import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { connect, decodeText, formatZxid, PaddockError } from '@paddock/client';
import type { TlsOptions } from '@paddock/client';
import { HealthService } from '@paddock/contracts';
import type { StageName } from '@paddock/node-runtime';
import { CertificateAuthority } from '@paddock/compliance';
import type { CertificatePaths } from '@paddock/compliance';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runPaddock } from '../src/command.ts';
import { ConfiguredReplica } from '../src/configured-replica.ts';
import { TOPOLOGIES } from '../src/ensemble.ts';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { eventually } from '../src/eventually.ts';
import { RawGrpc } from '../src/raw-grpc.ts';

const UNAVAILABLE = 14;
const HOUR_MS = 60 * 60 * 1000;

const directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-tls-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ofClients = new CertificateAuthority('of clients and their servers');
const ofLinks = new CertificateAuthority('of links');
const stranger = new CertificateAuthority('somebody else');

const server = ofClients.write(directory, 'server', { subject: 'server' });
const stage = ofLinks.write(directory, 'stage', { subject: 'stage' });

/** What an end may show to servers whose authority it trusts. */
function ends(authority: CertificateAuthority, trusted: string): Readonly<Record<string, Shown>> {
  const expired = { validFromMs: -2 * HOUR_MS, validUntilMs: -HOUR_MS };
  const write = (by: CertificateAuthority, name: string, validity = {}): Shown => ({
    ...by.write(directory, `${name} ${trusted.slice(-12, -4)}`, { subject: 'alice', ...validity }),
    ca: trusted,
  });
  return {
    right: write(authority, 'right'),
    'of another authority': write(stranger, 'wrong'),
    expired: write(authority, 'expired', expired),
    'not there': { ca: trusted },
  };
}

type Shown = Partial<CertificatePaths> & Pick<CertificatePaths, 'ca'>;

const clientEnds = ends(ofClients, server.ca);
const linkEnds = ends(ofLinks, stage.ca);

const WRONG = ['of another authority', 'expired', 'not there'];

async function refusal(servers: string, tls?: TlsOptions): Promise<string> {
  const options = { servers, connectTimeoutMs: 2000, ...(tls === undefined ? {} : { tls }) };
  const error: unknown = await connect(options).then(
    (client) => client.close(),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PaddockError);
  return error instanceof PaddockError ? error.message : '';
}

function shown({ cert, key, ca }: Shown): ChannelCredentials {
  const [authority, chain, secret] = [ca, cert, key].map((file) =>
    file === undefined ? null : readFileSync(file),
  );
  return credentials.createSsl(authority, secret, chain);
}

/** The status with which a stage answers whether it is well. */
async function answerOf(address: string, secured?: ChannelCredentials): Promise<number> {
  const grpc = new RawGrpc(address.replace('127.0.0.1', 'localhost'), secured);
  onTestFinished(() => grpc.close());
  const checked = await grpc.unary(HealthService.check, { service: '' });
  return checked.ok ? 0 : checked.end.code;
}

describe.each(TOPOLOGIES)('TLS on the port for clients, %s', (topology) => {
  let replica: ConfiguredReplica;

  beforeAll(async () => {
    replica = await ConfiguredReplica.start(topology, { tls: { clients: server, links: stage } });
  });

  afterAll(() => replica.stop());

  it('serves a client whose certificate is right', async () => {
    const client = await connect({ servers: replica.address, tls: clientEnds['right'] ?? {} });
    await client.create('/secret', 'kept');
    expect(decodeText((await client.get('/secret')).data)).toBe('kept');
    await client.close();
  });

  it.each([
    ['of another authority', 'did not take the certificate of this end'],
    ['expired', 'which has expired'],
    ['not there', 'wants a certificate, and got none'],
  ])('refuses a client whose certificate is %s, and says why', async (kind, told) => {
    expect(await refusal(replica.address, clientEnds[kind])).toContain(told);
  });

  it('refuses a client that does not speak TLS', async () => {
    expect(await refusal(replica.address)).toContain('no session could be opened');
    expect(await answerOf(replica.address)).toBe(UNAVAILABLE);
  });

  it('is not trusted by a client that knows another authority', async () => {
    const tls = { ...clientEnds['right'], ca: stage.ca };
    expect(await refusal(replica.address, tls)).toContain('no authority that is trusted here');
  });

  it('serves commands that name their files, by option or environment', async () => {
    const { cert = '', key = '', ca = '' } = clientEnds['right'] ?? {};
    const options = ['--ca', ca, '--cert', cert, '--key', key];
    const get = ['get', '/', '--server', replica.address];
    const env = { PADDOCK_CA: ca, PADDOCK_CERT: cert, PADDOCK_KEY: key };
    expect((await runPaddock([...get, ...options])).code).toBe(0);
    expect((await runPaddock(get, { env })).code).toBe(0);
    const without = await runPaddock([...get, '--ca', ca]);
    expect(without.code).toBe(3);
    expect(without.stderr).toContain('wants a certificate, and got none');
    const bad = await runPaddock([...get, '--ca', key]);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('is no certificate in PEM');
  });
});

describe('TLS on the links of one replica, split', () => {
  let replica: ConfiguredReplica;

  beforeAll(async () => {
    replica = await ConfiguredReplica.start('split', { tls: { links: stage } });
  });

  afterAll(() => replica.stop());

  const stages: readonly StageName[] = [
    'zab-broadcaster',
    'replicated-database',
    'request-processor',
  ];

  it.each(stages)('the %s answers an end whose certificate is right', async (name) => {
    expect(await answerOf(replica.addressOf(name), shown(linkEnds['right'] ?? stage))).toBe(0);
  });

  it.each(stages.flatMap((name) => WRONG.map((kind) => [name, kind] as const)))(
    'the %s answers nobody whose certificate is %s',
    async (name, kind) => {
      const secured = shown(linkEnds[kind] ?? stage);
      expect(await answerOf(replica.addressOf(name), secured)).toBe(UNAVAILABLE);
    },
  );

  it.each(stages)('the %s answers nobody without TLS', async (name) => {
    expect(await answerOf(replica.addressOf(name))).toBe(UNAVAILABLE);
  });

  it('asks clients for no certificate', async () => {
    const client = await connect({ servers: replica.address });
    await client.create('/open');
    await client.close();
  });
});

describe.each(TOPOLOGIES)('TLS on the links between replicas, %s', (topology) => {
  const split = topology === 'split';
  const its = EnsembleUnderTest.shared({ voters: 3, split, tls: () => ({ links: stage }) });
  /** The process that talks to other broadcasters. */
  const process = split ? 'zab-broadcaster' : 'replica';

  it('carries all that replicas tell one another', async () => {
    const ensemble = its();
    const clients = await Promise.all(ensemble.replicas.map((it) => ensemble.connect([it])));
    await Promise.all(clients.map((it, index) => it.create(`/of-${index}`, 'x')));
    for (const client of clients) {
      await client.sync();
      expect((await client.list('/')).children).toHaveLength(clients.length);
    }
    await ensemble.untilEqual();
  });

  it.each(['of another authority', 'expired'])(
    'leaves out a replica whose certificate is %s',
    async (kind) => {
      const ensemble = its();
      const [follower] = await ensemble.followers();
      if (follower === undefined) throw new Error('nobody follows');
      await follower.endStage(process, 'SIGTERM');
      follower.setTls({ links: { ...stage, ...linkEnds[kind] } });
      await follower.startStage(process);
      const client = await ensemble.connect(ensemble.others(follower));
      // A transaction that it would have, if anything reached it.
      const { zxid } = await client.create('/without-it-', 'x', { mode: 'persistentSequential' });
      await eventually('the others are in step', async () => {
        for (const other of ensemble.others(follower)) {
          const { applied } = (await ensemble.statusOf(other)).database;
          if (applied !== formatZxid(zxid)) throw new Error(`at ${applied}`);
        }
      });
      const { broadcaster, database } = await follower.status();
      expect(broadcaster?.role).toBe('looking');
      expect(database?.applied).not.toBe(formatZxid(zxid));
      await follower.endStage(process, 'SIGTERM');
      follower.setTls({ links: stage });
      await follower.startStage(process);
      await ensemble.untilServing();
      await ensemble.untilEqual();
    },
  );
});
