import {
  databaseBroadcasterBoundary,
  frontendDatabaseBoundary,
  processorDatabaseBoundary,
} from '@paddock/link-grpc';
import { NO_SESSION, ROOT, trustedPath, ZXID_ZERO } from '@paddock/model';
import type {
  Change,
  DatabaseReply,
  DatabaseRequest,
  DeliveryReply,
  DeliveryRequest,
  LogEntry,
  LookUpReply,
} from '@paddock/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ATTACHMENT, dataEntry, FRONTEND, markerEntry, OPENING, SESSION, zxid } from './entries.ts';
import { listed, ofKind, ServingNeighbour, until } from './neighbours.ts';
import type { Conversation } from './neighbours.ts';
import { StageUnderTest } from './stage-under-test.ts';

type Broadcaster = ServingNeighbour<DeliveryRequest[], DeliveryReply[], DeliveryRequest>;

const PROCESSOR = '127.0.0.1:1';
const A = trustedPath('/a');

function creation(path = A, version = 1): Change {
  return {
    kind: 'createZnode',
    path,
    data: Uint8Array.of(1, 2, 3),
    znodeKind: 'persistent',
    ttlMs: 0,
    ephemeralOwner: NO_SESSION,
    parentCversion: version,
    parentCreates: version,
  };
}

function setting(version: number): Change {
  return { kind: 'setZnodeData', path: A, data: Uint8Array.of(version), version };
}

