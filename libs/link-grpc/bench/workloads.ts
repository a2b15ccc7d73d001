// One typical exchange of each boundary: a request, and the reply that answers it.
import {
  DEFAULT_LIMITS,
  makeFrontendIncarnation,
  makeSessionId,
  makeTerm,
  makeZxid,
  NO_SESSION,
  trustedPath,
  type BroadcastReply,
  type BroadcastRequest,
  type DatabaseReply,
  type DatabaseRequest,
  type DeliveryReply,
  type DeliveryRequest,
  type LeaderMessage,
  type LearnerMessage,
  type LogEntry,
  type LookUpReply,
  type LookUpRequest,
  type NumberedResult,
  type ProcessorReply,
  type ProcessorRequest,
  type ProcessorRequestBatch,
  type SessionReply,
  type SessionRequest,
  type Stat,
} from '@paddock/model';
import {
  broadcastBoundary,
  databaseBroadcasterBoundary,
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
  processorBroadcasterBoundary,
  processorDatabaseBoundary,
  sessionStreamBoundary,
  type Boundary,
} from '../src/index.ts';

/** Makes the batches of `count` operations, and counts what has come back. */
export interface Workload<Up, Down> {
  readonly name: string;
  readonly boundary: Boundary<Up, Down>;
  request(count: number): Up;
  reply(count: number): Down;
  /** Operations that a batch of replies answers. */
  answered(batch: Down): number;
  /** Operations that a batch of requests asks for. */
  asked(batch: Up): number;
}

export const limits = DEFAULT_LIMITS;

const data = new Uint8Array(100).fill(0x61);
const zxid = makeZxid(3, 123_456);
const session = makeSessionId(2 ** 52 + 12_345);
const attachment = { frontend: makeFrontendIncarnation(2 ** 51 + 7), connection: 17, attempt: 1 };
const path = trustedPath('/app/config/item-000123');
const stat: Stat = {
  czxid: makeZxid(3, 1),
  mzxid: zxid,
  pzxid: makeZxid(3, 1),
  ctime: 1_790_000_000_000,
  mtime: 1_790_000_001_000,
  version: 12,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: NO_SESSION,
  dataLength: 100,
  numChildren: 0,
  kind: 'persistent',
  ttlMs: 0,
};

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i + 1));
}

const reads: Workload<DatabaseRequest[], DatabaseReply[]> = {
  name: 'front-end, database: reads of 100 bytes',
  boundary: frontendDatabaseBoundary,
  request: (count) =>
    times(count, () => ({
      kind: 'read',
      session,
      afterSequence: 12,
      floor: zxid,
      stalenessMs: Infinity,
      operation: { kind: 'getData', path, watch: false },
    })),
  reply: (count) =>
    times(count, (read) => ({
      kind: 'readReply',
      read,
      zxid,
      result: { kind: 'data', data, stat },
    })),
  asked: (batch) => batch.length,
  answered: (batch) => batch.length,
};

const outcomes: Workload<DatabaseRequest[], DatabaseReply[]> = {
  ...reads,
  name: 'front-end, database: outcomes',
  reply: (count) =>
    times(count, (sequence) => ({
      kind: 'outcome',
      session,
      attachment,
      outcome: { sequence, zxid, requestHash: 77, result: { kind: 'dataSet', stat } },
    })),
};

const writes: Workload<ProcessorRequestBatch, ProcessorReply[]> = {
  name: 'front-end, processor: writes of 100 bytes',
  boundary: frontendProcessorBoundary,
  request: (count) => ({
    term: makeTerm(3, 1),
    messages: times(count, (sequence): ProcessorRequest => ({
      kind: 'write',
      session,
      attachment,
      sequence,
      ackedThrough: 0,
      operation: { kind: 'setData', path, data, version: -1 },
    })),
  }),
  reply: (count) => times(count, (round) => ({ kind: 'touched', round })),
  asked: (batch) => batch.messages.length,
  answered: (batch) => batch.length,
};

