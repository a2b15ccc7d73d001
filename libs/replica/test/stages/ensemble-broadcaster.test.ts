import { decodeConfiguration, encodeConfiguration } from '@paddock/codec';
import { databaseBroadcasterBoundary, processorBroadcasterBoundary } from '@paddock/link-grpc';
import {
  EPOCH_ZERO,
  firstZxid,
  formatZxid,
  makeEpoch,
  makeTerm,
  makeZxid,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  DeliveryReply,
  DeliveryRequest,
  EnsembleConfiguration,
  LeaderMessage,
  LearnerMessage,
  LogEntry,
  Zxid,
} from '@paddock/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listed, ofKind, until } from './neighbours.ts';
import type { Conversation } from './neighbours.ts';
import { freeAddress, ScriptedBroadcaster } from './scripted-broadcaster.ts';
import { StageUnderTest } from './stage-under-test.ts';

const VOTERS = [1, 2, 3];
const EPOCH = makeEpoch(1);
const DATABASE = '127.0.0.1:9';
const NOTHING = new Uint8Array();

function entry(epoch: number, counter: number): LogEntry {
  return { zxid: makeZxid(epoch, counter), kind: 'data', payload: Uint8Array.of(counter) };
}

function delivered(database: Conversation<DeliveryRequest[], DeliveryReply>): string[] {
  return database.heard.flatMap((it) =>
    it.kind === 'entries' ? it.entries.map(({ zxid }) => formatZxid(zxid)) : [],
  );
}

