// Each direction of each boundary: any messages of it, and the class that is generated for its batches.
import { paddock } from '@paddock/contracts';
import { makeTerm } from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import {
  broadcastBoundary,
  databaseBroadcasterBoundary,
  databaseDatabaseBoundary,
  electionBoundary,
  frontendBroadcasterBoundary,
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
  processorBroadcasterBoundary,
  processorDatabaseBoundary,
  sessionStreamBoundary,
} from '../src/index.ts';
import type { LinkFormat } from '../src/wire/link-format.ts';
import * as arbitrary from './arbitrary-messages.ts';

const LIMITS = { batchBytes: 64 * 1024, batchOperations: 1024 };

interface BatchClass {
  decode(bytes: Uint8Array): { readonly messages: readonly object[] };
  encode(batch: object): { finish(): Uint8Array };
}

export interface Direction {
  readonly name: string;
  readonly batch: BatchClass;
  /** The bytes of a batch of any messages. */
  readonly bytes: Arbitrary<Uint8Array>;
  read(bytes: Uint8Array): unknown;
}

function direction<Send, Receive, Message>(
  name: string,
  from: LinkFormat<Send, unknown>,
  to: LinkFormat<unknown, Receive>,
  batch: BatchClass,
  message: Arbitrary<Message>,
  batchOf: (messages: Message[]) => Send,
): Direction {
  return {
    name,
    batch,
    bytes: fc.array(message, { minLength: 1, maxLength: 4 }).map((messages) => {
      const outgoing = from.outgoing(LIMITS);
      outgoing.write(batchOf(messages));
      return Uint8Array.from(outgoing.take() ?? []);
    }),
    read: (bytes) => to.read(bytes),
  };
}

function same<T>(value: T): T {
  return value;
}

const fd = frontendDatabaseBoundary;
const fdWire = paddock.frontend_database.v1;
const fp = frontendProcessorBoundary;
const fpWire = paddock.frontend_processor.v1;
const pd = processorDatabaseBoundary;
const pdWire = paddock.processor_database.v1;
const pb = processorBroadcasterBoundary;
const pbWire = paddock.processor_broadcaster.v1;
const db = databaseBroadcasterBoundary;
const dbWire = paddock.database_broadcaster.v1;
const bc = broadcastBoundary;
const bcWire = paddock.broadcast.v1;
const el = electionBoundary;
const elWire = paddock.election.v1;
const fb = frontendBroadcasterBoundary;
const fbWire = paddock.frontend_broadcaster.v1;
const dd = databaseDatabaseBoundary;
const ddWire = paddock.database_database.v1;
const ss = sessionStreamBoundary;
const client = paddock.client.v1;

export const DIRECTIONS: Direction[] = [
  direction(
    'database requests',
    fd.dialler,
    fd.acceptor,
    fdWire.LinkRequest,
    arbitrary.databaseRequest,
    same,
  ),
  direction(
    'database replies',
    fd.acceptor,
    fd.dialler,
    fdWire.LinkResponse,
    arbitrary.databaseReply,
    same,
  ),
  direction(
    'processor requests',
    fp.dialler,
    fp.acceptor,
    fpWire.LinkRequest,
    arbitrary.processorRequest,
    (messages) => ({ term: makeTerm(messages.length, 7), messages }),
  ),
  direction(
    'processor replies',
    fp.acceptor,
    fp.dialler,
    fpWire.LinkResponse,
    arbitrary.processorReply,
    same,
  ),
  direction(
    'look-up requests',
    pd.dialler,
    pd.acceptor,
    pdWire.LinkRequest,
    arbitrary.lookUpRequest,
    same,
  ),
  direction(
    'look-up replies',
    pd.acceptor,
    pd.dialler,
    pdWire.LinkResponse,
    arbitrary.lookUpReply,
    same,
  ),
  direction(
    'broadcast requests',
    pb.dialler,
    pb.acceptor,
    pbWire.LinkRequest,
    arbitrary.broadcastRequest,
    same,
  ),
  direction(
    'delivery replies',
    db.acceptor,
    db.dialler,
    dbWire.LinkResponse,
    arbitrary.deliveryReply,
    same,
  ),
  direction(
    'broadcast replies',
    pb.acceptor,
    pb.dialler,
    pbWire.LinkResponse,
    arbitrary.broadcastReply,
    same,
  ),
  direction(
    'delivery requests',
    db.dialler,
    db.acceptor,
    dbWire.LinkRequest,
    arbitrary.deliveryRequest,
    same,
  ),
  direction(
    'election requests',
    el.dialler,
    el.acceptor,
    elWire.LinkRequest,
    arbitrary.electionRequest,
    same,
  ),
  direction(
    'election replies',
    el.acceptor,
    el.dialler,
    elWire.LinkResponse,
    arbitrary.electionReply,
    same,
  ),
  direction(
    'messages of a learner',
    bc.dialler,
    bc.acceptor,
    bcWire.LinkRequest,
    arbitrary.learnerMessage,
    same,
  ),
  direction(
    'messages of a leader',
    bc.acceptor,
    bc.dialler,
    bcWire.LinkResponse,
    arbitrary.leaderMessage,
    same,
  ),
  direction(
    'requests for the log',
    fb.dialler,
    fb.acceptor,
    fbWire.LinkRequest,
    arbitrary.logSliceRequest,
    same,
  ),
  direction(
    'slices of the log',
    fb.acceptor,
    fb.dialler,
    fbWire.LinkResponse,
    arbitrary.logSliceReply,
    same,
  ),
  direction(
    'snapshot replies',
    dd.acceptor,
    dd.dialler,
    ddWire.LinkResponse,
    arbitrary.snapshotReply,
    same,
  ),
  direction(
    'session requests',
    ss.dialler,
    ss.acceptor,
    client.SessionRequest,
    arbitrary.sessionRequest,
    same,
  ),
  direction(
    'session replies',
    ss.acceptor,
    ss.dialler,
    client.SessionResponse,
    arbitrary.sessionReply,
    same,
  ),
];
