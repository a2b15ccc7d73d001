import { Client, credentials } from '@grpc/grpc-js';
import { connect, type ClientHttp2Session } from 'node:http2';
import { ZnodeService } from '@paddock/contracts';
import { makeZxid, NO_SESSION, type NumberedResult, type Stat } from '@paddock/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGrpcServer, listen, servePublicApi } from '../src/index.ts';
import { UnreadAnswers } from '../src/unread-answers.ts';

const HELD = 64 * 1024;
const DATA = 8 * 1024;

const limits = {
  batchBytes: 16 * 1024,
  batchOperations: 256,
  queueBytes: 256 * 1024,
  linkMessageBytes: 64 * 1024,
  slowReaderBytes: HELD,
};

const stat: Stat = {
  czxid: makeZxid(1, 1),
  mzxid: makeZxid(1, 1),
  pzxid: makeZxid(1, 1),
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: NO_SESSION,
  dataLength: DATA,
  numChildren: 0,
  kind: 'persistent',
  ttlMs: 0,
};
const result: NumberedResult = {
  zxid: makeZxid(1, 1),
  result: { kind: 'data', data: new Uint8Array(DATA), stat },
};

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !condition(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(condition()).toBe(true);
}

describe('answers that a connection does not read', () => {
  let asked = 0;
  let server = createGrpcServer({ messageBytes: 1024 * 1024, concurrentStreams: 10_000 });
  let port = 0;
  let unreading: ClientHttp2Session;

  beforeEach(async () => {
    asked = 0;
    server = createGrpcServer({ messageBytes: 1024 * 1024, concurrentStreams: 10_000 });
    servePublicApi(server, {
      limits,
      sessions: () => {
        throw new TypeError('nobody opens a session here');
      },
      unary: {
        call: (_operation, answer) => {
          asked++;
          const timer = setImmediate(() => answer(result));
          return () => clearImmediate(timer);
        },
        watch: () => () => undefined,
      },
    });
    port = await listen(server, '127.0.0.1:0');
    unreading = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 100 } });
  });

  afterEach(() => {
    unreading.destroy();
    server.forceShutdown();
  });

  /** A Get whose answer does not fit the window that its client allows. */
  function call(): void {
    const request = ZnodeService.get.request.encode({ path: '/a' }).finish();
    const header = Buffer.alloc(5);
    header.writeUInt32BE(request.length, 1);
    const stream = unreading.request({
      ':method': 'POST',
      ':path': ZnodeService.get.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined);
    stream.end(Buffer.concat([header, request]));
  }

  function get(client: Client): Promise<number> {
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        ZnodeService.get.path,
        () => Buffer.from(ZnodeService.get.request.encode({ path: '/a' }).finish()),
        (bytes: Buffer) => ZnodeService.get.response.decode(bytes),
        {},
        (error, response) => (error === null ? resolve(response?.data.length ?? 0) : reject(error)),
      );
    });
  }

  it('keep its further calls waiting, and nobody else', async () => {
    for (let n = 0; n < 500; n++) call();
    await until(() => asked >= 8);
    const other = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const lengths = await Promise.all(Array.from({ length: 100 }, () => get(other)));
    expect(lengths).toEqual(Array.from({ length: 100 }, () => DATA));
    other.close();
    expect((asked - 100) * DATA).toBeLessThanOrEqual(2 * HELD);
  });
});

describe('the calls of a connection', () => {
  it('start in order as answers end, also when some are abandoned as they start', () => {
    const unread = new UnreadAnswers(HELD);
    const call = { getPeer: () => 'peer' };
    const started: number[] = [];
    const running: (() => void)[] = [];
    for (let n = 0; n < 5000; n++) {
      unread.admit(call, (connection) => {
        started.push(n);
        if (n % 3 === 0) connection.abandoned();
        else running.push(() => connection.abandoned());
      });
    }
    expect(started.length).toBeLessThan(100);
    for (let end = running.shift(); end !== undefined; end = running.shift()) end();
    expect(started).toEqual(Array.from({ length: 5000 }, (_, n) => n));
    expect(unread.size).toBe(0);
  });
});