describe('the broadcaster in an ensemble of three', () => {
  let stage = new StageUnderTest();
  let address = '';
  let two = scripted(2, '');
  let three = scripted(3, '');
  let others: ScriptedBroadcaster[] = [];

  function scripted(replica: number, at: string): ScriptedBroadcaster {
    const identity = { replica, incarnation: 10 * replica, clusterId: '', voters: VOTERS };
    return new ScriptedBroadcaster(identity, at);
  }

  async function start(): Promise<void> {
    const neighbours = { replicatedDatabase: DATABASE };
    await stage.start('zab-broadcaster', neighbours, { electionSpreadMs: 20 }, [
      { replica: 1, address },
      { replica: 2, address: two.address },
      { replica: 3, address: three.address },
    ]);
  }

  beforeEach(async () => {
    stage = new StageUnderTest();
    address = await freeAddress();
    two = scripted(2, await freeAddress());
    three = scripted(3, await freeAddress());
    others = [two, three];
  });
  afterEach(async () => {
    await stage.dispose();
    for (const other of others) other.stop();
  });

  function dialAsDatabase(applied: Zxid = ZXID_ZERO, configuration = NOTHING) {
    const { neighbours, identity } = stage;
    const database = neighbours.dial(databaseBroadcasterBoundary, address, listed<DeliveryReply>);
    const { replica, incarnation } = identity;
    const snapshot = ZXID_ZERO;
    database.say([{ kind: 'deliver', replica, incarnation, applied, snapshot, configuration }]);
    return database;
  }

  function dialAsProcessor(): Conversation<BroadcastRequest[], BroadcastReply> {
    const { neighbours } = stage;
    const processor = neighbours.dial(
      processorBroadcasterBoundary,
      address,
      listed<BroadcastReply>,
    );
    processor.say([{ kind: 'offer', processorAddress: DATABASE }]);
    return processor;
  }

  /** The configuration with which replica 2 would found the ensemble. */
  function founding(): LogEntry {
    const configuration: EnsembleConfiguration = {
      clusterId: 'of two',
      formatLevel: 1,
      version: 1,
      removed: [],
      members: [
        { replica: 1, incarnation: stage.identity.incarnation, role: 'voter', address },
        { replica: 2, incarnation: 20, role: 'voter', address: two.address },
        { replica: 3, incarnation: 30, role: 'voter', address: three.address },
      ],
    };
    const payload = encodeConfiguration(configuration);
    return { zxid: firstZxid(EPOCH), kind: 'configuration', payload };
  }

  /** Gets the stage's vote for the epoch, and is followed by it. */
  async function leadFrom(
    leader: ScriptedBroadcaster,
    epoch: number,
    lastZxid: Zxid,
  ): Promise<Conversation<LeaderMessage[], LearnerMessage>> {
    const asking = leader.askForVotes(stage.neighbours, address);
    const { identity } = await asking.next('how it stands', ofKind('state'));
    expect(identity.replica).toBe(1);
    const history = { currentEpoch: makeEpoch(epoch - 1), lastZxid };
    asking.say([{ kind: 'vote', epoch: makeEpoch(epoch), history }]);
    const answer = await asking.next('its vote', ofKind('voteAnswer'));
    expect(answer).toMatchObject({ epoch, granted: true, acceptedEpoch: epoch });
    leader.lead(makeEpoch(epoch));
    const learner = await leader.learner(leader.learners.length + 1);
    expect(await learner.next('who follows', ofKind('follow'))).toMatchObject({ replica: 1 });
    learner.say([{ kind: 'newEpoch', epoch: makeEpoch(epoch), databaseAddress: DATABASE }]);
    return learner;
  }

  it('says how many voters answer, and who does not', async () => {
    await start();
    dialAsDatabase();
    dialAsProcessor();
    await until('its neighbours', () => stage.waitingFor.length === 1);
    expect(stage.waitingFor).toEqual([
      `zab-broadcaster: every voter, to found the ensemble: 1 of 3 voters answers; ` +
        `no word from replica 2 at ${two.address}, replica 3 at ${three.address}`,
    ]);
    await two.start();
    await until('the answer of one', () => stage.waitingFor.join().includes('2 of 3 voters'));
  });

  it('founds the ensemble with the votes of all, and commits with a majority', async () => {
    for (const other of others) {
      other.grants = true;
      await other.start();
    }
    await start();
    const database = dialAsDatabase();
    const processor = dialAsProcessor();
    await until('that both voted', () => others.every(({ asked }) => asked.length > 0));
    const epoch = two.asked.at(-1) ?? EPOCH_ZERO;
    const learner = two.follow(stage.neighbours, address);
    const begun = await learner.next('its epoch', ofKind('newEpoch'));
    expect(begun.epoch).toBe(epoch);
    const nothing = { currentEpoch: EPOCH_ZERO, lastZxid: ZXID_ZERO };
    learner.say([{ kind: 'epochAccepted', epoch, history: nothing, isPromise: false }]);
    const { entries } = await learner.next('the founding entry', ofKind('entries'));
    expect(entries.map(({ kind }) => kind)).toEqual(['configuration']);
    const { clusterId, members } = decodeConfiguration(entries[0]?.payload ?? NOTHING);
    expect(clusterId).toBe(stage.identity.clusterId);
    expect(members.map(({ incarnation }) => incarnation)).toEqual([
      stage.identity.incarnation,
      20,
      30,
    ]);
    await learner.next('the end of its history', ofKind('newLeader'));
    expect(delivered(database)).toEqual([]);
    learner.say([{ kind: 'synchronized', epoch }]);
    await learner.next('the establishment', ofKind('upToDate'));
    const { term, lastProposed } = await processor.next('a term', ofKind('termGranted'));
    expect([term, lastProposed]).toEqual([makeTerm(epoch, 1), firstZxid(epoch)]);
    await until('that it serves', () => stage.isServing);
    const marker: LogEntry = { ...entry(epoch, 2), kind: 'termMarker' };
    processor.say([{ kind: 'propose', term, entries: [marker, entry(epoch, 3)] }]);
    await learner.next('the proposals', ofKind('entries'));
    expect(delivered(database)).toEqual([formatZxid(firstZxid(epoch))]);
    learner.say([{ kind: 'ack', zxid: makeZxid(epoch, 3) }]);
    await until('their delivery', () => delivered(database).length === 3);
  });

  it('follows a leader: what is not committed is durable, and not delivered', async () => {
    for (const other of others) await other.start();
    await start();
    const database = dialAsDatabase();
    const learner = await leadFrom(two, 1, ZXID_ZERO);
    await learner.next('its acceptance', ofKind('epochAccepted'));
    learner.say([
      { kind: 'entries', entries: [founding(), entry(1, 2)], committed: ZXID_ZERO },
      { kind: 'newLeader', epoch: EPOCH },
    ]);
    await learner.next('that it has all', ofKind('synchronized'));
    learner.say([{ kind: 'upToDate', committed: makeZxid(1, 2) }]);
    await until('its delivery', () => delivered(database).length === 2);
    learner.say([{ kind: 'entries', entries: [entry(1, 3)], committed: makeZxid(1, 2) }]);
    await until('its acknowledgement', () =>
      learner.heard.some((it) => it.kind === 'ack' && it.zxid === makeZxid(1, 3)),
    );
    learner.say([{ kind: 'heartbeat', round: 4, held: true }]);
    expect(await learner.next('its answer', ofKind('heartbeatAck'))).toMatchObject({ round: 4 });
    expect(delivered(database)).toEqual(['1.1', '1.2']);
    learner.say([{ kind: 'commit', zxid: makeZxid(1, 3) }]);
    await until('the third', () => delivered(database).length === 3);
  });

  it('cuts its tail for a later leader, also after a restart, and goes on behind it', async () => {
    for (const other of others) await other.start();
    await start();
    const first = await leadFrom(two, 1, ZXID_ZERO);
    await first.next('its acceptance', ofKind('epochAccepted'));
    first.say([
      { kind: 'entries', entries: [founding(), entry(1, 2)], committed: ZXID_ZERO },
      { kind: 'newLeader', epoch: EPOCH },
    ]);
    await first.next('that it has all', ofKind('synchronized'));
    first.say([
      { kind: 'upToDate', committed: makeZxid(1, 2) },
      { kind: 'entries', entries: [entry(1, 3), entry(1, 4)], committed: makeZxid(1, 2) },
    ]);
    await until('its acknowledgement', () =>
      first.heard.some((it) => it.kind === 'ack' && it.zxid === makeZxid(1, 4)),
    );
    await stage.stop();
    two.stop();
    three.stop();
    // Another leader, which has heard of 1.2 alone but leads a later epoch than that of 1.4.
    const identity = { ...three.identity, clusterId: 'of two' };
    three = new ScriptedBroadcaster(identity, three.address);
    others = [three];
    await three.start();
    await start();
    const database = dialAsDatabase();
    const second = await leadFrom(three, 4, makeZxid(3, 1));
    const { history } = await second.next('its acceptance', ofKind('epochAccepted'));
    expect(history).toEqual({ currentEpoch: 1, lastZxid: makeZxid(1, 4) });
    second.say([{ kind: 'truncate', after: makeZxid(1, 2) }]);
    const { lastZxid } = await second.next('where it ends', ofKind('position'));
    expect(lastZxid).toBe(makeZxid(1, 2));
    second.say([
      { kind: 'entries', entries: [entry(3, 1)], committed: makeZxid(1, 2) },
      { kind: 'newLeader', epoch: makeEpoch(4) },
    ]);
    await second.next('that it has all', ofKind('synchronized'));
    second.say([{ kind: 'upToDate', committed: makeZxid(3, 1) }]);
    await until('its delivery', () => delivered(database).length === 3);
    expect(delivered(database)).toEqual(['1.1', '1.2', '3.1']);
    second.say([{ kind: 'entries', entries: [entry(4, 1)], committed: makeZxid(3, 1) }]);
    await until('its acknowledgement', () =>
      second.heard.some((it) => it.kind === 'ack' && it.zxid === makeZxid(4, 1)),
    );
    // What is on disk says the same, up to the commit point that was recorded (H9).
    await stage.stop();
    await start();
    const again = dialAsDatabase();
    await until('its delivery', () => delivered(again).length === 3);
    expect(delivered(again)).toEqual(['1.1', '1.2', '3.1']);
    expect(stage.failures).toEqual([]);
  });
});
