import { decodeTermMarker, decodeTransaction } from '@paddock/codec';
import {
  frontendProcessorBoundary,
  processorBroadcasterBoundary,
  processorDatabaseBoundary,
} from '@paddock/link-grpc';
import { makeTerm, NO_SESSION, ROOT, trustedPath, ZXID_ZERO } from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  LookUpAnswer,
  LookUpQuery,
  LookUpReply,
  LookUpRequest,
  ProcessorReply,
  ProcessorRequest,
  ProcessorRequestBatch,
  Term,
  Transaction,
  Zxid,
  ZnodeRecord,
} from '@paddock/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ATTACHMENT, SECRET_HASH, SESSION, TERM, zxid } from './entries.ts';
import { listed, ofKind, ServingNeighbour, until } from './neighbours.ts';
import type { Conversation } from './neighbours.ts';
import { StageUnderTest } from './stage-under-test.ts';

const A = trustedPath('/a');
const RECORD: ZnodeRecord = {
  ...{ version: 0, cversion: 0, creates: 0, numChildren: 0, ephemeralOwner: NO_SESSION },
  dataLength: 0,
  ...{ kind: 'persistent', ttlMs: 0, mtime: 0, czxid: ZXID_ZERO, mzxid: ZXID_ZERO },
};

const opening: ProcessorRequest = {
  kind: 'openSession',
  session: SESSION,
  secretHash: SECRET_HASH,
  timeoutMs: 9000,
  attachment: ATTACHMENT,
};

function write(sequence: number, path = A): ProcessorRequest {
  return {
    kind: 'write',
    session: SESSION,
    attachment: ATTACHMENT,
    sequence,
    ackedThrough: 0,
    operation: { kind: 'create', path, data: new Uint8Array(3), mode: 'persistent', ttlMs: 0 },
  };
}

