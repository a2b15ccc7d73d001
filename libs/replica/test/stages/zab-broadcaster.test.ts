import { encodeTermMarker, encodeTransaction } from '@paddock/codec';
import { databaseBroadcasterBoundary, processorBroadcasterBoundary } from '@paddock/link-grpc';
import { counterOf, makeTerm, makeZxid, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  DeliveryReply,
  DeliveryRequest,
  LogEntry,
  Term,
} from '@paddock/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listed, ofKind, until } from './neighbours.ts';
import type { Conversation } from './neighbours.ts';
import { StageUnderTest } from './stage-under-test.ts';

type Processor = Conversation<BroadcastRequest[], BroadcastReply>;
type Database = Conversation<DeliveryRequest[], DeliveryReply>;

const ADDRESS = '127.0.0.1:1';

function marker(epoch: number, counter: number, term: Term): LogEntry {
  const payload = encodeTermMarker({ term, processorAddress: ADDRESS });
  return { zxid: makeZxid(epoch, counter), kind: 'termMarker', payload };
}

function entry(epoch: number, counter: number): LogEntry {
  const payload = encodeTransaction({
    time: counter,
    session: NO_SESSION,
    sequence: 0,
    requestHash: 0,
    ackedThrough: 0,
    change: { kind: 'failed', code: 'noNode', reason: '' },
  });
  return { zxid: makeZxid(epoch, counter), kind: 'data', payload };
}

function delivered(database: Database): number[] {
  return database.heard.flatMap((it) =>
    it.kind === 'entries' ? it.entries.map(({ zxid }) => counterOf(zxid)) : [],
  );
}

describe('the broadcaster alone', () => {
  const stage = { current: new StageUnderTest() };
  let address = '';

  beforeEach(async () => {
    stage.current = new StageUnderTest();
    address = await stage.current.start('zab-broadcaster');
  });
  afterEach(() => stage.current.dispose());

  function dialAsProcessor(): Processor {
    const { neighbours } = stage.current;
    return neighbours.dial(processorBroadcasterBoundary, address, listed);
  }

  function dialAsDatabase(applied = ZXID_ZERO): Database {
    const database = stage.current.neighbours.dial(databaseBroadcasterBoundary, address, listed);
    const { incarnation } = stage.current.identity;
    const configuration = new Uint8Array();
    const snapshot = ZXID_ZERO;
    database.say([{ kind: 'deliver', replica: 1, incarnation, applied, snapshot, configuration }]);
    return database;
  }

  async function granted(processor: Processor): Promise<Term> {
    processor.say([{ kind: 'offer', processorAddress: ADDRESS }]);
    const { term } = await processor.next('a term', ofKind('termGranted'));
    return term;
  }

  it('names who is missing, and serves when both neighbours have come in whatever order', async () => {
    expect(stage.current.waitingFor).toEqual([
      'zab-broadcaster: replicated-database, which dials it',
      'zab-broadcaster: request-processor, which dials it',
    ]);
    const processor = dialAsProcessor();
    processor.say([{ kind: 'offer', processorAddress: ADDRESS }]);
    await until('the processor', () => stage.current.waitingFor.length === 1);
    expect(processor.heard).toEqual([]);
    dialAsDatabase();
    await processor.next('a term', ofKind('termGranted'));
    expect(stage.current.isServing).toBe(true);
  });

  it('makes proposals durable, commits and delivers them, and confirms leadership', async () => {
    const database = dialAsDatabase();
    const processor = dialAsProcessor();
    const term = await granted(processor);
    processor.say([
      { kind: 'propose', term, entries: [marker(1, 1, term), entry(1, 2)] },
      { kind: 'propose', term, entries: [entry(1, 3)] },
    ]);
    await until('three entries', () => delivered(database).length === 3);
    expect(delivered(database)).toEqual([1, 2, 3]);
    processor.say([{ kind: 'confirmLeadership', term, round: 7 }]);
    const confirmed = await processor.next('the round', ofKind('leadershipConfirmed'));
    expect(confirmed).toEqual({ kind: 'leadershipConfirmed', round: 7, floor: makeZxid(1, 3) });
  });

  it('H1: refuses what is not exactly the next zxid, and grants another term', async () => {
    dialAsDatabase();
    const processor = dialAsProcessor();
    const term = await granted(processor);
    processor.say([{ kind: 'propose', term, entries: [marker(1, 2, term)] }]);
    expect(await processor.ended()).toMatchObject({ cause: 'refused' });
    const second = await granted(dialAsProcessor());
    expect(second).toBe(makeTerm(1, 2));
  });

  it('H1: ends the term of a processor that another one follows, and drops what it still says', async () => {
    const database = dialAsDatabase();
    const older = dialAsProcessor();
    const term = await granted(older);
    older.say([{ kind: 'propose', term, entries: [marker(1, 1, term)] }]);
    await until('the marker', () => delivered(database).length === 1);
    const newer = dialAsProcessor();
    newer.say([{ kind: 'offer', processorAddress: ADDRESS }]);
    const grant = await newer.next('a term', ofKind('termGranted'));
    expect(grant).toMatchObject({ term: makeTerm(1, 2), lastProposed: makeZxid(1, 1) });
    expect(await older.ended()).toMatchObject({ cause: 'closed' });
    newer.say([{ kind: 'propose', term, entries: [entry(1, 2)] }]);
    newer.say([{ kind: 'propose', term: grant.term, entries: [marker(1, 2, grant.term)] }]);
    await until('the second marker', () => delivered(database).length === 2);
    const held = database.heard.filter(ofKind('termHeld')).map((it) => it.held);
    expect(held).toEqual([false, true, false, true]);
  });

  it('H18: ends the term when its database is gone, and grants one when it is back', async () => {
    const database = dialAsDatabase();
    await stage.current.stop();
    address = await stage.current.start('zab-broadcaster', {}, { stageLostMs: 100 });
    expect((await database.ended()).cause).not.toBe('refused');
    const again = dialAsDatabase();
    const processor = dialAsProcessor();
    const term = await granted(processor);
    again.hangUp();
    expect(await processor.next('the end', ofKind('termEnded'))).toMatchObject({ term });
    expect(stage.current.waitingFor).toEqual([
      'zab-broadcaster: replicated-database, which dials it',
    ]);
    dialAsDatabase();
    await processor.next('another term', ofKind('termGranted'));
  });

  it('delivers again after a restart what it had made durable, and leads a later epoch', async () => {
    const before = dialAsDatabase();
    const processor = dialAsProcessor();
    const term = await granted(processor);
    processor.say([{ kind: 'propose', term, entries: [marker(1, 1, term), entry(1, 2)] }]);
    await until('two entries', () => delivered(before).length === 2);
    await stage.current.stop();
    address = await stage.current.start('zab-broadcaster');
    const after = dialAsDatabase(makeZxid(1, 1));
    await until('what is behind 1.1', () => delivered(after).length === 1);
    expect(await granted(dialAsProcessor())).toBe(makeTerm(2, 1));
    expect(stage.current.failures).toEqual([]);
  });

  it('stops where the database has applied what the log has not got', async () => {
    dialAsDatabase(makeZxid(1, 5));
    await until('a failure', () => stage.current.failures.length > 0);
    expect(stage.current.failures[0]).toContain('entries were lost');
  });
});
