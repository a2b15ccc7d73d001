import {
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
  sessionStreamBoundary,
} from '@paddock/link-grpc';
import { makeTerm, NO_SESSION, trustedPath, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  DatabaseReply,
  DatabaseRequest,
  Outcome,
  ProcessorReply,
  ProcessorRequest,
  ProcessorRequestBatch,
  SessionReply,
  Stat,
  Term,
  Zxid,
} from '@paddock/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TERM, zxid } from './entries.ts';
import { listed, ofKind, ServingNeighbour, until } from './neighbours.ts';
import type { Conversation } from './neighbours.ts';
import { StageUnderTest } from './stage-under-test.ts';

interface TermedRequest {
  readonly term: Term;
  readonly message: ProcessorRequest;
}

type OpenRequest = TermedRequest & {
  readonly message: Extract<ProcessorRequest, { readonly kind: 'openSession' }>;
};
type Attach = Extract<DatabaseRequest, { readonly kind: 'attach' }>;
type ToDatabase = Conversation<DatabaseReply[], DatabaseRequest>;

const SECOND_TERM = makeTerm(2, 1);
const STAT: Stat = {
  czxid: zxid(2),
  mzxid: zxid(2),
  pzxid: zxid(2),
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: NO_SESSION,
  dataLength: 1,
  numChildren: 0,
  kind: 'persistent',
  ttlMs: 0,
};

const set: ClientOperation = { kind: 'setData', path: '/a', data: Uint8Array.of(1), version: -1 };
const get: ClientOperation = { kind: 'getData', path: '/a', watch: true, atLeast: ZXID_ZERO };

function outcome(sequence: number, at: Zxid): Outcome {
  return { sequence, zxid: at, requestHash: 0, result: { kind: 'dataSet', stat: STAT } };
}

function resultsOf(client: { readonly heard: readonly SessionReply[] }): Zxid[] {
  return client.heard.flatMap((it) =>
    it.kind === 'results' ? it.results.map(({ zxid: at }) => at) : [],
  );
}

