import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { paddock, ZnodeService, type Method } from '@paddock/contracts';
import {
  makeSessionId,
  makeZxid,
  trustedPath,
  ZXID_ZERO,
  type ClientOperation,
  type NumberedResult,
  type Stat,
  type Zxid,
} from '@paddock/model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  addHealth,
  addReflection,
  createGrpcServer,
  listen,
  ListenError,
  refusalOf,
  servePublicApi,
  type Serving,
  type UnaryWatchHandlers,
} from '../src/index.ts';

const buf = fileURLToPath(new URL('../../../node_modules/.bin/buf', import.meta.url));
const run = promisify(execFile);

const limits = {
  batchBytes: 16 * 1024,
  batchOperations: 256,
  queueBytes: 256 * 1024,
  linkMessageBytes: 64 * 1024,
  slowReaderBytes: 64 * 1024,
};

const stat: Stat = {
  czxid: makeZxid(1, 2),
  mzxid: makeZxid(1, 3),
  pzxid: makeZxid(1, 4),
  ctime: 1_790_000_000_000,
  mtime: 1_790_000_000_001,
  version: 5,
  cversion: 6,
  aversion: 0,
  ephemeralOwner: makeSessionId(2 ** 53 - 1),
  dataLength: 3,
  numChildren: 1,
  kind: 'persistent',
  ttlMs: 0,
};

interface Watched {
  readonly path: string;
  readonly from: Zxid;
  readonly handlers: UnaryWatchHandlers;
}

const server = createGrpcServer({ messageBytes: limits.linkMessageBytes, concurrentStreams: 100 });
const asked: ClientOperation[] = [];
const watches: Watched[] = [];
let cancelled = 0;
let result: NumberedResult | null = null;
let serving: Serving = 'serving';
let port = 0;
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
      call: (operation, answer) => {
        asked.push(operation);
        if (result !== null) answer(result);
        return () => cancelled++;
      },
      watch: (path, from, handlers) => {
        watches.push({ path, from, handlers });
        return () => cancelled++;
      },
    },
  });
  addHealth(server, () => ({ '': serving, 'paddock.client.v1.ZnodeService': serving }));
  addReflection(server, ['paddock.client.v1.SessionService', 'paddock.client.v1.ZnodeService']);
  port = await listen(server, '127.0.0.1:0');
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

beforeEach(() => {
  asked.length = 0;
  watches.length = 0;
  cancelled = 0;
  result = null;
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

function call<QI, Q extends QI, RI, R extends RI>(
  method: Method<'unary', QI, Q, RI, R>,
  request: QI,
): Promise<R> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      (message: QI) => Buffer.from(method.request.encode(message).finish()),
      (bytes: Buffer) => method.response.decode(bytes),
      request,
      (error, response) => {
        if (error !== null) reject(error);
        else if (response !== undefined) resolve(response);
      },
    );
  });
}

