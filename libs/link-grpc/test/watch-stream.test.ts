import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { paddock, ZnodeService } from '@paddock/contracts';
import { makeZxid, NO_SESSION, trustedPath } from '@paddock/model';
import type { Stat, WatchTerms } from '@paddock/model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGrpcServer, listen, refusalOf, servePublicApi } from '../src/index.ts';
import type { UnaryWatchHandlers } from '../src/index.ts';

const limits = {
  batchBytes: 16 * 1024,
  batchOperations: 256,
  queueBytes: 256 * 1024,
  linkMessageBytes: 1024 * 1024,
  slowReaderBytes: 512 * 1024,
};
const { EVENT_KIND_NODE_CREATED: NODE_CREATED, EVENT_KIND_NODE_CHILDREN_CHANGED } =
  paddock.client.v1.EventKind;
const NODE_CHILDREN_CHANGED = EVENT_KIND_NODE_CHILDREN_CHANGED;
const zxid = makeZxid(1, 9);
const stat: Stat = {
  ...{ czxid: zxid, mzxid: zxid, pzxid: zxid, ctime: 1, mtime: 2, version: 3, cversion: 4 },
  ...{ aversion: 0, ephemeralOwner: NO_SESSION, dataLength: 5, numChildren: 6 },
  ...{ kind: 'persistent', ttlMs: 0 },
};
const server = createGrpcServer({ messageBytes: limits.linkMessageBytes, concurrentStreams: 100 });
const watches: { readonly terms: WatchTerms | undefined; readonly handlers: UnaryWatchHandlers }[] =
  [];
let cancelled = 0;
let client: Client;

beforeAll(async () => {
  servePublicApi(server, {
    limits,
    sessions: (link) => ({
      received: () => link.close({ cause: 'closed', reason: '' }),
      drained: () => undefined,
      ended: () => undefined,
    }),
    unary: {
      call: () => () => undefined,
      watch: (_path, _from, handlers, _identities, terms) => {
        watches.push({ terms, handlers });
        return () => cancelled++;
      },
    },
  });
  const port = await listen(server, '127.0.0.1:0');
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

beforeEach(() => {
  watches.length = 0;
  cancelled = 0;
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

async function until(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 10_000, interval: 5 }).toBe(true);
}

async function open(terms?: paddock.client.v1.WatchTerms.$Properties) {
  const told: paddock.client.v1.WatchResponse[] = [];
  const errors: ServiceError[] = [];
  const stream = client.makeServerStreamRequest(
    ZnodeService.watch.path,
    (request: paddock.client.v1.WatchRequest.$Properties) =>
      Buffer.from(paddock.client.v1.WatchRequest.encode(request).finish()),
    (bytes: Buffer) => paddock.client.v1.WatchResponse.decode(bytes),
    { path: '/a', fromEpoch: 1, fromCounter: 2, terms: terms ?? null },
  );
  stream.on('error', (error: ServiceError) => errors.push(error));
  const read = (): void =>
    void stream.on('data', (it: paddock.client.v1.WatchResponse) => told.push(it));
  await until(() => watches.length === 1);
  const handlers = watches[0]?.handlers;
  if (handlers === undefined) throw new Error('nobody watches');
  return { told, errors, read, handlers };
}

describe('a watch stream', () => {
  it('names its terms, and tells what events show and how far it is', async () => {
    const { told, read, handlers } = await open({
      kinds: [NODE_CREATED, NODE_CHILDREN_CHANGED],
      depth: 7,
      withData: true,
    });
    read();
    expect(watches[0]?.terms).toEqual({
      ...{ kinds: ['nodeCreated', 'nodeChildrenChanged'], depth: 7 },
      ...{ withStat: false, withData: true, progressMs: 0 },
    });
    handlers.opened(makeZxid(1, 5));
    const event = { kind: 'nodeCreated', path: trustedPath('/a/b'), zxid } as const;
    handlers.event(event, { stat, data: Uint8Array.of(1, 2) });
    handlers.event(event);
    handlers.progress(makeZxid(1, 12));
    await until(() => told.length === 4);
    expect(told.map((it) => it.kind)).toEqual(['opened', 'event', 'event', 'progress']);
    expect(told[1]).toMatchObject({ event: { path: '/a/b' }, stat: { version: 3 } });
    expect([...(told[1]?.data ?? [])]).toEqual([1, 2]);
    expect([told[2]?.stat ?? null, told[2]?.data ?? null]).toEqual([null, null]);
    expect(told[3]?.progress).toMatchObject({ zxidEpoch: 1, zxidCounter: 12 });
  });

  it('without terms has none', async () => {
    await open();
    expect(watches[0]?.terms).toBeUndefined();
  });

  it('whose reader is too slow ends behind what waits for it, with the zxid to go on from', async () => {
    const { told, errors, read, handlers } = await open();
    handlers.opened(makeZxid(1, 2));
    const path = trustedPath(`/${'a'.repeat(1000)}`);
    let last = 2;
    // Two events for each zxid: it goes on before a transaction of which only one was told.
    for (let n = 0; n < 20_000 && cancelled === 0; n++) {
      last = 3 + Math.floor(n / 2);
      handlers.event({ kind: 'nodeDataChanged', path, zxid: makeZxid(1, last) });
    }
    expect(cancelled).toBe(1);
    read();
    await until(() => errors.length === 1);
    const [error] = errors;
    const refusal = error && refusalOf(error);
    expect(refusal?.failed.code).toBe('throttled');
    const events = told.filter((it) => it.kind === 'event');
    const counters = events.map((it) => it.event?.zxidCounter ?? 0);
    const through = counters.at(-1) ?? 0;
    expect(refusal?.zxid).toBe(makeZxid(1, through - 1));
    expect(counters.filter((it) => it < through)).toHaveLength(2 * (through - 3));
    expect(last - through).toBeLessThanOrEqual(1);
  });
});
