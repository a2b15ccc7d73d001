import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@paddock/model';
import type { LinkEnd, PeerIdentity } from '@paddock/ports';
import { CertificateAuthority, type CertificatePaths } from '@paddock/compliance';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  CertificateError,
  CertificateFiles,
  createGrpcServer,
  GrpcLinkDialer,
  listen,
  type PeerCertificates,
  serveLink,
  sessionStreamBoundary,
} from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'paddock-tls-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const authority = new CertificateAuthority('ours');
const stranger = new CertificateAuthority('somebody else');
const server = authority.write(directory, 'server', { subject: 'server' });
const client = authority.write(directory, 'client', {
  subject: [
    ['organization', 'acme, inc'],
    ['unit', 'a + b'],
    ['commonName', 'alice'],
  ],
});
const HOUR_MS = 60 * 60 * 1000;

const REACHED: LinkEnd = { cause: 'closed', reason: 'here you are' };

interface Listening {
  readonly address: string;
  readonly files: CertificateFiles;
  /** Of the links that have arrived. */
  readonly peers: (PeerIdentity | undefined)[];
}

/** A server that closes each link, once it is there, with words of its own. */
async function serve(paths: CertificatePaths, asked: PeerCertificates): Promise<Listening> {
  const grpc = createGrpcServer({ messageBytes: 64 * 1024, concurrentStreams: 10 });
  onTestFinished(() => grpc.forceShutdown());
  const peers: (PeerIdentity | undefined)[] = [];
  serveLink(
    grpc,
    sessionStreamBoundary,
    (link) => {
      peers.push(link.peer);
      setImmediate(() => link.close(REACHED));
      return { received: () => undefined, drained: () => undefined, ended: () => undefined };
    },
    DEFAULT_LIMITS,
  );
  const files = new CertificateFiles(paths);
  const port = await listen(grpc, '127.0.0.1:0', { files, peers: asked });
  return { address: `127.0.0.1:${port}`, files, peers };
}

function dial(address: string, tls: CertificateFiles | undefined): Promise<LinkEnd> {
  const dialer = new GrpcLinkDialer(sessionStreamBoundary, { limits: DEFAULT_LIMITS, tls });
  onTestFinished(() => dialer.close());
  return new Promise((ended) => {
    dialer.dial(address, { received: () => undefined, drained: () => undefined, ended });
  });
}

const expired = { validFromMs: -2 * HOUR_MS, validUntilMs: -HOUR_MS };

const ends: Readonly<Record<string, () => CertificateFiles | undefined>> = {
  right: () => new CertificateFiles(client),
  'of another authority': () => {
    const wrong = stranger.write(directory, 'wrong', { subject: 'alice' });
    return new CertificateFiles({ ...wrong, ca: server.ca });
  },
  expired: () =>
    new CertificateFiles(authority.write(directory, 'old', { subject: 'alice', ...expired })),
  'not there': () => new CertificateFiles({ ca: server.ca }),
};

describe('a server that requires certificates', () => {
  it('takes a link whose certificate is right, and says whose it is', async () => {
    const { address, peers } = await serve(server, 'required');
    expect(await dial(address, ends['right']?.())).toEqual(REACHED);
    expect(peers).toEqual([{ scheme: 'x509', id: 'CN=alice,OU=a \\+ b,O=acme\\, inc' }]);
  });

  it.each([
    [
      'of another authority',
      'did not take the certificate of this end, which may be of an authority',
    ],
    ['expired', 'did not take the certificate of this end, which has expired'],
    ['not there', 'wants a certificate, and got none'],
  ])('takes no link whose certificate is %s, and the other end says so', async (kind, told) => {
    const { address, peers } = await serve(server, 'required');
    const end = await dial(address, ends[kind]?.());
    expect(end.cause).toBe('lost');
    expect(end.reason).toContain(told);
    expect(peers).toEqual([]);
  });

  it('takes no link that is not encrypted', async () => {
    const { address, peers } = await serve(server, 'required');
    expect((await dial(address, undefined)).cause).toBe('lost');
    expect(peers).toEqual([]);
  });
});

describe('a server that asks for certificates and requires none', () => {
  it.each([
    ['right', 'CN=alice,OU=a \\+ b,O=acme\\, inc'],
    ['of another authority', undefined],
    ['expired', undefined],
    ['not there', undefined],
  ])('knows nobody by a certificate unless it is right: %s', async (kind, id) => {
    const { address, peers } = await serve(server, 'optional');
    expect(await dial(address, ends[kind]?.())).toEqual(REACHED);
    expect(peers).toEqual([id === undefined ? undefined : { scheme: 'x509', id }]);
  });

  it('asks for none where it wants none', async () => {
    const { address, peers } = await serve(server, 'none');
    expect(await dial(address, ends['right']?.())).toEqual(REACHED);
    expect(peers).toEqual([undefined]);
  });
});

