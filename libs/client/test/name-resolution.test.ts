import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../src/connect.ts';
import { ServerAddresses } from '../src/name-resolution.ts';
import type { NameResolver, ServiceRecord } from '../src/name-resolution.ts';
import { NODE_RANDOM } from '../src/node-environment.ts';
import { addressOf, DEFAULT_SERVERS, parseServers } from '../src/servers.ts';
import { MemoryService } from './memory-service.ts';

/** What names mean, until they are changed. */
class Names implements NameResolver {
  readonly hosts = new Map<string, readonly string[]>();
  readonly records = new Map<string, readonly ServiceRecord[]>();
  asked = 0;

  async addresses(host: string): Promise<readonly string[]> {
    this.asked++;
    return this.hosts.get(host) ?? Promise.reject(new TypeError(`ENOTFOUND ${host}`));
  }

  async services(name: string): Promise<readonly ServiceRecord[]> {
    return this.records.get(name) ?? [];
  }
}

afterEach(() => vi.unstubAllEnvs());

describe('the servers of a service', () => {
  it('are those that are named, else those of the environment, else those of this machine', () => {
    vi.stubEnv('PADDOCK_SERVERS', 'b:2/app');
    expect(addressOf('a:1').servers).toEqual(['a:1']);
    expect(addressOf(undefined)).toMatchObject({ servers: ['b:2'], view: { root: '/app' } });
    vi.stubEnv('PADDOCK_SERVERS', '');
    expect(addressOf(undefined).servers).toEqual(DEFAULT_SERVERS.split(','));
  });

  it('may be those that DNS names', () => {
    expect(parseServers('srv:example.com,a:1').servers).toEqual(['srv:example.com', 'a:1']);
    for (const wrong of ['srv:', 'srv:a:1', 'srv:a b']) {
      expect(() => parseServers(wrong)).toThrow('is no server');
    }
  });
});

describe('the addresses of a server', () => {
  it('are asked for each time, and taken in turn', async () => {
    const names = new Names();
    const addresses = new ServerAddresses(names, NODE_RANDOM);
    names.hosts.set('a', ['10.0.0.1', 'fd00::2']);
    expect(await addresses.next('a:1')).toBe('10.0.0.1:1');
    expect(await addresses.next('a:1')).toBe('[fd00::2]:1');
    expect(addresses.hostOf('[fd00::2]:1')).toBe('a');
    names.hosts.set('a', ['10.0.0.9']);
    expect(await addresses.next('a:1')).toBe('10.0.0.9:1');
    await expect(addresses.next('b:1')).rejects.toThrow('b is not resolved: ENOTFOUND b');
  });

  it('are not asked for where the server is named by one', () => {
    const names = new Names();
    const addresses = new ServerAddresses(names, NODE_RANDOM);
    expect(addresses.next('10.0.0.1:1')).toBe('10.0.0.1:1');
    expect(addresses.next('[::1]:1')).toBe('[::1]:1');
    expect(names.asked).toBe(0);
  });

  it('of a service are those of its records, by priority, and by weight as chance has it', async () => {
    const names = new Names();
    const addresses = new ServerAddresses(names, NODE_RANDOM);
    const [backup, rare, usual] = [
      { name: 'c', port: 3, priority: 20, weight: 0 },
      { name: 'b', port: 2, priority: 10, weight: 0 },
      { name: 'a', port: 1, priority: 10, weight: 60_000 },
    ];
    names.records.set('_paddock._tcp.example.com', [backup, rare, usual]);
    const servers = await addresses.expanded(['srv:example.com', 'd:4']);
    expect(servers).toEqual(['a:1', 'b:2', 'c:3', 'd:4']);
    names.hosts.set('a', ['10.0.0.1']).set('b', ['10.0.0.2']).set('c', ['10.0.0.3']);
    expect(await addresses.next('srv:_paddock._tcp.example.com')).toBe('10.0.0.1:1');
    await expect(addresses.next('srv:example.org')).rejects.toThrow(
      '_paddock._tcp.example.org is not resolved: no record',
    );
  });
});

describe('a client that is given names', () => {
  it('finds a server that has moved when it connects again', async () => {
    const names = new Names();
    const service = new MemoryService();
    names.hosts.set('paddock', ['10.0.0.1']);
    const client = await connect('paddock:2191/app', { dialer: service, resolver: names });
    expect(client.root).toBe('/app');
    names.hosts.set('paddock', ['10.0.0.7']);
    service.breakLink();
    await client.sync();
    expect(service.dialled).toEqual(['10.0.0.1:2191', '10.0.0.7:2191']);
    await client.close();
  });

  it('goes on where a name is not known for a while, and says so', async () => {
    const names = new Names();
    const connecting = connect('paddock:2191', {
      ...{ dialer: new MemoryService(), resolver: names, connectTimeoutMs: 30 },
    });
    await expect(connecting).rejects.toThrow('paddock is not resolved: ENOTFOUND paddock');
    const later = connect('paddock:2191', { dialer: new MemoryService(), resolver: names });
    await Promise.resolve();
    names.hosts.set('paddock', ['10.0.0.1']);
    const client = await later;
    expect(client.state).toBe('connected');
    await client.close();
  });
});