describe('the request processor alone', () => {
  let stage = new StageUnderTest();
  let database = databaseNeighbour();
  let broadcaster = broadcasterNeighbour();
  let address = '';

  function databaseNeighbour() {
    return new ServingNeighbour<LookUpRequest[], LookUpReply[], LookUpRequest>(
      processorDatabaseBoundary,
      listed,
    );
  }

  function broadcasterNeighbour() {
    return new ServingNeighbour<BroadcastRequest[], BroadcastReply[], BroadcastRequest>(
      processorBroadcasterBoundary,
      listed,
    );
  }

  beforeEach(async () => {
    stage = new StageUnderTest();
    database = databaseNeighbour();
    broadcaster = broadcasterNeighbour();
    await database.start();
    await broadcaster.start();
    address = await stage.start('request-processor', {
      replicatedDatabase: database.address,
      zabBroadcaster: broadcaster.address,
    });
  });
  afterEach(async () => {
    await stage.dispose();
    database.stop();
    broadcaster.stop();
  });

  function dialAsFrontend() {
    return stage.neighbours.dial<ProcessorRequestBatch, ProcessorReply[], ProcessorReply>(
      frontendProcessorBoundary,
      address,
      listed,
    );
  }

  /** Answers the look-ups that have come on this link so far, at `applied`; there is nothing but the root. */
  async function answerLookUps(
    conversation: Conversation<LookUpReply[], LookUpRequest>,
    applied: Zxid,
    kind: LookUpQuery['kind'],
  ): Promise<void> {
    // In the order asked, also those that a tick has asked for in between.
    for (;;) {
      const request = await conversation.next(`a look-up of ${kind}`, (it): it is LookUpRequest => {
        return it.query.kind === kind || it.query.kind === 'reapable';
      });
      expect(request.floor).toBeLessThanOrEqual(applied);
      const { lookUp, query } = request;
      conversation.say([
        { kind: 'answer', lookUp, zxid: applied, answer: answerTo(query, applied) },
      ]);
      if (query.kind === kind) return;
    }
  }

  /** Offers, is granted the term, loads the session table, and proposes its marker. */
  async function serve(term: Term = TERM, links = 1) {
    const toDatabase = await database.conversation(links);
    const toBroadcaster = await broadcaster.conversation(links);
    const { processorAddress } = await toBroadcaster.next('its offer', ofKind('offer'));
    expect(processorAddress).toBe(address);
    toBroadcaster.say([{ kind: 'termGranted', term, lastProposed: ZXID_ZERO }]);
    toDatabase.say([{ kind: 'applied', zxid: ZXID_ZERO }]);
    await answerLookUps(toDatabase, ZXID_ZERO, 'termStart');
    await answerLookUps(toDatabase, ZXID_ZERO, 'sessions');
    const { entries } = await toBroadcaster.next('its marker', ofKind('propose'));
    expect(entries.map((it) => decodeTermMarker(it.payload))).toEqual([{ term, processorAddress }]);
    return { toDatabase, toBroadcaster };
  }

  async function proposed(
    conversation: Conversation<BroadcastReply[], BroadcastRequest>,
  ): Promise<Transaction[]> {
    const { entries } = await conversation.next('a proposal', ofKind('propose'));
    return entries.map((it) => decodeTransaction(it.zxid, it.payload));
  }

  it('H1: loads its term at what was proposed before, and opens it with a marker', async () => {
    await serve();
    await until('that it serves', () => stage.isServing);
  });

  it('turns writes into transactions, by what the database knows and what is in flight', async () => {
    const { toDatabase, toBroadcaster } = await serve();
    const frontend = dialAsFrontend();
    frontend.say({ term: TERM, messages: [opening, write(1), write(2)] });
    await answerLookUps(toDatabase, zxid(1), 'znodes');
    const transactions = [...(await proposed(toBroadcaster))];
    while (transactions.length < 3) transactions.push(...(await proposed(toBroadcaster)));
    expect(transactions.map(({ zxid: at, change }) => [at, change.kind])).toEqual([
      [zxid(2), 'openSession'],
      [zxid(3), 'createZnode'],
      [zxid(4), 'failed'],
    ]);
  });

  it('H2: takes a duplicate once, and tells of a gap which write it expects', async () => {
    const { toDatabase, toBroadcaster } = await serve();
    const frontend = dialAsFrontend();
    frontend.say({ term: TERM, messages: [opening, write(1), write(1), write(3), write(2)] });
    expect(await frontend.next('what it expects', ofKind('expect'))).toMatchObject({ sequence: 2 });
    await answerLookUps(toDatabase, zxid(1), 'znodes');
    const transactions = [...(await proposed(toBroadcaster))];
    while (transactions.length < 3) transactions.push(...(await proposed(toBroadcaster)));
    expect(transactions.map((it) => it.sequence)).toEqual([0, 1, 2]);
  });

  it('H1: refuses a batch of another term, and names its own', async () => {
    const early = dialAsFrontend();
    early.say({ term: TERM, messages: [opening] });
    expect(await early.next('a refusal', ofKind('termRefused'))).toMatchObject({ current: null });
    await serve();
    early.say({ term: makeTerm(1, 9), messages: [opening] });
    expect(await early.next('a refusal', ofKind('termRefused'))).toMatchObject({
      current: { term: TERM, processorAddress: address },
    });
  });

  it('H4: says of an unknown session only what holds, with the zxid at which it does', async () => {
    const { toBroadcaster } = await serve();
    const frontend = dialAsFrontend();
    frontend.say({ term: TERM, messages: [write(1), { kind: 'touch', round: 5, touches: [] }] });
    const verdict = await frontend.next('the verdict', ofKind('verdict'));
    expect(verdict).toMatchObject({ code: 'unknownSession', basis: zxid(1), term: TERM });
    const { round } = await toBroadcaster.next('who leads', ofKind('confirmLeadership'));
    expect(frontend.heard).not.toContainEqual({ kind: 'touched', round: 5 });
    toBroadcaster.say([{ kind: 'leadershipConfirmed', round, floor: zxid(1) }]);
    expect(await frontend.next('that it was heard', ofKind('touched'))).toEqual({
      kind: 'touched',
      round: 5,
    });
  });

  it('H5: asks a database that is back again what it had not answered', async () => {
    const { toBroadcaster } = await serve();
    const frontend = dialAsFrontend();
    database.stop();
    await until('that it is missed', () => !stage.isServing);
    expect(stage.waitingFor).toEqual([
      `request-processor: replicated-database at ${database.address}`,
    ]);
    frontend.say({ term: TERM, messages: [opening, write(1)] });
    await proposed(toBroadcaster);
    await database.start();
    const back = await database.conversation(database.conversations.length + 1);
    back.say([{ kind: 'applied', zxid: zxid(2) }]);
    await answerLookUps(back, zxid(2), 'znodes');
    expect(await proposed(toBroadcaster)).toMatchObject([{ change: { kind: 'createZnode' } }]);
    await until('that it serves', () => stage.isServing);
  });

  it('H1: loses its term with its broadcaster, and begins the next one empty', async () => {
    await serve();
    broadcaster.stop();
    await until('that it is missed', () => !stage.isServing);
    expect(stage.waitingFor).toEqual([
      `request-processor: zab-broadcaster at ${broadcaster.address}`,
    ]);
    await broadcaster.start();
    const again = await broadcaster.conversation(broadcaster.conversations.length + 1);
    await again.next('its offer', ofKind('offer'));
    const term = makeTerm(2, 1);
    again.say([{ kind: 'termGranted', term, lastProposed: zxid(7) }]);
    const toDatabase = await database.conversation(1);
    await answerLookUps(toDatabase, zxid(7), 'termStart');
    await answerLookUps(toDatabase, zxid(7), 'sessions');
    const { entries } = await again.next('its marker', ofKind('propose'));
    expect(entries.map((it) => decodeTermMarker(it.payload).term)).toEqual([term]);
    expect(stage.failures).toEqual([]);
  });

  it('H13: confirms a read index only by a round that was sent after the request', async () => {
    const { toBroadcaster } = await serve();
    const frontend = dialAsFrontend();
    frontend.say({ term: TERM, messages: [{ kind: 'readIndex', request: 3 }] });
    const { round } = await toBroadcaster.next('a round', ofKind('confirmLeadership'));
    toBroadcaster.say([{ kind: 'leadershipConfirmed', round, floor: zxid(1) }]);
    expect(await frontend.next('the floor', ofKind('readIndexFloor'))).toEqual({
      kind: 'readIndexFloor',
      request: 3,
      floor: zxid(1),
    });
  });
});

function answerTo(query: LookUpQuery, applied: Zxid): LookUpAnswer {
  switch (query.kind) {
    case 'znodes':
      return { kind: 'znodes', records: query.paths.map((it) => (it === ROOT ? RECORD : null)) };
    case 'sessions':
      return { kind: 'sessions', rows: [], more: false };
    case 'subtree':
      return { kind: 'subtree', znodes: [], more: false };
    case 'data':
      return { kind: 'data', data: query.paths.map(() => null) };
    case 'reapable':
      return { kind: 'reapable', paths: [] };
    case 'termStart':
      return { kind: 'termStart', time: applied, oldestTombstone: ZXID_ZERO, quotas: [] };
    case 'subtreeUse':
      return { kind: 'subtreeUse', count: 1, bytes: 0 };
    case 'ephemerals':
      return { kind: 'ephemerals', ephemerals: [] };
  }
}
