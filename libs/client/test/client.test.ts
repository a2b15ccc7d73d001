import { describe, expect, it } from 'vitest';
import type { Client } from '../src/client.ts';
import { connect } from '../src/connect.ts';
import { parseServers } from '../src/servers.ts';
import { PaddockError } from '../src/paddock-error.ts';
import { WatchStream } from '../src/watch-stream.ts';
import { decodeText, ZXID_ZERO } from '@paddock/model';
import { MemoryService } from './memory-service.ts';

async function open(
  service = new MemoryService(),
): Promise<{ client: Client; service: MemoryService }> {
  return { client: await connect({ dialer: service }), service };
}

async function failureOf(promise: Promise<unknown>): Promise<PaddockError> {
  return promise.then(
    () => expect.unreachable('it should fail'),
    (error: unknown) => {
      if (error instanceof PaddockError) return error;
      throw error;
    },
  );
}

describe('a client', () => {
  it('creates, reads, replaces and deletes', async () => {
    const { client } = await open();
    expect(await client.create('/a', 'grüße')).toMatchObject({ path: '/a', stat: { version: 0 } });
    const { data, stat, zxid } = await client.get('/a');
    expect(decodeText(data)).toBe('grüße');
    expect(stat.version).toBe(0);
    expect(zxid).toBe(stat.mzxid);
    expect(await client.set('/a', Uint8Array.of(1), { version: 0 })).toMatchObject({
      stat: { version: 1 },
    });
    expect(await client.list('/a')).toMatchObject({ children: [] });
    expect(await client.count('/a')).toMatchObject({ descendants: 0, subtreeBytes: 1 });
    expect((await client.ephemerals()).paths).toEqual([]);
    expect(await client.sessions()).toMatchObject({ sessions: [], more: false });
    expect(await client.watches()).toMatchObject({ watches: [], more: false });
    await client.setQuota('/a', { countHard: 3 });
    expect(await client.getQuota('/a')).toMatchObject({ quota: null });
    await client.removeQuota('/a');
    await client.delete('/a');
    expect((await client.exists('/a')).stat).toBeNull();
    await client.sync();
    await client.close();
    expect(client.state).toBe('closed');
  });

  it('lists children by pages, and one after the other', async () => {
    const { client, service } = await open();
    await client.create('/a');
    const names = ['b', 'c', 'd', 'e', 'f'];
    await Promise.all(names.map((it) => client.create(`/a/${it}`)));
    expect(await client.list('/a', { limit: 2 })).toMatchObject({
      children: ['b', 'c'],
      more: true,
    });
    const rest = await client.list('/a', { after: 'c', limit: 9 });
    expect(rest).toMatchObject({ children: ['d', 'e', 'f'], more: false });
    service.requests.length = 0;
    const seen: string[] = [];
    for await (const name of client.children('/a', { limit: 2 })) seen.push(name);
    expect(seen).toEqual(names);
    expect(service.requests).toHaveLength(3);
    const { code } = await failureOf(client.list('/a', { limit: -1 }));
    expect(code).toBe('badArguments');
    await client.close();
  });

  it('sends all calls of one turn in one message, and settles them in their order', async () => {
    const { client, service } = await open();
    service.requests.length = 0;
    const order: string[] = [];
    await Promise.allSettled([
      client.get('/no').finally(() => order.push('get')),
      client.create('/a').finally(() => order.push('create')),
      client.exists('/a').finally(() => order.push('exists')),
    ]);
    expect(order).toEqual(['get', 'create', 'exists']);
    expect(service.requests).toHaveLength(1);
    await client.close();
  });

  it('says what a read must show, where it is told to', async () => {
    const { client, service } = await open();
    await client.create('/a');
    service.requests.length = 0;
    const { zxid } = await client.get('/a');
    const consistency = { kind: 'linearizable' } as const;
    await client.exists('/a', { consistency, atLeast: zxid });
    await client.list('/a', { consistency: { kind: 'boundedStaleness', ms: 20 } });
    const asked = service.requests.flatMap((it) => (it.kind === 'operations' ? it.operations : []));
    expect(asked).toEqual([
      { kind: 'getData', path: '/a', watch: false, atLeast: ZXID_ZERO },
      { kind: 'exists', path: '/a', watch: false, atLeast: zxid, consistency },
      {
        kind: 'getChildren',
        path: '/a',
        watch: false,
        atLeast: ZXID_ZERO,
        consistency: { kind: 'boundedStaleness', ms: 20 },
      },
    ]);
    const failure = await failureOf(
      client.get('/a', { consistency: { kind: 'boundedStaleness', ms: 0.5 } }),
    );
    expect(failure.code).toBe('badArguments');
    await client.close();
  });

  it('fails with a code, the path and advice', async () => {
    const { client } = await open();
    const missing = await failureOf(client.create('/p/q').then(() => client.get('/nope')));
    expect(missing).toMatchObject({ code: 'noNode', path: '/nope' });
    expect(missing.message).toBe('get /nope: there is no such znode (noNode)');
    const version = await failureOf(client.set('/p/q', '', { version: 4 }));
    expect(version.message).toContain('read it again and retry');
    await client.close();
  });

  it('calls a watch after the read that set it and before the result behind the change', async () => {
    const { client } = await open();
    await client.create('/a');
    const order: string[] = [];
    const read = client.get('/a', { watch: ({ kind }) => order.push(kind) });
    const write = client.set('/a', 'x');
    await Promise.all([read.then(() => order.push('read')), write.then(() => order.push('set'))]);
    expect(order).toEqual(['read', 'nodeDataChanged', 'set']);
    await client.close();
  });

  it('feeds a stream, which ends with the session', async () => {
    const { client } = await open();
    await client.create('/a');
    const watch = new WatchStream();
    await client.get('/a', { watch });
    await client.set('/a', 'x');
    await client.get('/a', { watch });
    const closed = client.close();
    const kinds: string[] = [];
    for await (const event of watch) kinds.push(event.kind);
    await closed;
    expect(kinds).toEqual(['nodeDataChanged', 'sessionEnded']);
  });

  it('tells of its states, and carries requests over a broken connection', async () => {
    const { client, service } = await open();
    const states: string[] = [];
    client.on('state', ({ state }) => states.push(state));
    service.isUp = false;
    const created = client.create('/a');
    await new Promise((resolve) => setImmediate(resolve));
    service.isUp = true;
    service.breakLink();
    expect((await created).path).toBe('/a');
    expect(states).toEqual(['suspended', 'connected']);
    await client.close();
    expect((await failureOf(client.get('/a'))).code).toBe('sessionExpired');
  });

  it('bounds what may wait', async () => {
    const client = await connect({ dialer: new MemoryService(), maxPending: 1 });
    const first = client.create('/a');
    expect(await failureOf(client.create('/b'))).toMatchObject({
      code: 'throttled',
      limit: { kind: 'outstanding', path: '', limit: 1, use: 1, more: 1 },
      retryAfterMs: null,
    });
    await first;
    await client.close();
  });

  it('gives up closing a session that nobody answers for', async () => {
    const service = new MemoryService();
    const client = await connect({ dialer: service, closeTimeoutMs: 20 });
    service.isUp = false;
    const lost = failureOf(client.set('/a', ''));
    await client.close();
    expect((await lost).message).toContain('whether this write took effect is unknown');
  });
});

describe('connecting', () => {
  it('fails in time, naming the servers', async () => {
    const service = new MemoryService();
    service.isUp = false;
    const error = await failureOf(
      connect({ dialer: service, servers: 'a:1,b:2', connectTimeoutMs: 20 }),
    );
    expect(error.code).toBe('connectionLoss');
    expect(error.message).toContain('a:1, b:2');
  });

  it('refuses what is no address', async () => {
    expect(parseServers('a:1, [::1]:2').servers).toEqual(['a:1', '[::1]:2']);
    expect((await failureOf(connect({ servers: 'here' }))).code).toBe('badArguments');
    expect(() => parseServers([])).toThrow('at least one');
  });
});
