import { ZXID_ZERO } from '@paddock/model';
import { paddock } from '@paddock/contracts';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { SessionRequest } from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  broadcastBoundary,
  createGrpcServer,
  databaseBroadcasterBoundary,
  databaseDatabaseBoundary,
  electionBoundary,
  frontendBroadcasterBoundary,
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

  const epochTooHigh = 2 ** 21;
  const elector = { replica: 1, incarnation: 1 };

  function refusesBetweenReplicas(
    what: string,
    format: LinkFormat<never, unknown>,
    batch: { encode(batch: object): { finish(): Uint8Array } },
    messages: readonly (readonly [message: object, reason: string])[],
  ): void {
    it.each(messages)(`${what} is refused: %j`, (message, reason) => {
      expect(refusal(format, batch.encode({ messages: [message] }).finish())).toContain(reason);
    });
  }

  const election = paddock.election.v1;
  refusesBetweenReplicas('an election request', electionBoundary.acceptor, election.LinkRequest, [
    [{}, 'election request has no kind'],
    [{ introduce: { replica: 0, incarnation: 1 } }, 'identity replica is 0'],
    [{ introduce: { replica: 1.5, incarnation: 1 } }, 'identity replica is 1.5'],
    [{ introduce: { replica: 1 } }, 'identity incarnation is 0'],
    [{ introduce: { ...elector, clusterId: 'c'.repeat(129) } }, 'cluster id has 129 units'],
    [{ introduce: { ...elector, voters: [2, 2] } }, 'voters are not ascending'],
    [{ introduce: { ...elector, voters: [2, 1] } }, 'voters are not ascending'],
    [{ introduce: { ...elector, voters: [0] } }, 'voter is 0'],
    [
      { introduce: { ...elector, voters: Array.from({ length: 1025 }, (_, i) => i + 1) } },
      'voters are 1025',
    ],
    [{ preVote: { ballot: -1, history: {} } }, 'ballot is -1'],
    [{ preVote: { ballot: 1 } }, 'history is missing'],
    [{ preVote: { history: { currentEpoch: epochTooHigh } } }, 'current epoch is the epoch'],
    [{ preVote: { history: { lastEpoch: epochTooHigh } } }, 'last zxid has the epoch'],
    [{ vote: { epoch: epochTooHigh, history: {} } }, 'vote epoch is the epoch 2097152'],
  ]);
  refusesBetweenReplicas('an election reply', electionBoundary.dialler, election.LinkResponse, [
    [{}, 'election reply has no kind'],
    [{ state: {} }, 'identity is missing'],
    [{ state: { identity: elector, acceptedEpoch: epochTooHigh } }, 'accepted epoch is the epoch'],
    [{ state: { identity: elector, leads: epochTooHigh } }, 'epoch led is the epoch'],
    [{ preVoteAnswer: { ballot: 0.5 } }, 'ballot is 0.5'],
    [{ voteAnswer: { acceptedEpoch: epochTooHigh } }, 'accepted epoch is the epoch'],
  ]);

  const broadcast = paddock.broadcast.v1;
  refusesBetweenReplicas('a learner', broadcastBoundary.acceptor, broadcast.LinkRequest, [
    [{}, 'learner message has no kind'],
    [{ ack: { zxidEpoch: epochTooHigh } }, 'ack zxid has the epoch'],
    [{ follow: { incarnation: 1 } }, 'follow replica is 0'],
    [{ follow: { replica: 1 } }, 'follow incarnation is 0'],
    [{ follow: { ...elector, acceptedEpoch: epochTooHigh } }, 'accepted epoch is the epoch'],
    [{ epochAccepted: { epoch: 1 } }, 'history is missing'],
    [{ position: { lastEpoch: epochTooHigh } }, 'position has the epoch'],
    [{ synchronized: epochTooHigh }, 'synchronized is the epoch'],
    [{ heartbeatAck: Number.NaN }, 'heartbeat round is NaN'],
    [{ probe: 2 ** 53 }, 'probe is'],
    [{ digest: { digest: new Uint8Array(65) } }, 'digest has 65 bytes'],
  ]);
  refusesBetweenReplicas('a leader', broadcastBoundary.dialler, broadcast.LinkResponse, [
    [{}, 'leader message has no kind'],
    [{ entries: { entries: [{ kind: 5 }] } }, 'entry kind is 5'],
    [{ entries: { entries: [{}] } }, 'entry kind is 0'],
    [{ entries: { committedEpoch: epochTooHigh } }, 'entries committed has the epoch'],
    [{ commit: { zxidEpoch: epochTooHigh } }, 'commit zxid has the epoch'],
    [{ heartbeat: { round: -1 } }, 'heartbeat round is -1'],
    [{ newEpoch: { epoch: epochTooHigh } }, 'new epoch is the epoch'],
    [{ truncate: { afterEpoch: epochTooHigh } }, 'truncate after has the epoch'],
    [{ snapshotNeeded: { atLeastEpoch: epochTooHigh } }, 'snapshot at least has the epoch'],
    [{ newLeader: epochTooHigh }, 'new leader is the epoch'],
    [{ upToDate: { committedEpoch: epochTooHigh } }, 'up to date has the epoch'],
    [{ probed: { probe: Infinity } }, 'probe is Infinity'],
    [{ digestVerdict: { digest: new Uint8Array(65) } }, 'digest has 65 bytes'],
  ]);

  const transfer = paddock.database_database.v1;
  refusesBetweenReplicas('a fetch', databaseDatabaseBoundary.acceptor, transfer.LinkRequest, [
    [{}, 'snapshot request has no kind'],
    [{ fetch: { atLeastEpoch: epochTooHigh } }, 'fetch at least has the epoch'],
  ]);
  refusesBetweenReplicas('a snapshot', databaseDatabaseBoundary.dialler, transfer.LinkResponse, [
    [{}, 'snapshot reply has no kind'],
    [{ snapshotBegins: { zxidEpoch: epochTooHigh } }, 'snapshot zxid has the epoch'],
    [{ snapshotBegins: { bytes: -1 } }, 'snapshot bytes is -1'],
    [{ snapshotEnds: 0.5 }, 'snapshot chunks is 0.5'],
  ]);

  const slices = paddock.frontend_broadcaster.v1;
  refusesBetweenReplicas('a reader', frontendBroadcasterBoundary.acceptor, slices.LinkRequest, [
    [{}, 'log request has no kind'],
    [{ readSlice: { afterEpoch: epochTooHigh } }, 'slice after has the epoch'],
    [{ readSlice: { beforeEpoch: epochTooHigh } }, 'slice before has the epoch'],
  ]);
  refusesBetweenReplicas('a slice', frontendBroadcasterBoundary.dialler, slices.LinkResponse, [
    [{}, 'log reply has no kind'],
    [{ slice: { logStartEpoch: epochTooHigh } }, 'log start has the epoch'],
    [{ slice: { throughEpoch: epochTooHigh } }, 'log through has the epoch'],
  ]);

  const delivery = paddock.database_broadcaster.v1;
  refusesBetweenReplicas('a database', databaseBroadcasterBoundary.acceptor, delivery.LinkRequest, [
    [{ deliver: { incarnation: 1 } }, 'deliver replica is 0'],
    [{ deliver: { replica: 1 } }, 'deliver incarnation is 0'],
    [{ probe: -1 }, 'probe is -1'],
  ]);
  refusesBetweenReplicas(
    'a broadcaster',
    databaseBroadcasterBoundary.dialler,
    delivery.LinkResponse,
    [
      [{ digestVerdict: {} }, 'digest verdict is 0'],
      [{ digestVerdict: { verdict: 4 } }, 'digest verdict is 4'],
      [{ probed: { floorEpoch: epochTooHigh } }, 'probed floor has the epoch'],
    ],
  );

  it('between stages is refused where a staleness is no safe integer', () => {
    const wire = paddock.frontend_database.v1;
    for (const stalenessMs of [-1, 0.5, Number.NaN, Infinity]) {
      const bytes = wire.LinkRequest.encode({
        messages: [{ read: { stalenessMs, kind: wire.ReadKind.READ_KIND_EXISTS, path: '/' } }],
      }).finish();
      expect(refusal(frontendDatabaseBoundary.acceptor, bytes)).toContain('read staleness is');
    }
  });

  it('with an operation that is not known is one unknown operation', () => {
    // Field 999 of Operation, an empty message.
    const operation = Uint8Array.of(0xba, 0x3e, 0x00);
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
      electionBoundary,
      broadcastBoundary,
      databaseDatabaseBoundary,
      frontendBroadcasterBoundary,
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
          link.send([{ kind: 'heartbeat', acknowledged: received.length, covered: ZXID_ZERO }]);
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
