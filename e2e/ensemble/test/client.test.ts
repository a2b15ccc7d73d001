import {
  connect,
  fetchBackup,
  PaddockError,
  readLog,
  readSubtree,
  step,
  watchChanges,
} from '@paddock/client';
import type { Client } from '@paddock/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { Ensemble } from '../src/ensemble.ts';

let ensemble: Ensemble;
let client: Client;

beforeAll(async () => {
  ensemble = await Ensemble.start({ topology: 'fused' });
  client = await connect({ servers: ensemble.address });
}, 120_000);

afterAll(async () => {
  await client.close();
  expect(await ensemble.stop()).toBe(0);
});

describe('a client', () => {
  it('shows a part of the tree as a tree of its own, on the same session', async () => {
    const app = client.chroot('/part');
    await app.create('/', 'root');
    const parts = Array.from({ length: 3 }, () =>
      app.create('/n-', '', { mode: 'persistentSequential' }),
    );
    const names = (await Promise.all(parts)).map(({ path }) => path);
    expect((await app.list('/')).children.map((it) => `/${it}`)).toEqual(names);
    await client.create('/part-2', '', { mode: 'ephemeral' });
    await app.create('/e', '', { mode: 'ephemeral' });
    expect((await app.ephemerals()).paths).toEqual(['/e']);
    const watcher = await app.watch('/', { recursive: true });
    await client.exists('/part-2', { watch: () => undefined });
    expect((await app.watches()).watches).toEqual([{ path: '/', kinds: ['persistentRecursive'] }]);
    await client.set('/part/e', 'x');
    expect((await watcher.next()).value).toMatchObject({ kind: 'nodeDataChanged', path: '/e' });
    watcher.close();
    await app.setQuota('/', { countHard: 5 });
    const refused: unknown = await app.create('/sixth').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'quotaExceeded', path: '/sixth', limit: { path: '/' } });
    expect((await app.quotas()).quotas).toMatchObject([{ path: '/', count: 5 }]);
    await app.multi([step.delete('/', { recursive: true })]);
    await client.delete('/part-2');
  });

  it('a path behind the servers is the root of what is asked and told, by streams too', async () => {
    const { zxid: from } = await client.create('/rooted', 'top');
    await using rooted = await connect(`${ensemble.address}/rooted`);
    const { zxid } = await rooted.create('/a', 'x');
    const servers = `${ensemble.address}/rooted`;
    const shown: string[] = [];
    for await (const { path } of await readSubtree('/', { servers, atLeast: zxid })) {
      shown.push(path);
    }
    expect(shown.sort()).toEqual(['/', '/a']);
    const { changes } = await readLog('/', { servers, subtree: true });
    expect(changes.map(({ path }) => path)).toContain('/a');
    for await (const change of watchChanges('/a', { servers, from })) {
      if (change.kind === 'progress') continue;
      expect(change).toMatchObject({ kind: 'nodeCreated', path: '/a', zxid });
      break;
    }
    await client.multi([step.delete('/rooted', { recursive: true })]);
  });

  it('finds its servers by names, by DNS records, or by the environment', async () => {
    const port = Number(ensemble.address.slice(ensemble.address.lastIndexOf(':') + 1));
    const addresses = (host: string) =>
      host === 'replica.test'
        ? Promise.resolve(['127.0.0.1'])
        : Promise.reject(new TypeError(host));
    const record = { name: 'replica.test', port, priority: 1, weight: 1 };
    const resolver = { addresses, services: () => Promise.resolve([record]) };
    await using byName = await connect(`localhost:${port}`);
    await using byRecord = await connect('srv:example.test', { resolver });
    const { zxid } = await byName.create('/named');
    expect((await byRecord.exists('/named', { atLeast: zxid })).stat).not.toBeNull();
    vi.stubEnv('PADDOCK_SERVERS', ensemble.address);
    await using byEnvironment = await connect();
    await byEnvironment.delete('/named');
    vi.unstubAllEnvs();
  });

  it('says truly of a call that it gives up whether that may take effect', async () => {
    await client.create('/given-up');
    const outcomes = new Map<string, 'done' | 'notDone' | 'open'>();
    const calls: Promise<unknown>[] = [];
    for (let i = 0; i < 300; i++) {
      const name = `n-${String(i).padStart(3, '0')}`;
      const deadlineMs = i % 3 === 0 ? undefined : 0.1 + (i % 30) / 10;
      const signal = i % 7 === 0 ? AbortSignal.timeout(i % 5) : undefined;
      const call = client.create(`/given-up/${name}`, '', { deadlineMs, signal }).then(
        () => outcomes.set(name, 'done'),
        (error: unknown) => {
          if (!(error instanceof PaddockError)) throw error;
          expect(['operationTimeout', 'aborted']).toContain(error.code);
          outcomes.set(name, error.mayHaveTakenEffect ? 'open' : 'notDone');
        },
      );
      calls.push(call);
      if (i % 20 === 0) await call;
    }
    await Promise.all(calls);
    await client.sync();
    const children = new Set((await client.list('/given-up')).children);
    for (const [name, outcome] of outcomes) {
      if (outcome !== 'open') {
        expect({ name, is: children.has(name) }).toEqual({ name, is: outcome === 'done' });
      }
    }
    expect(outcomes.size).toBe(300);
    await client.multi([step.delete('/given-up', { recursive: true })]);
  });

  it('gives a stream up by its signal, before its first part or in the middle', async () => {
    const servers = ensemble.address;
    const paths = Array.from({ length: 300 }, (_, i) => `/given-up/${i}`);
    await client.create('/given-up');
    await Promise.all(paths.map((path) => client.create(path, 'x'.repeat(10_000))));
    const gone = { servers, signal: AbortSignal.abort() };
    for (const stream of [
      readSubtree('/given-up', gone),
      readLog('/given-up', gone),
      fetchBackup(gone),
      watchChanges('/given-up', gone).next(),
    ]) {
      await expect(stream).rejects.toMatchObject({ code: 'aborted' });
    }
    const controller = new AbortController();
    const subtree = await readSubtree('/given-up', { servers, signal: controller.signal });
    await subtree.next();
    controller.abort();
    await expect(drained(subtree)).rejects.toMatchObject({ code: 'aborted' });
    await client.multi([step.delete('/given-up', { recursive: true })]);
  });

  it('tells how its session is, up to the end of that', async () => {
    const other = await connect(ensemble.address);
    const told: string[] = [];
    const listening = (async () => {
      for await (const { state, missed } of other.states()) told.push(`${state} ${missed}`);
    })();
    expect(other.sessionSignal.aborted).toBe(false);
    await other.close();
    await listening;
    expect(told).toEqual(['connected 0', 'closed 0']);
    expect(await other.ended).toMatchObject({ state: 'closed', end: 'closed' });
    expect(other.sessionSignal.aborted).toBe(true);
  });

  it('changes a znode by what is there, and reads nothing that its schema refuses', async () => {
    await using other = await connect(ensemble.address);
    const schema = z.object({ count: z.number() });
    const nodes = [client, other].map((it) => it.node('/counted-up', schema));
    const counting = nodes.map(async (node) => {
      for (let i = 0; i < 50; i++) {
        await node.update((value) => ({ count: (value?.count ?? 0) + 1 }));
      }
    });
    await Promise.all(counting);
    await client.sync();
    const node = client.node('/counted-up', schema);
    expect((await node.get()).value).toEqual({ count: 100 });
    const states = node.watch();
    expect((await states.next()).value).toMatchObject({ kind: 'value', value: { count: 100 } });
    await other.set('/counted-up', '{"count":"many"}');
    const { value: state } = await states.next();
    expect(state).toMatchObject({ kind: 'invalid', error: { code: 'invalidValue' } });
    await states.return(undefined);
    await client.delete('/counted-up');
  });
});

async function drained(parts: AsyncIterable<unknown>): Promise<void> {
  for await (const part of parts) expect(part).toBeDefined();
}
