import { decodeTermMarker } from '@paddock/codec';
import { describe, expect, it } from 'vitest';
import { COUNTER_MAX, makeTerm, makeZxid } from '@paddock/model';
import { NaiveDatabase } from './naive-database.ts';
import { ADDRESS, Connection, servedWith, Stage, TERM } from './stage.ts';

const BEFORE = makeZxid(1, 50);
const LATER = makeTerm(1, 2);
const NEXT_EPOCH = makeTerm(2, 1);

describe('a term', () => {
  it('is asked for when a broadcaster is connected', () => {
    const stage = new Stage();
    stage.connect();
    expect(stage.broadcasts).toEqual([{ kind: 'offer', processorAddress: ADDRESS }]);
  });

  it('H1 a: is not served before the database has applied what was proposed before it', () => {
    const behind = new NaiveDatabase(makeZxid(1, 49));
    const stage = new Stage({}, behind);
    stage.connect();
    stage.grant(NEXT_EPOCH, BEFORE);
    stage.answerAll();
    expect(stage.lookUps.every((it) => it.floor === BEFORE)).toBe(true);
    expect(stage.core.status().phase).toBe('loading');
    expect(stage.entries).toEqual([]);
    behind.applied = BEFORE;
    stage.answerAll();
    expect(stage.core.status().phase).toBe('serving');
  });

  it('begins with its marker, which names the processor: the next zxid of the same epoch', () => {
    const stage = new Stage({}, new NaiveDatabase(BEFORE));
    stage.serve(LATER);
    const [marker, ...rest] = stage.entries;
    expect(rest).toEqual([]);
    expect(marker).toMatchObject({ kind: 'termMarker', zxid: makeZxid(1, 51) });
    const told = decodeTermMarker(marker?.payload ?? new Uint8Array());
    expect(told).toEqual({ term: LATER, processorAddress: ADDRESS });
  });

  it('begins with the first zxid of a newer epoch', () => {
    const stage = new Stage({}, new NaiveDatabase(BEFORE));
    stage.serve(NEXT_EPOCH);
    expect(stage.entries.map((it) => it.zxid)).toEqual([makeZxid(2, 1)]);
  });

  it('reads a session table of many pages', () => {
    const database = new NaiveDatabase(BEFORE);
    for (let i = 1; i <= 2500; i++) {
      const { session, secretHash, attachment } = new Connection(i);
      const row = { session, secretHash, attachment, timeoutMs: 10_000 };
      database.sessions.set(session, { ...row, lastSequence: 3, ephemeralBytes: 0 });
    }
    const stage = new Stage({}, database).serve(NEXT_EPOCH);
    expect(stage.core.status().sessions).toBe(2500);
    const connection = new Connection(2500, undefined, 4);
    stage.send(connection.create('/a'));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['createZnode']);
  });

  it('H1 b: gives no zxid twice when a processor starts anew within an epoch', () => {
    const first = servedWith(new Connection(1));
    const connection = new Connection(1);
    first.send(connection.create('/a'), connection.create('/b'));
    first.answerAll();
    const { database } = first;
    database.applyNext(1);
    const second = new Stage({}, database);
    second.connect();
    const lastProposed = database.log.at(-1)?.zxid ?? BEFORE;
    second.grant(LATER, lastProposed);
    second.answerAll();
    expect(second.entries).toEqual([]);
    second.settle();
    expect(second.entries.map((it) => it.zxid)).toEqual([lastProposed + 1]);
    second.send(connection.create('/c'));
    second.settle();
    expect(second.takeOutcomes()).toEqual(['createZnode']);
  });

  it('H1 c: refuses batches of another term and says which one is served', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.sendInTerm(LATER, connection.create('/a'));
    const current = { term: TERM, processorAddress: ADDRESS };
    expect(stage.takeReplies()).toEqual([{ kind: 'termRefused', current }]);
    expect(stage.core.status().queuedRequests).toBe(0);
  });

  it('H1 c: that ended takes everything along, queued writes and sessions, and refuses', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'));
    const late = stage.takeAnswer();
    stage.fromBroadcaster({ kind: 'termEnded', term: TERM, reason: 'not the leader' });
    stage.databaseSays(late);
    stage.send(connection.create('/b'));
    expect(stage.takeOutcomes()).toEqual([]);
    expect(stage.takeReplies()).toEqual([{ kind: 'termRefused', current: null }]);
    expect(stage.core.status()).toMatchObject({ phase: 'waiting', sessions: 0, overlayZnodes: 0 });
    expect(stage.events.map((it) => it.message)).toEqual(['term ended']);
  });

  it('H1: leaves no look-up behind that waits for what was lost with it', () => {
    const stage = new Stage();
    stage.connect();
    const never = makeZxid(1, 40);
    stage.grant(TERM, never);
    expect(stage.lookUps.map((it) => it.floor)).toEqual([never, never]);
    stage.breakBroadcaster();
    expect(stage.closings).toMatchObject([{ link: stage.databaseLink, end: { cause: 'closed' } }]);
    stage.connectBroadcaster();
    stage.grant(NEXT_EPOCH, stage.database.applied);
    stage.connectDatabase();
    stage.settle();
    expect(stage.core.status().phase).toBe('serving');
  });

  it('H1 c: ends with the link to the broadcaster, and another one is offered anew', () => {
    const stage = servedWith(new Connection(1));
    stage.breakBroadcaster();
    expect(stage.core.status().phase).toBe('waiting');
    stage.connectBroadcaster();
    expect(stage.broadcasts).toEqual([{ kind: 'offer', processorAddress: ADDRESS }]);
  });

  it('takes no word of a broadcaster that was replaced', () => {
    const stage = servedWith(new Connection(1));
    stage.fromBroadcaster({ kind: 'termEnded', term: TERM, reason: 'late' }, 99);
    expect(stage.core.status().phase).toBe('serving');
  });

  it('granted anew is built from the database, not from what the one before knew', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'));
    stage.answerAll();
    // The proposal was lost with the old leader: the database never applies it.
    stage.database.log.pop();
    stage.grant(NEXT_EPOCH, stage.database.applied);
    stage.settle();
    stage.takeOutcomes();
    stage.send(connection.write({ kind: 'refused', code: 'noAuth', reason: '' }, 1));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['noAuth']);
  });

  it('whose zxids run out accepts nothing more and says so once', () => {
    const database = new NaiveDatabase(makeZxid(1, COUNTER_MAX - 3));
    const stage = new Stage({}, database).serve(LATER);
    const connection = new Connection(1);
    stage.send(connection.open());
    stage.settle();
    stage.send(connection.create('/a'), connection.create('/b'), connection.create('/c'));
    stage.settle();
    stage.tick();
    expect(stage.entries.at(-1)?.zxid).toBe(makeZxid(1, COUNTER_MAX));
    expect(stage.core.wantsRequests()).toBe(false);
    const errors = stage.events.filter((it) => it.level === 'error');
    expect(errors).toHaveLength(1);
    expect(stage.core.status().queuedRequests).toBe(2);
  });
});
