// The messages that are written and read without their generated classes, held against those classes.
import { paddock } from '@paddock/contracts';
import { makeTerm, TERM_ZERO } from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broadcastBoundary,
  databaseBroadcasterBoundary,
  databaseDatabaseBoundary,
  electionBoundary,
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
import { WireError } from '../src/wire/wire-error.ts';
import * as arbitrary from './arbitrary-messages.ts';
import { addUnknown, fieldsOf, joined, nested } from './wire-fields.ts';

const LIMITS = { batchBytes: 64 * 1024, batchOperations: 1024 };
const RUNS = { numRuns: 80 };

interface BatchClass {
  decode(bytes: Uint8Array): { readonly messages: readonly object[] };
  encode(batch: object): { finish(): Uint8Array };
}

interface Direction {
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
const dd = databaseDatabaseBoundary;
const ddWire = paddock.database_database.v1;
const ss = sessionStreamBoundary;
const client = paddock.client.v1;

const DIRECTIONS: Direction[] = [
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

/** A batch that begins with a field that nobody knows is left to its generated class. */
const UNKNOWN_FIELD = Uint8Array.of(0x78, 0x01);

/** What is read, or why it is refused. */
function outcome(of: Direction, bytes: Uint8Array): unknown {
  try {
    return of.read(bytes);
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}

function expectSameAsGenerated(of: Direction, bytes: Uint8Array): void {
  const generated = outcome(of, Uint8Array.of(...UNKNOWN_FIELD, ...bytes));
  expect(outcome(of, bytes)).toEqual(generated);
}

describe.each(DIRECTIONS)('$name', (of) => {
  it('are written as their generated class writes them', () => {
    fc.assert(
      fc.property(of.bytes, (bytes) => {
        const generated = of.batch.encode(of.batch.decode(bytes)).finish();
        // What a batch has beside its messages stands first, but is written last by the generated class.
        const inOrder = fieldsOf(bytes).sort((a, b) => a.tag - b.tag);
        expect(Uint8Array.from(generated)).toEqual(joined(inOrder));
      }),
      RUNS,
    );
  });

  it('are read as their generated class reads them', () => {
    fc.assert(
      fc.property(of.bytes, (bytes) => {
        expectSameAsGenerated(of, bytes);
      }),
      RUNS,
    );
  });

  it('with fields that are not known yet are read without them', () => {
    fc.assert(
      fc.property(of.bytes, fc.nat({ max: 30 }), (bytes, place) => {
        const batch = of.batch.decode(bytes);
        addUnknown(batch.messages, place);
        expect(outcome(of, of.batch.encode(batch).finish())).toEqual(outcome(of, bytes));
      }),
      RUNS,
    );
  });

  it('with their fields in another order, or twice, are read as their generated class reads them', () => {
    fc.assert(
      fc.property(of.bytes, fc.boolean(), (bytes, twice) => {
        const messages = fieldsOf(bytes).map((message) => {
          if (!message.isNested) return message;
          const fields = fieldsOf(message.content).map((it) =>
            it.isNested ? nested(it.tag, joined(fieldsOf(it.content).reverse())) : it,
          );
          return nested(message.tag, joined(twice ? [...fields, ...fields] : fields.reverse()));
        });
        expectSameAsGenerated(of, joined(messages));
      }),
      RUNS,
    );
  });

  it('that are damaged are read or refused as by their generated class, for a field', () => {
    const edit = fc.record({
      kind: fc.constantFrom('replace', 'insert', 'remove', 'cut'),
      place: fc.nat(),
      byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
    });
    fc.assert(
      fc.property(of.bytes, fc.array(edit, { minLength: 1, maxLength: 3 }), (bytes, edits) => {
        const damaged = [...bytes];
        for (const { kind, place, byte } of edits) {
          const at = place % (damaged.length + 1);
          if (kind === 'replace') damaged[at] = byte;
          else if (kind === 'insert') damaged.splice(at, 0, byte);
          else if (kind === 'remove') damaged.splice(at, 1);
          else damaged.length = at;
        }
        expectSameAsGenerated(of, Uint8Array.from(damaged));
      }),
      { numRuns: 200 },
    );
  });
});

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
    fd.dialler,
    arbitrary.databaseRequest,
    same,
    ({ kind }) => kind === 'read',
    frontendDatabase.readPlainRequest,
  );
  readsPlainly(
    'database to front-end',
    fd.acceptor,
    arbitrary.databaseReply,
    same,
    ({ kind }) => kind === 'readReply' || kind === 'outcome' || kind === 'event',
    frontendDatabase.readPlainReply,
  );
  readsPlainly(
    'front-end to processor',
    fp.dialler,
    arbitrary.processorRequest,
    (messages) => ({ term: TERM_ZERO, messages }),
    ({ kind }) => kind === 'write',
    frontendProcessor.readPlainRequest,
  );
  readsPlainly(
    'processor to database',
    pd.dialler,
    arbitrary.lookUpRequest,
    same,
    ({ query }) => query.kind === 'znodes',
    processorDatabase.readPlainRequest,
  );
  readsPlainly(
    'database to processor',
    pd.acceptor,
    arbitrary.lookUpReply,
    same,
    (reply) => reply.kind === 'answer' && reply.answer.kind === 'znodes',
    processorDatabase.readPlainReply,
  );
  readsPlainly(
    'processor to broadcaster',
    pb.dialler,
    arbitrary.broadcastRequest,
    same,
    ({ kind }) => kind === 'propose',
    logEntries.readPlainBroadcastRequest,
  );
  readsPlainly(
    'broadcaster to database',
    db.acceptor,
    arbitrary.deliveryReply,
    same,
    ({ kind }) => kind === 'entries',
    logEntries.readPlainDeliveryReply,
  );
  readsPlainly(
    'learner to leader',
    bc.dialler,
    arbitrary.learnerMessage,
    same,
    ({ kind }) => kind === 'ack',
    broadcast.readPlainLearnerMessage,
  );
  readsPlainly(
    'leader to learner',
    bc.acceptor,
    arbitrary.leaderMessage,
    same,
    ({ kind }) => kind === 'entries' || kind === 'commit' || kind === 'heartbeat',
    broadcast.readPlainLeaderMessage,
  );
  readsPlainly(
    'client to front-end',
    ss.dialler,
    arbitrary.sessionRequest,
    same,
    ({ kind }) => kind === 'operations',
    sessionStream.readPlainRequest,
  );
  readsPlainly(
    'front-end to client',
    ss.acceptor,
    arbitrary.sessionReply,
    same,
    ({ kind }) => kind === 'results' || kind === 'event',
    sessionStream.readPlainReply,
  );
});
