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