describe('the front-end alone', () => {
  let stage = new StageUnderTest();
  let database = databaseNeighbour();
  let processor = processorNeighbour();
  let address = '';

  function databaseNeighbour() {
    return new ServingNeighbour<DatabaseRequest[], DatabaseReply[], DatabaseRequest>(
      frontendDatabaseBoundary,
      listed,
    );
  }

  function processorNeighbour() {
    return new ServingNeighbour<ProcessorRequestBatch, ProcessorReply[], TermedRequest>(
      frontendProcessorBoundary,
      ({ term, messages }) => messages.map((message) => ({ term, message })),
    );
  }

  beforeEach(async () => {
    stage = new StageUnderTest();
    database = databaseNeighbour();
    processor = processorNeighbour();
    await database.start();
    await processor.start();
    address = await stage.start('session-frontend', { replicatedDatabase: database.address });
  });
  afterEach(async () => {
    await stage.dispose();
    database.stop();
    processor.stop();
  });

  /** The database takes the stream and announces the term. */
  async function opened(link: number, applied = zxid(1), term = TERM): Promise<ToDatabase> {
    const conversation = await database.conversation(link);
    await conversation.next('its stream', ofKind('openStream'));
    const announced = { term, processorAddress: processor.address };
    conversation.say([
      { kind: 'streamOpened', applied, term: announced },
      { kind: 'termHeld', held: true },
    ]);
    return conversation;
  }

  function requested<Kind extends ProcessorRequest['kind']>(kind: Kind) {
    return (
      it: TermedRequest,
    ): it is TermedRequest & { message: Extract<ProcessorRequest, { kind: Kind }> } =>
      it.message.kind === kind;
  }

  /** The first open that is not for the front-end's own sessions, which it asks for by itself. */
  async function openClient(toDatabase: ToDatabase) {
    const client = stage.neighbours.dial(sessionStreamBoundary, address, listed<SessionReply>);
    client.say([{ kind: 'open', timeoutMs: 4321 }]);
    const toProcessor = await processor.conversation(1);
    const { message } = await toProcessor.next('the open', (it): it is OpenRequest => {
      return it.message.kind === 'openSession' && it.message.timeoutMs === 4321;
    });
    const { session, attachment, timeoutMs } = message;
    toDatabase.say([{ kind: 'sessionOpened', session, attachment, zxid: zxid(2), timeoutMs }]);
    const reply = await client.next('the session', ofKind('opened'));
    expect(reply).toMatchObject({ session, timeoutMs: 4321, zxid: zxid(2) });
    return { client, toProcessor, session, attachment };
  }

  it('names who is missing, and serves when they have come', async () => {
    expect(stage.waitingFor).toContain(
      `session-frontend: replicated-database at ${database.address}`,
    );
    await opened(1);
    await until('that it serves', () => stage.isServing);
  });

  it('opens a session, and answers its pipeline in order, by the database alone', async () => {
    const toDatabase = await opened(1);
    const { client, toProcessor, session, attachment } = await openClient(toDatabase);
    client.say([
      { kind: 'operations', firstSequence: 1, ackedThrough: 0, operations: [set, get, set] },
    ]);
    const first = await toProcessor.next('the first write', requested('write'));
    expect(first).toMatchObject({ term: TERM, message: { sequence: 1 } });
    const read = await toDatabase.next('the read', ofKind('read'));
    expect(read).toMatchObject({ session, afterSequence: 1 });
    expect(toProcessor.heard.filter(requested('write'))).toHaveLength(1);
    // The second write goes once the read before it is parked (H14).
    toDatabase.say([{ kind: 'readsAccepted', reads: 1 }]);
    await toProcessor.next('the second write', requested('write'));
    const data = { kind: 'data', data: Uint8Array.of(1), stat: STAT } as const;
    toDatabase.say([
      { kind: 'outcome', session, attachment, outcome: outcome(1, zxid(3)) },
      { kind: 'readReply', read: 1, zxid: zxid(3), result: data },
      {
        kind: 'event',
        session,
        event: { kind: 'nodeDataChanged', path: trustedPath('/a'), zxid: zxid(4) },
      },
      { kind: 'outcome', session, attachment, outcome: outcome(2, zxid(4)) },
    ]);
    await until('all answers', () => resultsOf(client).length === 3);
    expect(resultsOf(client)).toEqual([zxid(3), zxid(3), zxid(4)]);
    const kinds = client.heard.map((it) => it.kind);
    expect(kinds.indexOf('event')).toBeLessThan(kinds.lastIndexOf('results'));
  });

  it('H15: attaches its sessions again when the database is back, and asks the reads again', async () => {
    const toDatabase = await opened(1);
    const { client, session, attachment } = await openClient(toDatabase);
    client.say([{ kind: 'operations', firstSequence: 1, ackedThrough: 0, operations: [get] }]);
    await toDatabase.next('the read', ofKind('read'));
    database.stop();
    await until('that it is missed', () => stage.waitingFor.length > 0);
    expect(stage.waitingFor).toContain(
      `session-frontend: replicated-database at ${database.address}`,
    );
    await database.start();
    const back = await opened(2, zxid(6));
    const attach = await back.next('an attach', (it): it is Attach => {
      return it.kind === 'attach' && it.session === session;
    });
    expect(attach).toMatchObject({ attachment, floor: zxid(2), firstUnsettled: 1 });
    back.say([
      {
        kind: 'attachAnswer',
        session,
        attachment,
        zxid: zxid(6),
        verdict: { kind: 'attached' },
        timeoutMs: 4321,
        lastSequence: 0,
        outcomes: [],
      },
    ]);
    await back.next('the read', ofKind('read'));
    const result = { kind: 'failed', code: 'noNode', reason: '' } as const;
    back.say([{ kind: 'readReply', read: 1, zxid: zxid(6), result }]);
    await until('the answer', () => resultsOf(client).length === 1);
    expect(client.end).toBeNull();
  });

  it('H1: sends a processor that was lost and is back all that is unsettled, each write once', async () => {
    const toDatabase = await opened(1);
    const { client, toProcessor, session, attachment } = await openClient(toDatabase);
    client.say([{ kind: 'operations', firstSequence: 1, ackedThrough: 0, operations: [set, set] }]);
    await toProcessor.next('the first write', requested('write'));
    await toProcessor.next('the second write', requested('write'));
    toDatabase.say([{ kind: 'outcome', session, attachment, outcome: outcome(1, zxid(3)) }]);
    await until('the first answer', () => resultsOf(client).length === 1);
    processor.stop();
    await until('that it is missed', () => stage.waitingFor.length > 0);
    expect(stage.waitingFor).toEqual([
      'session-frontend: the request processor of the present term',
    ]);
    await processor.start();
    const back = await processor.conversation(processor.conversations.length + 1);
    const again = await back.next('a write', requested('write'));
    expect(again.message.sequence).toBe(2);
    toDatabase.say([{ kind: 'outcome', session, attachment, outcome: outcome(2, zxid(4)) }]);
    await until('the second answer', () => resultsOf(client).length === 2);
    expect(client.end).toBeNull();
  });

  it('H1: sends nothing more to a processor that refuses its term', async () => {
    const toDatabase = await opened(1);
    const { client, toProcessor } = await openClient(toDatabase);
    toProcessor.say([{ kind: 'termRefused', current: null }]);
    await until('that it is missed', () => stage.waitingFor.length > 0);
    client.say([{ kind: 'operations', firstSequence: 1, ackedThrough: 0, operations: [set, get] }]);
    await toDatabase.next('the read', ofKind('read'));
    expect(toProcessor.heard.some(requested('write'))).toBe(false);
    toDatabase.say([
      {
        kind: 'termMarker',
        zxid: zxid(5),
        term: { term: SECOND_TERM, processorAddress: processor.address },
      },
    ]);
    const next = await processor.conversation(2);
    expect(await next.next('the write', requested('write'))).toMatchObject({ term: SECOND_TERM });
  });

  it('H2: ends a connection that leaves a gap in its writes, and no other', async () => {
    const toDatabase = await opened(1);
    const { client } = await openClient(toDatabase);
    client.say([{ kind: 'operations', firstSequence: 5, ackedThrough: 0, operations: [set] }]);
    expect(await client.next('the end', ofKind('ended'))).toMatchObject({ cause: 'refused' });
    expect(await client.ended()).toMatchObject({ cause: 'refused' });
    const other = stage.neighbours.dial(sessionStreamBoundary, address, listed<SessionReply>);
    other.say([{ kind: 'open', timeoutMs: 5000 }]);
    await until('that it is heard', () => {
      const opens = processor.conversations[0]?.heard.filter(requested('openSession')) ?? [];
      return opens.some(({ message }) => message.timeoutMs === 5000);
    });
  });
});