const lookUps: Workload<LookUpRequest[], LookUpReply[]> = {
  name: 'processor, database: look-ups of 1 znode',
  boundary: processorDatabaseBoundary,
  request: (count) =>
    times(count, (lookUp) => ({ lookUp, floor: zxid, query: { kind: 'znodes', paths: [path] } })),
  reply: (count) =>
    times(count, (lookUp) => ({
      kind: 'answer',
      lookUp,
      zxid,
      answer: {
        kind: 'znodes',
        records: [
          {
            ...{
              version: 3,
              cversion: 0,
              creates: 0,
              dataLength: 0,
              numChildren: 0,
              ephemeralOwner: NO_SESSION,
            },
            ...{ kind: 'persistent', ttlMs: 0, mtime: 1_790_000_001_000, czxid: zxid, mzxid: zxid },
          },
        ],
      },
    })),
  asked: (batch) => batch.length,
  answered: (batch) => batch.length,
};

function entries(count: number): LogEntry[] {
  const payload = new Uint8Array(180).fill(1);
  return times(count, (counter) => ({ zxid: makeZxid(3, counter), kind: 'data', payload }));
}

const proposals: Workload<BroadcastRequest[], BroadcastReply[]> = {
  name: 'processor, broadcaster: proposals of 180 bytes',
  boundary: processorBroadcasterBoundary,
  request: (count) => [{ kind: 'propose', term: makeTerm(3, 1), entries: entries(count) }],
  reply: (count) => [{ kind: 'leadershipConfirmed', round: count, floor: zxid }],
  asked: (batch) =>
    batch.reduce((sum, it) => sum + (it.kind === 'propose' ? it.entries.length : 0), 0),
  answered: (batch) =>
    batch.reduce((sum, it) => sum + (it.kind === 'leadershipConfirmed' ? it.round : 0), 0),
};

const deliveries: Workload<DeliveryRequest[], DeliveryReply[]> = {
  name: 'database, broadcaster: entries of 180 bytes',
  boundary: databaseBroadcasterBoundary,
  request: (count) => times(count, () => ({ kind: 'applied', zxid })),
  reply: (count) => [{ kind: 'entries', entries: entries(count) }],
  asked: (batch) => batch.length,
  answered: (batch) =>
    batch.reduce((sum, it) => sum + (it.kind === 'entries' ? it.entries.length : 0), 0),
};

const broadcasts: Workload<LearnerMessage[], LeaderMessage[]> = {
  name: 'learner, leader: entries of 180 bytes',
  boundary: broadcastBoundary,
  request: (count) => times(count, () => ({ kind: 'ack', zxid })),
  reply: (count) => [{ kind: 'entries', entries: entries(count), committed: zxid }],
  asked: (batch) => batch.length,
  answered: (batch) =>
    batch.reduce((sum, it) => sum + (it.kind === 'entries' ? it.entries.length : 0), 0),
};

const clientReads: Workload<SessionRequest[], SessionReply[]> = {
  name: 'client, front-end: reads of 100 bytes',
  boundary: sessionStreamBoundary,
  request: (count) => [
    {
      kind: 'operations',
      firstSequence: 1,
      ackedThrough: 0,
      operations: times(count, () => ({
        kind: 'getData',
        path,
        watch: false,
        atLeast: makeZxid(0, 0),
      })),
    },
  ],
  reply: (count) => [
    {
      kind: 'results',
      results: times(count, (): NumberedResult => ({ zxid, result: { kind: 'data', data, stat } })),
    },
  ],
  asked: (batch) =>
    batch.reduce((sum, it) => sum + (it.kind === 'operations' ? it.operations.length : 0), 0),
  answered: (batch) =>
    batch.reduce((sum, it) => sum + (it.kind === 'results' ? it.results.length : 0), 0),
};

/** Runs `visit` with each workload in its own types. */
export async function eachWorkload(
  visit: <Up, Down>(workload: Workload<Up, Down>) => Promise<void>,
): Promise<void> {
  await visit(clientReads);
  await visit(reads);
  await visit(outcomes);
  await visit(writes);
  await visit(lookUps);
  await visit(proposals);
  await visit(deliveries);
  await visit(broadcasts);
}
