// What a generic retry policy of gRPC may do to calls without a session, and to the channels of links.
import { Client, credentials, status, type ChannelOptions, type ServiceError } from '@grpc/grpc-js';
import { ZnodeService } from '@paddock/contracts';
import { ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, Failed } from '@paddock/model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGrpcServer, listen, servePublicApi } from '../src/index.ts';
import { channelOptions } from '../src/channel-options.ts';

const MESSAGE_BYTES = 64 * 1024;
const limits = {
  batchBytes: 16 * 1024,
  batchOperations: 256,
  queueBytes: 256 * 1024,
  linkMessageBytes: MESSAGE_BYTES,
  slowReaderBytes: 64 * 1024,
};

/** As service meshes and many clients have it. */
const RETRIES = JSON.stringify({
  methodConfig: [
    {
      name: [{}],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: '0.01s',
        maxBackoff: '0.01s',
        backoffMultiplier: 1,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    },
  ],
});

const server = createGrpcServer({ messageBytes: MESSAGE_BYTES, concurrentStreams: 100 });
const asked: ClientOperation[] = [];
let refusal: Failed = { kind: 'failed', code: 'notServing', reason: '' };
let port = 0;

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
        answer({ zxid: ZXID_ZERO, result: refusal });
        return () => undefined;
      },
      watch: () => () => undefined,
    },
  });
  port = await listen(server, '127.0.0.1:0');
});

beforeEach(() => {
  asked.length = 0;
});

afterAll(() => {
  server.forceShutdown();
});

/** The status with which a write fails. */
async function failing(options: ChannelOptions): Promise<status> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
  const method = ZnodeService.create;
  const error = await new Promise<ServiceError | null>((resolve) => {
    client.makeUnaryRequest(
      method.path,
      (message: object) => Buffer.from(method.request.encode(message).finish()),
      (bytes: Buffer) => method.response.decode(bytes),
      { path: '/a' },
      (failure) => {
        resolve(failure);
      },
    );
  });
  client.close();
  return error?.code ?? status.OK;
}

describe('a write without a session, under a policy that retries what is unavailable', () => {
  const options = { 'grpc.service_config': RETRIES };

  it('is retried where it certainly did not run', async () => {
    refusal = { kind: 'failed', code: 'notServing', reason: '' };
    expect(await failing(options)).toBe(status.UNAVAILABLE);
    expect(asked).toHaveLength(4);
  });

  it('H19 d: is not sent again where it may have run', async () => {
    refusal = { kind: 'failed', code: 'connectionLoss', reason: '' };
    expect(await failing(options)).toBe(status.UNKNOWN);
    expect(asked).toHaveLength(1);
  });

  it('H19 d: is never sent again by a channel of ours', async () => {
    refusal = { kind: 'failed', code: 'notServing', reason: '' };
    const ours = channelOptions({
      messageBytes: MESSAGE_BYTES,
      windowBytes: MESSAGE_BYTES,
      reconnectMs: 50,
    });
    expect(await failing({ ...options, ...ours })).toBe(status.UNAVAILABLE);
    expect(asked).toHaveLength(1);
  });
});
