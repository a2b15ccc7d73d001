import { status } from '@grpc/grpc-js';
import { connect, PaddockError, step } from '@paddock/client';
import type { Client } from '@paddock/client';
import { paddock, ZnodeService } from '@paddock/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfiguredReplica } from '../src/configured-replica.ts';
import { TOPOLOGIES } from '../src/ensemble.ts';
import { RawGrpc } from '../src/raw-grpc.ts';

const { ErrorCode, LimitKind } = paddock.client.v1;

async function failureOf(request: Promise<unknown>): Promise<PaddockError> {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof PaddockError) return error;
  throw new Error(`it has not failed: ${String(error)}`);
}

describe.each(TOPOLOGIES)('limits, %s', (topology) => {
  let replica: ConfiguredReplica;
  let client: Client;

  beforeAll(async () => {
    const limits = { childrenPerZnode: 3, watchesPerSession: 2, znodeDataBytes: 1000 };
    replica = await ConfiguredReplica.start(topology, { limits });
    client = await connect({ servers: replica.address });
  });

  afterAll(async () => {
    await client.close();
    await replica.stop();
  });

  it('of children refuse one too many, also within a transaction, and name the parent', async () => {
    await client.create('/full');
    const made = ['a', 'b', 'c', 'd'].map((name) => client.create(`/full/${name}`));
    const [, , , fourth] = await Promise.allSettled(made);
    const limit = { kind: 'childrenPerZnode', path: '/full', limit: 3, use: 3, more: 1 };
    expect(fourth).toMatchObject({ reason: { code: 'quotaExceeded', limit } });
    const steps = [step.delete('/full/a'), step.create('/full/e'), step.create('/full/f')];
    expect(await failureOf(client.multi(steps))).toMatchObject({ step: 2, limit });
    await client.multi(steps.slice(0, 2));
    expect((await client.list('/full')).children).toEqual(['b', 'c', 'e']);
  });

  it('of watches refuse the read that would set one too many, until one has fired', async () => {
    const watcher = await connect({ servers: replica.address });
    await watcher.create('/watched');
    const fired = new Promise((resolve) => void watcher.get('/watched', { watch: resolve }));
    await watcher.exists('/second', { watch: () => undefined });
    const refused = await failureOf(watcher.exists('/third', { watch: () => undefined }));
    expect(refused.limit).toEqual({
      ...{ kind: 'watchesPerSession', path: '', limit: 2, use: 2, more: 1 },
    });
    await watcher.set('/watched', 'x');
    await fired;
    await watcher.exists('/third', { watch: () => undefined });
    await watcher.close();
  });

  it('of quotas and of data are named to sessions and to calls alike', async () => {
    await client.create('/quota', '12');
    await client.setQuota('/quota', { countHard: 1, bytesHard: 3 });
    const count = { kind: 'quotaCount', path: '/quota', limit: 1, use: 1, more: 1 };
    expect(await failureOf(client.create('/quota/child'))).toMatchObject({ limit: count });
    const bytes = { kind: 'quotaBytes', path: '/quota', limit: 3, use: 2, more: 2 };
    expect(await failureOf(client.set('/quota', '1234'))).toMatchObject({ limit: bytes });
    const data = { kind: 'znodeDataBytes', limit: 1000, use: 0, more: 1001 };
    const large = await failureOf(client.set('/quota', new Uint8Array(1001)));
    expect(large).toMatchObject({ code: 'tooLarge', limit: data });
    const grpc = new RawGrpc(replica.address);
    const called = await grpc.unary(ZnodeService.create, { path: '/quota/child' });
    grpc.close();
    expect(called).toMatchObject({
      ok: false,
      end: {
        code: status.RESOURCE_EXHAUSTED,
        detail: {
          code: ErrorCode.ERROR_CODE_QUOTA_EXCEEDED,
          limit: { kind: LimitKind.LIMIT_KIND_QUOTA_COUNT, path: '/quota' },
        },
      },
    });
    const detail = called.ok ? undefined : called.end.detail?.limit;
    expect([detail?.limit, detail?.use, detail?.more].map(Number)).toEqual([1, 1, 1]);
  });
});

describe.each(TOPOLOGIES)('a rate, %s', (topology) => {
  let replica: ConfiguredReplica;

  beforeAll(async () => {
    const limits = { requestsPerSecond: 40, sessionsPerAddress: 2 };
    replica = await ConfiguredReplica.start(topology, { limits });
  });

  afterAll(() => replica.stop());

  it('slows the writes of a session down, in their order, and refuses reads and calls', async () => {
    const client = await connect({ servers: replica.address });
    await client.create('/counted-');
    const sequential = { mode: 'persistentSequential' } as const;
    const made = Array.from({ length: 100 }, () => client.create('/counted-/n-', '', sequential));
    const paths = (await Promise.all(made)).map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
    expect(new Set(paths).size).toBe(100);
    const reads = Array.from({ length: 200 }, () => client.exists('/counted-'));
    const refused = (await Promise.allSettled(reads)).filter(({ status: it }) => it === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({
      reason: { code: 'throttled', limit: { kind: 'requestsPerSecond', limit: 40 } },
    });
    const grpc = new RawGrpc(replica.address);
    const calls = Array.from({ length: 100 }, () =>
      grpc.unary(ZnodeService.exists, { path: '/counted-' }),
    );
    const failed = (await Promise.all(calls)).flatMap((it) => (it.ok ? [] : [it.end]));
    grpc.close();
    expect(failed[0]).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      detail: { code: ErrorCode.ERROR_CODE_THROTTLED },
    });
    expect(failed[0]?.detail?.retryAfterMs).toBeGreaterThan(0);
    await client.close();
  });

  it('is beside the sessions of an address, of which one too many is not opened', async () => {
    const both = [
      await connect({ servers: replica.address }),
      await connect({ servers: replica.address }),
    ];
    const error = await failureOf(connect({ servers: replica.address }));
    expect(error).toMatchObject({
      code: 'throttled',
      limit: { kind: 'sessionsPerAddress', limit: 2, use: 2, more: 1 },
    });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    await both[0]?.close();
    const third = await connect({ servers: replica.address });
    await Promise.all([both[1]?.close(), third.close()]);
  });
});
