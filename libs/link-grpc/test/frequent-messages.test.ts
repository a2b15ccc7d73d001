// Messages that are sent often must not fall back to their generated class: the plain readers take them whole.
import { TERM_ZERO } from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broadcastBoundary,
  databaseBroadcasterBoundary,
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
  processorBroadcasterBoundary,
  processorDatabaseBoundary,
  sessionStreamBoundary,
} from '../src/index.ts';
import type { LinkFormat } from '../src/wire/link-format.ts';
import * as broadcast from '../src/wire/plain/broadcast.ts';
import * as frontendDatabase from '../src/wire/plain/frontend-database.ts';
import * as frontendProcessor from '../src/wire/plain/frontend-processor.ts';
import * as logEntries from '../src/wire/plain/log-entries.ts';
import * as processorDatabase from '../src/wire/plain/processor-database.ts';
import * as sessionStream from '../src/wire/plain/session-stream.ts';
import { WireReader } from '../src/wire/plain/wire-reader.ts';
import * as arbitrary from './arbitrary-messages.ts';

const LIMITS = { batchBytes: 64 * 1024, batchOperations: 1024 };
const RUNS = { numRuns: 80 };
const RARE_OPERATIONS: readonly string[] = ['setQuota', 'getQuotas', 'readMany'];
const RARE_RESULTS: readonly string[] = ['quotaSet', 'quotas', 'many'];

describe('frequent messages', () => {
  function readsPlainly<Send, Message extends object>(
    name: string,
    from: LinkFormat<Send, unknown>,
    message: Arbitrary<Message>,
    batchOf: (messages: Message[]) => Send,
    isFrequent: (message: Message) => boolean,
    readPlain: (reader: WireReader) => Message | null,
  ): void {
    it(`of ${name} are read without their generated class`, () => {
      fc.assert(
        fc.property(message.filter(isFrequent), (sent) => {
          const outgoing = from.outgoing(LIMITS);
          outgoing.write(batchOf([sent]));
          const reader = new WireReader(Buffer.from(outgoing.take() ?? []));
          expect(reader.enter(1)).toBe(true);
          expect(readPlain(reader)).toEqual(sent);
          reader.leave();
          expect(reader.isAtEnd).toBe(true);
        }),
        RUNS,
      );
    });
  }

  readsPlainly(
    'front-end to database',
    frontendDatabaseBoundary.dialler,
    arbitrary.databaseRequest,
    (messages) => messages,
    ({ kind }) => kind === 'read',
    frontendDatabase.readPlainRequest,
  );
  readsPlainly(
    'database to front-end',
    frontendDatabaseBoundary.acceptor,
    arbitrary.databaseReply,
    (messages) => messages,
    ({ kind }) => kind === 'readReply' || kind === 'outcome' || kind === 'event',
    frontendDatabase.readPlainReply,
  );
  readsPlainly(
    'front-end to processor',
    frontendProcessorBoundary.dialler,
    arbitrary.processorRequest,
    (messages) => ({ term: TERM_ZERO, messages }),
    ({ kind }) => kind === 'write',
    frontendProcessor.readPlainRequest,
  );
  readsPlainly(
    'processor to database',
    processorDatabaseBoundary.dialler,
    arbitrary.lookUpRequest,
    (messages) => messages,
    ({ query }) => query.kind === 'znodes',
    processorDatabase.readPlainRequest,
  );
  readsPlainly(
    'database to processor',
    processorDatabaseBoundary.acceptor,
    arbitrary.lookUpReply,
    (messages) => messages,
    (reply) => reply.kind === 'answer' && reply.answer.kind === 'znodes',
    processorDatabase.readPlainReply,
  );
  readsPlainly(
    'processor to broadcaster',
    processorBroadcasterBoundary.dialler,
    arbitrary.broadcastRequest,
    (messages) => messages,
    ({ kind }) => kind === 'propose',
    logEntries.readPlainBroadcastRequest,
  );
  readsPlainly(
    'broadcaster to database',
    databaseBroadcasterBoundary.acceptor,
    arbitrary.deliveryReply,
    (messages) => messages,
    ({ kind }) => kind === 'entries',
    logEntries.readPlainDeliveryReply,
  );
  readsPlainly(
    'learner to leader',
    broadcastBoundary.dialler,
    arbitrary.learnerMessage,
    (messages) => messages,
    ({ kind }) => kind === 'ack',
    broadcast.readPlainLearnerMessage,
  );
  readsPlainly(
    'leader to learner',
    broadcastBoundary.acceptor,
    arbitrary.leaderMessage,
    (messages) => messages,
    ({ kind }) => kind === 'entries' || kind === 'commit' || kind === 'heartbeat',
    broadcast.readPlainLeaderMessage,
  );
  readsPlainly(
    'client to front-end',
    sessionStreamBoundary.dialler,
    arbitrary.sessionRequest,
    (messages) => messages,
    (request) =>
      request.kind === 'operations' &&
      !request.operations.some(({ kind }) => RARE_OPERATIONS.includes(kind)),
    sessionStream.readPlainRequest,
  );
  readsPlainly(
    'front-end to client',
    sessionStreamBoundary.acceptor,
    arbitrary.sessionReply,
    (messages) => messages,
    (reply) =>
      reply.kind === 'event' ||
      (reply.kind === 'results' &&
        !reply.results.some(({ result: { kind } }) => RARE_RESULTS.includes(kind))),
    sessionStream.readPlainReply,
  );
});