async function failure(promise: Promise<unknown>): Promise<ServiceError> {
  try {
    await promise;
  } catch (error) {
    return error as ServiceError;
  }
  throw new TypeError('it did not fail');
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !condition(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(condition()).toBe(true);
}

describe('a call without a session', () => {
  it('reads a znode', async () => {
    const data = Uint8Array.of(1, 2, 3);
    result = { zxid: makeZxid(1, 9), result: { kind: 'data', data, stat } };
    const answer = await call(ZnodeService.get, { path: '/a', atLeastEpoch: 1, atLeastCounter: 8 });
    expect(asked).toEqual([{ kind: 'getData', path: '/a', watch: false, atLeast: makeZxid(1, 8) }]);
    expect([...answer.data]).toEqual([1, 2, 3]);
    expect([answer.zxidEpoch, answer.zxidCounter]).toEqual([1, 9]);
    expect(Number(answer.stat?.ephemeralOwner)).toBe(2 ** 53 - 1);
    expect(Number(answer.stat?.ctimeMs)).toBe(stat.ctime);
  });

  it('asks for the consistency of a read, the stronger one where it names two', async () => {
    result = { zxid: makeZxid(1, 9), result: { kind: 'stat', stat } };
    const read = { kind: 'exists', path: '/a', watch: false, atLeast: makeZxid(0, 0) };
    await call(ZnodeService.exists, { path: '/a', stalenessMs: 0 });
    await call(ZnodeService.exists, { path: '/a', linearizable: true });
    await call(ZnodeService.exists, { path: '/a', stalenessMs: 5, linearizable: true });
    await call(ZnodeService.exists, { path: '/a', linearizable: false });
    expect(asked).toEqual([
      { ...read, consistency: { kind: 'boundedStaleness', ms: 0 } },
      { ...read, consistency: { kind: 'linearizable' } },
      { ...read, consistency: { kind: 'linearizable' } },
      read,
    ]);
  });

  it('counts what is below a znode', async () => {
    const counted = { kind: 'descendants', descendants: 3, subtreeBytes: 2 ** 40, stat } as const;
    result = { zxid: makeZxid(1, 9), result: counted };
    const answer = await call(ZnodeService.count, { path: '/a', linearizable: true });
    const consistency = { kind: 'linearizable' };
    const atLeast = makeZxid(0, 0);
    expect(asked).toEqual([{ kind: 'countDescendants', path: '/a', atLeast, consistency }]);
    expect([answer.descendants, Number(answer.subtreeBytes)]).toEqual([3, 2 ** 40]);
    expect(answer).toMatchObject({ zxidEpoch: 1, zxidCounter: 9, stat: { version: 5 } });
  });

  it('lists the ephemerals of the session that it names, all where it names no prefix', async () => {
    const paths = [trustedPath('/a'), trustedPath('/b')];
    result = { zxid: makeZxid(1, 9), result: { kind: 'ephemerals', paths } };
    expect(await call(ZnodeService.ephemerals, { session: 7 })).toMatchObject({ paths });
    await call(ZnodeService.ephemerals, { session: 2 ** 53 - 1, prefix: '/b' });
    const read = { kind: 'getEphemerals', atLeast: makeZxid(0, 0) };
    expect(asked).toEqual([
      { ...read, path: '/', owner: 7 },
      { ...read, path: '/b', owner: 2 ** 53 - 1 },
    ]);
  });

  it('creates, sets and deletes, where an absent version accepts every one', async () => {
    result = { zxid: makeZxid(1, 1), result: { kind: 'created', path: trustedPath('/a'), stat } };
    await call(ZnodeService.create, { path: '/a', data: Uint8Array.of(7) });
    result = { zxid: makeZxid(1, 1), result: { kind: 'dataSet', stat } };
    await call(ZnodeService.set, { path: '/a', version: 0 });
    result = { zxid: makeZxid(1, 1), result: { kind: 'deleted' } };
    await call(ZnodeService.delete, { path: '/a' });
    expect(asked).toEqual([
      { kind: 'create', path: '/a', data: Uint8Array.of(7), mode: 'persistent', ttlMs: 0 },
      { kind: 'setData', path: '/a', data: new Uint8Array(0), version: 0 },
      { kind: 'delete', path: '/a', version: -1 },
    ]);
  });

  it('says that there is no znode without an error where that was the question', async () => {
    const failed = { kind: 'failed', code: 'noNode', reason: '' } as const;
    result = { zxid: makeZxid(1, 9), result: failed };
    expect((await call(ZnodeService.exists, { path: '/a' })).exists).toBe(false);
    result = { zxid: makeZxid(1, 9), result: { kind: 'stat', stat } };
    expect((await call(ZnodeService.exists, { path: '/a' })).exists).toBe(true);
  });

  it('fails with a status that has the refusal in its details', async () => {
    const failed = { kind: 'failed', code: 'badVersion', reason: 'it is 5' } as const;
    result = { zxid: makeZxid(2, 9), result: failed };
    const error = await failure(call(ZnodeService.set, { path: '/ä', version: 4 }));
    expect(error.code).toBe(10);
    expect(error.details).toBe('badVersion: /ä: it is 5');
    expect(refusalOf(error)).toEqual({
      failed: { code: 'badVersion', reason: 'it is 5' },
      path: '/ä',
      zxid: makeZxid(2, 9),
    });
  });

  it('with a field out of bounds is not asked, and fails by its name', async () => {
    const error = await failure(call(ZnodeService.delete, { path: '/a', version: 2 ** 31 }));
    expect(error.code).toBe(3);
    expect(refusalOf(error)?.failed.reason).toContain('version is 2147483648');
    expect(asked).toEqual([]);
  });

  it('with bytes that are no message is not asked, and fails as the fault of the caller', async () => {
    const error = await new Promise<ServiceError>((resolve, reject) => {
      client.makeUnaryRequest(
        ZnodeService.get.path,
        () => Buffer.from([0xff, 0xff]),
        (bytes: Buffer) => bytes,
        {},
        (failure) =>
          failure === null ? reject(new TypeError('it did not fail')) : resolve(failure),
      );
    });
    expect(error.code).toBe(3);
    expect(refusalOf(error)?.failed).toEqual({
      code: 'marshallingError',
      reason: 'the request of /paddock.client.v1.ZnodeService/Get cannot be decoded',
    });
    expect(asked).toEqual([]);
  });

  it('with a request that a link would not take is told so, by gRPC where it is twice as large', async () => {
    const set = (bytes: number) => call(ZnodeService.set, { data: new Uint8Array(bytes) });
    expect((await failure(set(200 * 1024))).code).toBe(8);
    const error = await failure(set(100 * 1024));
    expect(error.code).toBe(3);
    const reason = 'the request has 102404 bytes; at most 65536 go';
    expect(refusalOf(error)?.failed).toEqual({ code: 'tooLarge', reason });
    expect(asked).toEqual([]);
  });

  it('is cancelled when its client goes away, and only then', async () => {
    const pending = client.makeUnaryRequest(
      ZnodeService.sync.path,
      () => Buffer.alloc(0),
      (bytes: Buffer) => bytes,
      {},
      () => undefined,
    );
    await until(() => asked.length === 1);
    expect(cancelled).toBe(0);
    pending.cancel();
    await until(() => cancelled === 1);
    result = { zxid: ZXID_ZERO, result: { kind: 'synced' } };
    await call(ZnodeService.sync, {});
    expect(cancelled).toBe(1);
  });
});

describe('a watch without a session', () => {
  function watch(pauses = false) {
    const told: paddock.client.v1.WatchResponse[] = [];
    const errors: ServiceError[] = [];
    const stream = client.makeServerStreamRequest(
      ZnodeService.watch.path,
      (request: paddock.client.v1.WatchRequest.$Properties) =>
        Buffer.from(paddock.client.v1.WatchRequest.encode(request).finish()),
      (bytes: Buffer) => paddock.client.v1.WatchResponse.decode(bytes),
      { path: '/a', fromEpoch: 1, fromCounter: 2 },
    );
    stream.on('error', (error: ServiceError) => errors.push(error));
    if (!pauses) stream.on('data', (it: paddock.client.v1.WatchResponse) => told.push(it));
    return { stream, told, errors };
  }

  it('tells that it is set, its events, and why it ended', async () => {
    const { told, errors } = watch();
    await until(() => watches.length === 1);
    const [watched] = watches;
    expect([watched?.path, watched?.from]).toEqual(['/a', makeZxid(1, 2)]);
    watched?.handlers.opened(makeZxid(1, 5));
    const path = trustedPath('/a');
    watched?.handlers.event({ kind: 'nodeDataChanged', path, zxid: makeZxid(1, 6) });
    await until(() => told.length === 2);
    expect(told.map((it) => it.kind)).toEqual(['opened', 'event']);
    expect(told[1]?.event).toMatchObject({ kind: 3, path: '/a', zxidEpoch: 1, zxidCounter: 6 });
    watched?.handlers.ended('compacted', 'ask for less');
    await until(() => errors.length === 1);
    expect(errors[0]?.code).toBe(11);
    expect(errors[0] && refusalOf(errors[0])?.failed.code).toBe('compacted');
    expect(cancelled).toBe(0);
  });

  it('with bytes that are no message fails as the fault of the caller', async () => {
    const stream = client.makeServerStreamRequest(
      ZnodeService.watch.path,
      () => Buffer.from([0xff, 0xff]),
      (bytes: Buffer) => bytes,
      {},
    );
    stream.on('data', () => undefined);
    const error = await new Promise<ServiceError>((resolve) => stream.on('error', resolve));
    expect(error.code).toBe(3);
    expect(refusalOf(error)?.failed.code).toBe('marshallingError');
    expect(watches).toEqual([]);
  });

  it('is cancelled when its client goes away', async () => {
    const { stream } = watch();
    await until(() => watches.length === 1);
    stream.cancel();
    await until(() => cancelled === 1);
  });

  it('ends and is cancelled when its client does not read', async () => {
    watch(true);
    await until(() => watches.length === 1);
    const path = trustedPath(`/${'a'.repeat(1000)}`);
    for (let n = 1; n < 5000 && cancelled === 0; n++) {
      watches[0]?.handlers.event({ kind: 'nodeCreated', path, zxid: makeZxid(1, n) });
    }
    expect(cancelled).toBe(1);
  });
});

describe('health and reflection', () => {
  async function curl(method: string, body = '{}'): Promise<string> {
    const flags = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--data', body];
    const url = `http://127.0.0.1:${port}`;
    return (await run(buf, [...flags, `${url}/${method}`])).stdout;
  }

  it('answer an ordinary client that knows nothing of the contracts', async () => {
    const url = `http://127.0.0.1:${port}`;
    const list = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--list-methods', url];
    const znodes = [
      ...['Can', 'Count', 'Create', 'Delete', 'Ephemerals', 'Exists', 'Get', 'GetAcl', 'List'],
      ...['Quotas', 'ReadMany', 'Sessions', 'Set', 'SetAcl', 'SetQuota', 'Snapshot', 'Sync'],
      ...['Transact', 'Watch', 'WhoAmI'],
    ];
    expect((await run(buf, list)).stdout.split('\n').filter((it) => it !== '')).toEqual([
      'paddock.client.v1.SessionService/Session',
      ...znodes.map((it) => `paddock.client.v1.ZnodeService/${it}`),
    ]);
    result = { zxid: makeZxid(1, 9), result: { kind: 'children', children: ['b'], stat } };
    const listed: unknown = JSON.parse(
      await curl('paddock.client.v1.ZnodeService/List', '{"path":"/a"}'),
    );
    expect(listed).toMatchObject({ children: ['b'], zxidCounter: 9, stat: { version: 5 } });
  });

  it('tell whether a service serves', async () => {
    serving = 'serving';
    const check = 'grpc.health.v1.Health/Check';
    expect(JSON.parse(await curl(check))).toEqual({ status: 'SERVING' });
    serving = 'notServing';
    const body = '{"service":"paddock.client.v1.ZnodeService"}';
    expect(JSON.parse(await curl(check, body))).toEqual({ status: 'NOT_SERVING' });
    await expect(curl(check, '{"service":"nobody"}')).rejects.toThrow(
      'no service \\"nobody\\" here',
    );
  });
});

describe('a server', () => {
  it('says that a port is in use', async () => {
    const other = createGrpcServer({ messageBytes: 1024, concurrentStreams: 1 });
    const error = await listen(other, `127.0.0.1:${port}`).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({ code: 'inUse', address: `127.0.0.1:${port}` });
    other.forceShutdown();
  });
});
