import { connect, decodeText, encodeText, PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { lock, LockLostError } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import { EnsembleError, startEnsemble } from '../src/index.ts';

async function textAt(client: Client, path: string): Promise<string> {
  return decodeText((await client.get(path)).data);
}

describe('an ensemble within the process', () => {
  it('serves its clients as soon as it is started', async () => {
    await using cluster = await startEnsemble({ replicas: 3, observers: 1 });
    expect(cluster.replicas).toEqual([1, 2, 3, 4]);
    const one = await cluster.connect();
    const other = await cluster.connect();
    await one.create('/greeting', 'hello');
    await other.set('/greeting', 'goodbye');
    expect(await textAt(other, '/greeting')).toBe('goodbye');
  });

  it('goes on when the leader is killed, and takes it back when it is restarted', async () => {
    await using cluster = await startEnsemble({ replicas: 3 });
    const client = await cluster.connect();
    await client.create('/counter', '0');
    const first = cluster.leader;
    cluster.kill(first);
    expect(cluster.isRunning(first)).toBe(false);
    await client.set('/counter', '1');
    expect(cluster.leader).not.toBe(first);
    cluster.restart(first);
    await cluster.serving();
    cluster.kill(cluster.leader);
    expect(await textAt(client, '/counter')).toBe('1');
  });

  it('brings a wiped replica up to date', async () => {
    await using cluster = await startEnsemble({ replicas: 3 });
    const client = await cluster.connect();
    await client.create('/kept', 'by the others');
    cluster.wipe(3);
    cluster.restart(3);
    await cluster.serving();
    await cluster.advance(5000);
    cluster.shutDown(1);
    expect(await textAt(client, '/kept')).toBe('by the others');
  });

  it('elects another leader while one is paused, which follows when it is resumed', async () => {
    await using cluster = await startEnsemble({ replicas: 3 });
    const client = await cluster.connect();
    await client.create('/a');
    const first = cluster.leader;
    cluster.pause(first);
    await cluster.advance(10_000);
    expect(cluster.leader).not.toBe(first);
    await client.set('/a', 'meanwhile');
    cluster.resume(first);
    await cluster.advance(1000);
    await cluster.serving();
  });

  it('has no leader for a minority that is cut off', async () => {
    await using cluster = await startEnsemble({ replicas: 3 });
    const client = await cluster.connect();
    const first = cluster.leader;
    const others = cluster.replicas.filter((it) => it !== first);
    cluster.partition([first], others);
    await cluster.advance(5000);
    expect(others).toContain(cluster.leader);
    await client.create('/written', 'by the majority');
    cluster.heal();
    await cluster.serving();
    expect(await textAt(client, '/written')).toBe('by the majority');
  });
});

describe('a client of an ensemble within the process', () => {
  it('loses what it holds, as its signal says, before another client is given it', async () => {
    await using cluster = await startEnsemble();
    const [one, other] = [await cluster.connect(), await cluster.connect()];
    const held = await lock(one, '/jobs/nightly').acquire();
    const next = lock(other, '/jobs/nightly').acquire();
    cluster.isolate(one);
    await cluster.advance(60_000);
    expect(held.signal.reason).toBeInstanceOf(LockLostError);
    expect((await next).token).toBeGreaterThan(held.token);
  });

  it('goes on with its session when it is disconnected', async () => {
    await using cluster = await startEnsemble({ replicas: 3 });
    const client = await cluster.connect({ sessionTimeoutMs: 5000 });
    expect(client.sessionTimeoutMs).toBe(5000);
    await client.create('/here', '', { mode: 'ephemeral' });
    const { session } = client;
    cluster.disconnect(client);
    expect((await client.exists('/here')).stat).not.toBe(null);
    expect(client.session).toBe(session);
  });

  it('is expired at once, with all that its session owned, and others are not', async () => {
    await using cluster = await startEnsemble({ replicas: 3 });
    const [one, other] = [await cluster.connect(), await cluster.connect()];
    await one.create('/of-one', '', { mode: 'ephemeral' });
    await other.create('/of-other', '', { mode: 'ephemeral' });
    const beforeMs = cluster.nowMs;
    await cluster.expire(one);
    expect(one.state).toBe('expired');
    expect(cluster.nowMs - beforeMs).toBeLessThan(60_000);
    expect((await other.list('/')).children).toEqual(['of-other']);
    await expect(cluster.expire(one)).rejects.toThrow(EnsembleError);
  });

  it('sees time pass as fast as the test wants', async () => {
    await using cluster = await startEnsemble();
    const client = await cluster.connect();
    await client.create('/cached', '', { ttlMs: 3_600_000 });
    await cluster.advance(3_500_000);
    expect((await client.exists('/cached')).stat).not.toBe(null);
    await cluster.advance(200_000);
    expect((await client.exists('/cached')).stat).toBe(null);
  });

  it('has time moved on by one at a time, whoever asks', async () => {
    await using cluster = await startEnsemble({ replicas: 3 });
    const [one, other] = [await cluster.connect(), await cluster.connect()];
    const beforeMs = cluster.nowMs;
    await Promise.all([cluster.advance(1000), cluster.expire(one), cluster.advance(1000)]);
    expect(cluster.nowMs - beforeMs).toBeGreaterThan(2000);
    expect([one.state, other.state]).toEqual(['expired', 'connected']);
  });

  it('ends with the ensemble', async () => {
    const cluster = await startEnsemble();
    const client = await cluster.connect();
    await cluster.stop();
    await cluster.stop();
    const late = client.get('/');
    await expect(late).rejects.toThrow(PaddockError);
    expect(() => cluster.kill(2)).toThrow('there is no replica 2');
  });
});

describe('a port of an ensemble within the process', () => {
  it('is reached by clients that know nothing of it, over the death of a replica', async () => {
    await using cluster = await startEnsemble({ replicas: 3, ports: true });
    expect(cluster.servers.split(',')).toHaveLength(3);
    const client = await connect({ servers: cluster.servers });
    const inside = await cluster.connect();
    await client.create('/from-outside', encodeText('over gRPC'));
    expect(await textAt(inside, '/from-outside')).toBe('over gRPC');
    for (const replica of cluster.replicas) {
      cluster.kill(replica);
      await client.set('/from-outside', `without ${replica}`);
      cluster.restart(replica);
      await cluster.serving();
    }
    await client.close();
  });
});
