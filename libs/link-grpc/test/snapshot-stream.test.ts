import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { paddock, ZnodeService } from '@paddock/contracts';
import { makeZxid, NO_SESSION, trustedPath } from '@paddock/model';
import type { ClientOperation, NumberedResult, Stat, SubtreeZnode } from '@paddock/model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGrpcServer, listen, refusalOf, servePublicApi } from '../src/index.ts';

const MIB = 1024 * 1024;
const limits = {
  batchBytes: 16 * 1024,
  batchOperations: 256,
  queueBytes: 256 * 1024,
  linkMessageBytes: 4 * MIB,
  slowReaderBytes: 64 * 1024,
};
const zxid = makeZxid(1, 9);
const stat: Stat = {
  ...{ czxid: zxid, mzxid: zxid, pzxid: zxid, ctime: 1, mtime: 2, version: 3, cversion: 4 },
  ...{ aversion: 0, ephemeralOwner: NO_SESSION, dataLength: 5, numChildren: 6 },
  ...{ kind: 'persistent', ttlMs: 0 },
};

type Asked = Extract<ClientOperation, { readonly kind: 'getSubtree' }>;

const server = createGrpcServer({ messageBytes: limits.linkMessageBytes, concurrentStreams: 100 });
const asked: Asked[] = [];
const answers: ((result: NumberedResult) => void)[] = [];
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
      call: (operation, answer) => {
        if (operation.kind === 'getSubtree') asked.push(operation);
        answers.push(answer);
        return () => cancelled++;
      },
      watch: () => () => undefined,
    },
  });
  const port = await listen(server, '127.0.0.1:0');
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

beforeEach(() => {
  asked.length = 0;
  answers.length = 0;
  cancelled = 0;
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

function page(path: string, more: boolean, bytes = 3): NumberedResult {
  const znodes: SubtreeZnode[] = [{ path: trustedPath(path), data: new Uint8Array(bytes), stat }];
  return { zxid: makeZxid(1, 20), result: { kind: 'subtree', snapshot: 7, zxid, znodes, more } };
}

function open() {
  const told: paddock.client.v1.SnapshotResponse[] = [];
  const errors: ServiceError[] = [];
  let isEnded = false;
  const stream = client.makeServerStreamRequest(
    ZnodeService.snapshot.path,
    (request: paddock.client.v1.SnapshotRequest.$Properties) =>
      Buffer.from(paddock.client.v1.SnapshotRequest.encode(request).finish()),
    (bytes: Buffer) => paddock.client.v1.SnapshotResponse.decode(bytes),
    { path: '/a', atLeastEpoch: 1, atLeastCounter: 2, linearizable: true },
  );
  stream.on('error', (error: ServiceError) => errors.push(error));
  stream.on('end', () => (isEnded = true));
  const read = (): void =>
    void stream.on('data', (it: paddock.client.v1.SnapshotResponse) => told.push(it));
  return { stream, told, errors, read, isEnded: () => isEnded };
}

async function until(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 10_000, interval: 5 }).toBe(true);
}

describe('a subtree', () => {
  it('is told page by page, with its zxid first and its count last', async () => {
    const { told, read, isEnded } = open();
    read();
    await until(() => answers.length === 1);
    answers[0]?.(page('/a', true));
    await until(() => answers.length === 2);
    answers[1]?.(page('/a/b', false));
    await until(isEnded);
    expect(told.map((it) => it.kind)).toEqual(['begins', 'znodes', 'znodes', 'ends']);
    expect(told[0]?.begins).toMatchObject({ zxidEpoch: 1, zxidCounter: 9 });
    expect(told[1]?.znodes?.znodes).toMatchObject([{ path: '/a', stat: { version: 3 } }]);
    expect(Number(told[3]?.ends?.count)).toBe(2);
    expect(asked[0]).toMatchObject({
      ...{ path: '/a', snapshot: 0, atLeast: makeZxid(1, 2) },
      consistency: { kind: 'linearizable' },
    });
    expect(asked[1]).toMatchObject({ snapshot: 7 });
  });

  it('is asked for no faster than its reader takes it', async () => {
    const { told, read, isEnded } = open();
    let given = 0;
    const give = (): void => {
      for (; given < answers.length; given++) answers[given]?.(page('/a', given < 40, MIB));
    };
    for (let still = 0; still < 50; still++) {
      const before = given;
      give();
      await new Promise((resolve) => setImmediate(resolve));
      if (given > before) still = 0;
    }
    expect(given).toBeLessThan(20);
    read();
    while (!isEnded()) {
      give();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(told.filter((it) => it.kind === 'znodes')).toHaveLength(41);
  });

  it('ends with the refusal of any of its pages', async () => {
    const { told, read, errors } = open();
    read();
    await until(() => answers.length === 1);
    answers[0]?.(page('/a', true));
    await until(() => answers.length === 2);
    const failed = { kind: 'failed', code: 'throttled', reason: 'too slow' } as const;
    answers[1]?.({ zxid, result: failed });
    await until(() => errors.length === 1);
    expect(told.map((it) => it.kind)).toEqual(['begins', 'znodes']);
    const [error] = errors;
    expect(error && refusalOf(error)?.failed.code).toBe('throttled');
  });

  it('of which nobody wants the rest is given up', async () => {
    const { stream } = open();
    await until(() => answers.length === 1);
    stream.cancel();
    await until(() => cancelled === 1);
    expect(asked).toHaveLength(1);
  });
});
