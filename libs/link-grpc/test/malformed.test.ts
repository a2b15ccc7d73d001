import { paddock } from '@paddock/contracts';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { SessionRequest } from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createGrpcServer,
  databaseBroadcasterBoundary,
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
  listen,
  processorBroadcasterBoundary,
  processorDatabaseBoundary,
  serveLink,
  sessionStreamBoundary,
} from '../src/index.ts';
import type { LinkFormat } from '../src/wire/link-format.ts';
import { WireError } from '../src/wire/wire-error.ts';
import * as arbitrary from './arbitrary-messages.ts';

const client = paddock.client.v1;
const identity = (bytes: Buffer): Buffer => bytes;

function refusal(format: LinkFormat<never, unknown>, bytes: Uint8Array): string {
  try {
    format.read(bytes);
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
  return 'accepted';
}

function sessionBatch(message: paddock.client.v1.ClientMessage.$Properties): Uint8Array {
  return client.SessionRequest.encode({ messages: [message] }).finish();
}

describe('a malformed message', () => {
  const { acceptor } = sessionStreamBoundary;
  it.each([
    [
      'an epoch out of bounds',
      { resume: { session: 1, floorEpoch: 2 ** 21 } },
      'floor has the epoch',
    ],
    ['the session 0', { resume: { session: 0 } }, 'session is 0'],
    ['a session of 2^53', { resume: { session: 2 ** 53 } }, 'session is 9007199254740992'],
    [
      'a long secret',
      { resume: { session: 1, secret: new Uint8Array(65) } },
      'secret has 65 bytes',
    ],
    ['a sequence of 2^60', { operations: { firstSequence: 2 ** 60 } }, 'first sequence is'],
    [
      'an unknown watch kind',
      { resume: { session: 1, watches: [{ path: '/', kind: 9 }] } },
      'watch kind is 9',
    ],
    [
      'a bad watch path',
      { resume: { session: 1, watches: [{ path: 'a', kind: 1 }] } },
      'watch path is no path',
    ],
    ['no kind', {}, 'message has no kind'],
    [
      'an unknown mode',
      { operations: { operations: [{ create: { path: '/', mode: 77 } }] } },
      'mode is 77',
    ],
  ])('with %s is refused by the name of its field', (_what, message, reason) => {
    expect(refusal(acceptor, sessionBatch(message))).toContain(reason);
  });

  it('between stages is refused where a double is no safe integer', () => {
    const wire = paddock.frontend_database.v1;
    for (const session of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      const bytes = wire.LinkRequest.encode({
        messages: [{ read: { session, kind: wire.ReadKind.READ_KIND_EXISTS, path: '/' } }],
      }).finish();
      expect(refusal(frontendDatabaseBoundary.acceptor, bytes)).toContain('read session is');
    }
  });

  it('with an operation that is not known is one unknown operation', () => {
    // Field 15 of Operation, an empty message.
    const operation = Uint8Array.of(0x7a, 0x00);
    const operations = Uint8Array.of(0x1a, operation.length, ...operation);
    const message = Uint8Array.of(0x1a, operations.length, ...operations);
    const bytes = Uint8Array.of(0x0a, message.length, ...message);
    expect(acceptor.read(bytes)).toEqual([
      { kind: 'operations', firstSequence: 0, ackedThrough: 0, operations: [{ kind: 'unknown' }] },
    ]);
  });

  it('of any bytes either reads as a batch or is refused, at every boundary', () => {
    const formats = [
      sessionStreamBoundary,
      frontendDatabaseBoundary,
      frontendProcessorBoundary,
      processorDatabaseBoundary,
      processorBroadcasterBoundary,
      databaseBroadcasterBoundary,
    ].flatMap(({ acceptor: up, dialler: down }): LinkFormat<never, unknown>[] => [up, down]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const format of formats) expect(refusal(format, bytes)).toBeTypeOf('string');
      }),
      { numRuns: 300 },
    );
  });
});

describe('a server that is sent malformed messages', () => {
  const server = createGrpcServer({ messageBytes: 64 * 1024, concurrentStreams: 1000 });
  const limits = {
    batchBytes: 16 * 1024,
    batchOperations: 256,
    queueBytes: 256 * 1024,
    linkMessageBytes: 64 * 1024,
    slowReaderBytes: 1024 * 1024,
  };
  const ends: LinkEnd[] = [];
  const received: SessionRequest[] = [];
  let connection: Client;

  beforeAll(async () => {
    serveLink(
      server,
      sessionStreamBoundary,
      (link) => ({
        received: (batch) => {
          received.push(...batch);
          link.send([{ kind: 'heartbeat', acknowledged: received.length }]);
        },
        drained: () => undefined,
        ended: (end) => ends.push(end),
      }),
      limits,
    );
    const port = await listen(server, '127.0.0.1:0');
    connection = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  });

  afterAll(() => {
    connection.close();
    server.forceShutdown();
  });

  /** Sends one message and tells the status that the stream ends with, or that it goes on. */
  function send(bytes: Uint8Array): Promise<ServiceError | 'answered'> {
    return new Promise((resolve) => {
      const call = connection.makeBidiStreamRequest(
        sessionStreamBoundary.method.path,
        identity,
        identity,
        new Metadata(),
      );
      call.on('error', resolve);
      call.on('data', () => {
        resolve('answered');
        call.end();
      });
      call.write(Buffer.from(bytes));
    });
  }

  it('ends the stream with INVALID_ARGUMENT and the name of the field', async () => {
    const error = await send(sessionBatch({ resume: { session: 0 } }));
    if (error === 'answered') throw new TypeError(error);
    expect(error.code).toBe(3);
    expect(error.details).toBe('malformed message: session is 0, not a session id');
    expect(ends.at(-1)).toEqual({
      cause: 'refused',
      reason: 'malformed message: session is 0, not a session id',
    });
  });

  it('ends the stream with RESOURCE_EXHAUSTED where the message is too large', async () => {
    for (const bytes of [65 * 1024, 1024 * 1024]) {
      const error = await send(new Uint8Array(bytes));
      if (error === 'answered') throw new TypeError(error);
      expect(error.code).toBe(8);
    }
  });

  it('goes on after any mutation of a message', async () => {
    const outgoing = sessionStreamBoundary.dialler.outgoing(limits);
    const sample = fc.sample(fc.array(arbitrary.sessionRequest, { minLength: 1 }), 60);
    const mutations: Uint8Array[] = [];
    let place = 1;
    for (const batch of sample) {
      outgoing.write(batch);
      for (let bytes = outgoing.take(); bytes !== undefined; bytes = outgoing.take()) {
        const mutated = Uint8Array.from(bytes);
        place = (place * 48271) % 2147483647;
        mutated[place % mutated.length] = place & 0xff;
        mutations.push(mutated, bytes.subarray(0, place % bytes.length));
      }
    }
    await Promise.all(mutations.filter((it) => it.length > 0).map(send));
    expect(await send(sessionBatch({ heartbeat: { number: 1 } }))).toBe('answered');
  });
});