describe('an end that dials', () => {
  it.each([
    [
      'of another authority',
      () => stranger.write(directory, 's1', { subject: 's' }),
      'no authority that is trusted',
    ],
    [
      'expired',
      () => authority.write(directory, 's2', { subject: 's', ...expired }),
      'has expired (CERT_HAS_EXPIRED)',
    ],
    [
      'not valid yet',
      () => authority.write(directory, 's3', { subject: 's', validFromMs: HOUR_MS }),
      'does not hold yet',
    ],
    [
      'for another host',
      () => authority.write(directory, 's4', { subject: 's', hosts: ['elsewhere', '10.0.0.1'] }),
      "certificate's altnames",
    ],
    [
      'for no host at all',
      () => authority.write(directory, 's5', { subject: '127.0.0.1', hosts: [] }),
      "certificate's altnames",
    ],
  ])('does not trust a server whose certificate is %s, and says so', async (_, write, told) => {
    const { address, peers } = await serve(write(), 'none');
    const end = await dial(address, new CertificateFiles({ ca: server.ca }));
    expect(end.cause).toBe('lost');
    expect(end.reason).toContain(told);
    expect(peers).toEqual([]);
  });

  it('trusts a server by its host name as by its address', async () => {
    const { address } = await serve(server, 'none');
    const named = address.replace('127.0.0.1', 'localhost');
    expect(await dial(named, new CertificateFiles({ ca: server.ca }))).toEqual(REACHED);
  });

  it('says where the other end does not speak TLS', async () => {
    const grpc = createGrpcServer({ messageBytes: 1024, concurrentStreams: 1 });
    onTestFinished(() => grpc.forceShutdown());
    const port = await listen(grpc, '127.0.0.1:0');
    const end = await dial(`127.0.0.1:${port}`, new CertificateFiles({ ca: server.ca }));
    expect(end.reason).toContain('does not speak TLS');
  });
});

describe('files of certificates', () => {
  it('are read again when they change, for new connections of a server', async () => {
    const paths = authority.write(directory, 'renewed', { subject: 's', ...expired });
    const { address, files } = await serve(paths, 'none');
    const trusting = (): CertificateFiles => new CertificateFiles({ ca: paths.ca });
    expect((await dial(address, trusting())).reason).toContain('has expired');
    expect(files.reread()).toBe('unchanged');
    authority.write(directory, 'renewed', { subject: 's' });
    expect(files.reread()).toBe('changed');
    expect(await dial(address, trusting())).toEqual(REACHED);
  });

  it('are read again when they change, for new connections of an end that dials', async () => {
    const { address } = await serve(server, 'required');
    const paths = authority.write(directory, 'dialler', { subject: 'd', ...expired });
    const files = new CertificateFiles(paths);
    expect((await dial(address, files)).cause).toBe('lost');
    authority.write(directory, 'dialler', { subject: 'd' });
    expect(await dial(address, files)).toEqual(REACHED);
  });

  it('that are bad never replace good ones, and are told of once', () => {
    const paths = authority.write(directory, 'spoilt', { subject: 's' });
    const files = new CertificateFiles(paths);
    const told: unknown[] = [];
    files.onReread((reread) => told.push(reread));
    const before = files.options;
    writeFileSync(paths.cert, 'half a certif');
    expect(files.reread()).toBeInstanceOf(CertificateError);
    expect(files.reread()).toBe('unchanged');
    expect(files.options).toBe(before);
    expect(told).toHaveLength(1);
    rmSync(paths.cert);
    expect(files.reread()).toBeInstanceOf(CertificateError);
    authority.write(directory, 'spoilt', { subject: 's' });
    expect(files.reread()).toBe('changed');
  });

  it.each([
    ['cert', { cert: join(directory, 'none.pem') }, 'cannot be read'],
    ['cert', { cert: server.key }, 'is no certificate in PEM'],
    ['ca', { ca: server.key }, 'is no certificate in PEM'],
    ['key', { key: server.cert }, 'is no private key in PEM'],
    ['key', { key: client.key }, 'is not the key of the certificate in'],
  ])('are refused where %s is %j, naming the file', (of, wrong, told) => {
    const paths = { ...server, ...wrong };
    const refused = (): CertificateFiles => new CertificateFiles(paths);
    expect(refused).toThrow(CertificateError);
    expect(refused).toThrow(
      `${paths[of === 'cert' ? 'cert' : of === 'key' ? 'key' : 'ca']}: ${told}`,
    );
  });

  it('say until when the certificate of this end holds', () => {
    expect(new CertificateFiles({ ca: server.ca }).validUntil).toBeUndefined();
    const until = new CertificateFiles(server).validUntil?.getTime() ?? 0;
    expect(until).toBeGreaterThan(Date.now());
  });
});
