import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../src/configuration.ts';
import { OperatorError } from '../src/operator-error.ts';

const parse = (input: unknown) => parseConfiguration(input, 'replica.json', '/base');

describe('the configuration of a replica', () => {
  it('fills every default in from an empty file', () => {
    const configuration = parse({});
    expect(configuration.addresses.client).toBe('127.0.0.1:2191');
    expect(configuration.dataDirectory).toBe('/base/.paddock/replica-1');
    expect(configuration.timing.sessionTimeoutMs).toBe(10_000);
  });

  it('gives replica k ports that are k − 1 higher', () => {
    expect(parse({ replica: 3 }).addresses.zabBroadcaster).toBe('127.0.0.1:2393');
  });

  it.each([
    [{ timing: { tickMs: 'fast' } }, '"timing.tickMs"'],
    [{ limits: { windowCount: 0 } }, '"limits.windowCount"'],
    [{ addresses: { client: 'nowhere' } }, '"addresses.client"'],
    [{ adresses: {} }, 'adresses'],
    [{ limits: { windowCount: 10 } }, 'limits.outstandingPerSession'],
    [{ timing: { sessionTimeoutMinMs: 600 } }, 'two ticks'],
    [{ addresses: { client: '0.0.0.0:2191' } }, '"insecure": true'],
    [[], 'replica.json'],
  ])('refuses %j and names what is wrong', (input, named) => {
    expect(() => parse(input)).toThrow(OperatorError);
    expect(() => parse(input)).toThrow(named);
  });

  it('listens beyond loopback where that was asked for', () => {
    expect(parse({ insecure: true, addresses: { client: '0.0.0.0:2191' } }).addresses.client).toBe(
      '0.0.0.0:2191',
    );
  });
});

const LINKS = { cert: 'stage.pem', key: '/keys/stage.key', ca: 'ca.pem' };
const CLIENTS = { cert: 'server.pem', key: 'server.key' };
const EVERYWHERE = '0.0.0.0:2191';

describe('TLS in the configuration of a replica', () => {
  it('is nowhere unless asked for', () => {
    expect(parse({}).tls).toEqual({ clients: undefined, links: undefined });
  });

  it('finds its files beside the configuration', () => {
    expect(parse({ tls: { links: LINKS } }).tls.links).toEqual({
      cert: '/base/stage.pem',
      key: '/keys/stage.key',
      ca: '/base/ca.pem',
    });
  });

  it.each([
    [CLIENTS, 'none'],
    [{ ...CLIENTS, ca: 'ca.pem' }, 'required'],
    [{ ...CLIENTS, ca: 'ca.pem', clientCertificates: 'optional' }, 'optional'],
  ])('asks clients as %j says: %s', (clients, asked) => {
    expect(parse({ tls: { clients } }).tls.clients?.clientCertificates).toBe(asked);
  });

  it.each([
    [{ client: EVERYWHERE }, { clients: CLIENTS }],
    [{ replicatedDatabase: '10.0.0.1:2491', requestProcessor: '10.0.0.1:2291' }, { links: LINKS }],
  ])('lets %j listen beyond loopback', (addresses, tls) => {
    expect(parse({ addresses, tls }).addresses).toMatchObject(addresses);
  });

  it.each([
    [{ addresses: { client: EVERYWHERE } }, '"tls": {"clients":'],
    [{ addresses: { client: EVERYWHERE }, tls: { links: LINKS } }, '"tls": {"clients":'],
    [{ addresses: { requestProcessor: '10.0.0.1:1' }, tls: { clients: CLIENTS } }, '"links":'],
    [{ addresses: { zabBroadcaster: '10.0.0.1:1' } }, '"tls": {"links":'],
    [{ addresses: { replicatedDatabase: '[::]:1' } }, '"addresses.replicatedDatabase"'],
    [{ addresses: { admin: '0.0.0.0:1' }, tls: { links: LINKS, clients: CLIENTS } }, 'plain HTTP'],
    [{ tls: { clients: { cert: 'a' } } }, '"tls.clients.key"'],
    [{ tls: { links: { cert: 'a', key: 'b' } } }, '"tls.links.ca"'],
    [{ tls: { clients: { ...CLIENTS, clientCertificates: 'optional' } } }, 'needs "ca"'],
  ])('refuses %j and says what is missing', (input, named) => {
    expect(() => parse(input)).toThrow(OperatorError);
    expect(() => parse(input)).toThrow(named);
  });

  it('is not needed where the command line says so', () => {
    const input = { addresses: { client: EVERYWHERE }, insecure: false };
    const overridden = parseConfiguration(input, 'replica.json', '/base', { insecure: true });
    expect(overridden.addresses.client).toBe(EVERYWHERE);
    expect(() => parse(input)).toThrow('or start with --insecure');
  });
});

const THREE = [
  { replica: 1, address: '127.0.0.1:2391' },
  { replica: 2, address: '127.0.0.1:2392' },
  { replica: 3, address: '127.0.0.1:2393', role: 'observer' },
];

describe('an ensemble in the configuration of a replica', () => {
  it('is one of one where it is not listed', () => {
    expect(parse({}).ensemble).toEqual([]);
  });

  it('says where this replica is dialled, and who votes', () => {
    const moved = THREE.map((member) =>
      member.replica === 2 ? { ...member, address: '127.0.0.1:9002' } : member,
    );
    const configuration = parse({ replica: 2, ensemble: moved });
    expect(configuration.addresses.zabBroadcaster).toBe('127.0.0.1:9002');
    expect(configuration.ensemble.map(({ role }) => role)).toEqual(['voter', 'voter', 'observer']);
  });

  it.each([
    [{ replica: 4, ensemble: THREE }, 'replica 4 is not among those listed (1, 2, 3)'],
    [{ ensemble: [] }, 'not among those listed (none)'],
    [{ ensemble: [...THREE, { replica: 2, address: '127.0.0.1:9' }] }, 'listed twice'],
    [{ ensemble: [...THREE, { replica: 4, address: '127.0.0.1:2391' }] }, 'the same address'],
    [{ ensemble: [{ replica: 1, address: '127.0.0.1:0' }] }, 'port 0'],
    [{ ensemble: [{ replica: 1, address: 'here' }] }, 'an entry looks like'],
    [{ insecure: true, ensemble: [{ replica: 1, address: '0.0.0.0:2391' }] }, 'name the host'],
    [{ replica: 3, ensemble: THREE.slice(2) }, 'only observers'],
    [{ ensemble: [...THREE, { replica: 4, address: '10.0.0.4:2391' }] }, '"insecure": true'],
    [
      { ensemble: THREE, addresses: { zabBroadcaster: '127.0.0.1:2400' } },
      '"addresses.zabBroadcaster"',
    ],
    [{ ensemble: [{ replica: 1, address: '127.0.0.1:2391', role: 'boss' }] }, '"ensemble.0.role"'],
    [{ ensemble: [{ replica: 1 }] }, '"ensemble.0.address"'],
    [{ timing: { leaderLostMs: 900 } }, '"timing.leaderLostMs"'],
    [{ timing: { staleReadsMs: 900 } }, '"timing.staleReadsMs"'],
  ])('refuses %j and says what to write instead', (input, named) => {
    expect(() => parse(input)).toThrow(OperatorError);
    expect(() => parse(input)).toThrow(named);
  });
});