describe('the database alone', () => {
  let stage = new StageUnderTest();
  let broadcaster: Broadcaster = new ServingNeighbour(databaseBroadcasterBoundary, listed);
  let address = '';
  let links = 0;

  beforeEach(async () => {
    stage = new StageUnderTest();
    broadcaster = new ServingNeighbour(databaseBroadcasterBoundary, listed);
    links = 0;
    await broadcaster.start();
    address = await stage.start('replicated-database', { zabBroadcaster: broadcaster.address });
  });
  afterEach(async () => {
    await stage.dispose();
    broadcaster.stop();
  });

  /** Of the next link of the database: what it asks for first. */
  async function asked() {
    links++;
    const conversation = await broadcaster.conversation(links);
    const request = await conversation.next('what it has', ofKind('deliver'));
    // A leader has confirmed that what is committed is what this test delivers.
    conversation.say([
      { kind: 'termHeld', held: true },
      { kind: 'probed', probe: 1, floor: ZXID_ZERO },
    ]);
    return { conversation, request };
  }

  function deliver(to: Conversation<DeliveryReply[], DeliveryRequest>, entries: LogEntry[]): void {
    to.say([{ kind: 'entries', entries }]);
  }

  function dialAsFrontend(): Conversation<DatabaseRequest[], DatabaseReply> {
    const frontend = stage.neighbours.dial(frontendDatabaseBoundary, address, listed);
    frontend.say([{ kind: 'openStream', frontend: FRONTEND }]);
    return frontend;
  }

  const readOf = (afterSequence: number, floor = ZXID_ZERO, watch = false) =>
    ({
      kind: 'read',
      session: SESSION,
      afterSequence,
      floor,
      stalenessMs: Infinity,
      operation: { kind: 'getData', path: A, watch },
    }) as const;

  it('applies what is delivered, and tells the front-end events, outcomes and reads in order', async () => {
    const { conversation, request } = await asked();
    expect(request).toMatchObject({
      kind: 'deliver',
      replica: 1,
      applied: ZXID_ZERO,
      snapshot: ZXID_ZERO,
    });
    expect(request.configuration).toHaveLength(0);
    const frontend = dialAsFrontend();
    await frontend.next('its stream', ofKind('streamOpened'));
    deliver(conversation, [
      markerEntry(1, PROCESSOR),
      dataEntry(2, OPENING),
      dataEntry(3, creation()),
    ]);
    await frontend.next('the term', ofKind('termMarker'));
    expect(await frontend.next('the session', ofKind('sessionOpened'))).toMatchObject({
      session: SESSION,
      zxid: zxid(2),
    });
    frontend.say([readOf(0, ZXID_ZERO, true), readOf(1)]);
    await frontend.next('the first read', ofKind('readReply'));
    deliver(conversation, [dataEntry(4, setting(1), 1)]);
    await frontend.next('the event', ofKind('event'));
    const from = frontend.heard.findIndex(ofKind('event'));
    await frontend.next('the second read', ofKind('readReply'));
    expect(frontend.heard.slice(from, from + 3).map((it) => it.kind)).toEqual([
      'event',
      'outcome',
      'readReply',
    ]);
    const applied = await conversation.next('its progress', ofKind('applied'));
    expect(applied.zxid).toBeLessThanOrEqual(zxid(4));
  });

  it('asks again behind what it has when the broadcaster is back, and names it meanwhile', async () => {
    const { conversation } = await asked();
    deliver(conversation, [markerEntry(1, PROCESSOR), dataEntry(2, creation())]);
    await conversation.next('its progress', (it): it is DeliveryRequest => {
      return it.kind === 'applied' && it.zxid === zxid(2);
    });
    expect(stage.isServing).toBe(true);
    broadcaster.stop();
    const missing = [`replicated-database: zab-broadcaster at ${broadcaster.address}`];
    await until('that it is missed', () => !stage.isServing);
    expect(stage.waitingFor).toEqual(missing);
    await broadcaster.start();
    links = broadcaster.conversations.length;
    const { conversation: second, request } = await asked();
    expect(request).toMatchObject({ applied: zxid(2) });
    // What is delivered twice is applied once (P7).
    deliver(second, [dataEntry(2, creation()), dataEntry(3, creation(trustedPath('/b'), 2))]);
    await second.next('its progress', (it): it is DeliveryRequest => {
      return it.kind === 'applied' && it.zxid === zxid(3);
    });
    expect(stage.failures).toEqual([]);
  });

  it('H15: lets a session in again by an attach, with what it has missed', async () => {
    const { conversation } = await asked();
    deliver(conversation, [
      markerEntry(1, PROCESSOR),
      dataEntry(2, OPENING),
      dataEntry(3, creation()),
    ]);
    deliver(conversation, [dataEntry(4, setting(1), 1)]);
    const frontend = dialAsFrontend();
    const attach = {
      kind: 'attach',
      session: SESSION,
      attachment: ATTACHMENT,
      floor: zxid(5),
      firstUnsettled: 1,
      watches: [{ path: A, kind: 'data', from: zxid(3) }],
      more: false,
    } as const;
    frontend.say([attach, readOf(1)]);
    await frontend.next('that the read waits', ofKind('readsAccepted'));
    expect(frontend.heard.some(ofKind('attachAnswer'))).toBe(false);
    deliver(conversation, [dataEntry(5, setting(2), 2)]);
    expect(await frontend.next('the event', ofKind('event'))).toMatchObject({
      event: { kind: 'nodeDataChanged', zxid: zxid(4) },
    });
    expect(await frontend.next('the answer', ofKind('attachAnswer'))).toMatchObject({
      verdict: { kind: 'attached' },
      lastSequence: 2,
      outcomes: [{ sequence: 1 }, { sequence: 2 }],
    });
    expect(await frontend.next('the read', ofKind('readReply'))).toMatchObject({ zxid: zxid(5) });
  });

  it('H5: answers look-ups at or above their floor, in order, and pushes what it has applied', async () => {
    const { conversation } = await asked();
    deliver(conversation, [markerEntry(1, PROCESSOR)]);
    const processor = stage.neighbours.dial(
      processorDatabaseBoundary,
      address,
      listed<LookUpReply>,
    );
    const query = { kind: 'znodes', paths: [ROOT, A] } as const;
    processor.say([
      { lookUp: 1, floor: zxid(2), query },
      { lookUp: 2, floor: ZXID_ZERO, query: { kind: 'termStart' } },
    ]);
    await processor.next('what is applied', ofKind('applied'));
    deliver(conversation, [dataEntry(2, creation())]);
    const first = await processor.next('the first answer', ofKind('answer'));
    expect(first).toMatchObject({
      lookUp: 1,
      zxid: zxid(2),
      answer: { records: [{ numChildren: 1 }, { version: 0 }] },
    });
    expect(await processor.next('the second', ofKind('answer'))).toMatchObject({ lookUp: 2 });
  });

  it('refuses a front-end that breaks the rules of the stream, and goes on for the others', async () => {
    await asked();
    const rude = stage.neighbours.dial(frontendDatabaseBoundary, address, listed<DatabaseReply>);
    rude.say([readOf(0)]);
    expect(await rude.ended()).toMatchObject({ cause: 'refused' });
    const frontend = dialAsFrontend();
    await frontend.next('its stream', ofKind('streamOpened'));
    const again = dialAsFrontend();
    await again.next('its stream', ofKind('streamOpened'));
    expect(await frontend.ended()).toMatchObject({ cause: 'closed' });
  });

  it('starts before its broadcaster does', async () => {
    await asked();
    broadcaster.stop();
    const late = new StageUnderTest();
    try {
      await late.start('replicated-database', { zabBroadcaster: broadcaster.address });
      expect(late.isServing).toBe(false);
      await broadcaster.start();
      const before = broadcaster.conversations.length;
      await until('that both have asked', () => broadcaster.conversations.length >= before + 2);
      for (const it of broadcaster.conversations.slice(before)) {
        it.say([
          { kind: 'termHeld', held: false },
          { kind: 'probed', probe: 1, floor: ZXID_ZERO },
        ]);
      }
      await until('that it serves', () => late.isServing);
    } finally {
      await late.dispose();
    }
  });

  it('H23: serves nothing where the log does not reach back far enough, and says so', async () => {
    const { conversation } = await asked();
    const frontend = dialAsFrontend();
    await frontend.next('its stream', ofKind('streamOpened'));
    await until('that it serves', () => stage.isServing);
    conversation.say([{ kind: 'snapshotNeeded', atLeast: zxid(9), databaseAddress: '' }]);
    expect(await frontend.next('that it serves no more', ofKind('serving'))).toMatchObject({
      serving: false,
    });
    await until('that it says so', () => !stage.isServing);
    expect(stage.waitingFor[0]).toContain('needs a snapshot');
    expect(stage.failures).toEqual([]);
  });
});
