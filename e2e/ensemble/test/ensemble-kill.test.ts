import { describe, expect, it } from 'vitest';
import { decodeText, watchChanges } from '@paddock/client';
import type { Change, Client } from '@paddock/client';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import type { ReplicaUnderTest } from '../src/replica-under-test.ts';
import { isLong } from '../src/extent.ts';
import { StateRecord } from '../src/state-record.ts';
import { WriteLoad } from '../src/write-load.ts';

const ENSEMBLES = [
  { voters: 3, split: false },
  ...(isLong
    ? [
        { voters: 5, split: false },
        { voters: 3, split: true },
      ]
    : []),
];
const ROUNDS = isLong ? 10 : 1;
const LEADER_KILLS = isLong ? 50 : 2;
const PACED = { outstanding: 4, paceMs: 2 };
/** One write of each at a time: their number makes the load. */
const CROWD = { outstanding: 1, paceMs: 10 };

/** Their sessions live on: nothing was false, and the pause was short. */
function expectNoFalseError(load: WriteLoad, states: StateRecord): void {
  expect(load.failures).toEqual([]);
  expect(states.seen).not.toContain('expired');
  expect(states.seen).not.toContain('lost');
}

/** Of one znode, until its data is `last`. */
async function changesOf(changes: AsyncIterable<Change>, last: string): Promise<number[]> {
  const zxids: number[] = [];
  for await (const change of changes) {
    if (change.kind !== 'nodeDataChanged') continue;
    zxids.push(change.zxid);
    if (change.data !== undefined && decodeText(change.data) === last) break;
  }
  return zxids;
}

async function endAll(clients: readonly Client[]): Promise<void> {
  await Promise.all(clients.map((client) => client.close()));
}

describe.each(ENSEMBLES)('of $voters replicas (split: $split) under write load,', (options) => {
  const shared = EnsembleUnderTest.shared(options);

  it('fifty clients of the followers notice of a kill -9 of the leader no more than a pause', async () => {
    const ensemble = shared();
    for (let kill = 0; kill < LEADER_KILLS; kill++) {
      const leader = await ensemble.leader();
      const survivors = ensemble.others(leader);
      const clients = await ensemble.clients(50, survivors, { sessionTimeoutMs: 20_000 });
      const states = new StateRecord(clients);
      const load = new WriteLoad(clients, { ...CROWD, root: `/kill-${kill}` });
      await load.start();
      await load.untilAcknowledged(10);
      await leader.end('SIGKILL');
      await load.untilAcknowledged(10);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(states.changes.flat()).toEqual([]);
      await load.verify(await ensemble.connect(survivors));
      await endAll(clients);
      await leader.start();
      await ensemble.untilServing();
    }
    await ensemble.untilEqual();
  }, 1_200_000);

  it('kill -9 of the leader, and of a follower: no client sees an error, each write ran once', async () => {
    const ensemble = shared();
    const clients = await ensemble.clients(6);
    const states = new StateRecord(clients);
    const load = new WriteLoad(clients, { ...PACED, root: '/in-turn' });
    await load.start();
    const watched = await ensemble.connect();
    const { zxid: from } = await watched.create('/watched', '0');
    const leader = await ensemble.leader();
    const servers = [leader, ...ensemble.others(leader)].map((it) => it.address);
    const changes = watchChanges('/watched', { servers, from, data: true });
    await changes.next();
    const told = changesOf(changes, 'at last');
    const fall = async (victim: ReplicaUnderTest | undefined): Promise<void> => {
      await watched.set('/watched', `before replica ${victim?.number ?? 0} is killed`);
      await load.untilAcknowledged(20);
      await victim?.end('SIGKILL');
      await load.untilAcknowledged(20);
      await victim?.start();
      await ensemble.untilServing();
    };
    for (let round = 0; round < ROUNDS; round++) {
      await fall(await ensemble.leader());
      await fall((await ensemble.followers())[0]);
    }
    const { stat } = await watched.set('/watched', 'at last');
    await load.stop();
    // P9: whichever replica tells of it, no change is missed, and none is told twice.
    const zxids = await told;
    expect(zxids).toHaveLength(stat.version);
    expect(zxids).toEqual([...new Set(zxids)].sort((a, b) => a - b));
    expectNoFalseError(load, states);
    await load.verify(await ensemble.connect());
    await ensemble.untilEqual();
  }, 1_200_000);

  it('a restart of each in turn: no client sees an error, each write ran once', async () => {
    const ensemble = shared();
    const clients = await ensemble.clients(6);
    const states = new StateRecord(clients);
    const load = new WriteLoad(clients, { ...PACED, root: '/rolling' });
    await load.start();
    for (const replica of ensemble.replicas) {
      await load.untilAcknowledged(20);
      await replica.end('SIGTERM');
      await load.untilAcknowledged(20);
      await replica.start();
      await ensemble.untilServing();
    }
    await load.untilAcknowledged(20);
    await load.stop();
    expectNoFalseError(load, states);
    await load.verify(await ensemble.connect());
    await ensemble.untilEqual();
  }, 600_000);

  it('a kill -9 of all at once loses no acknowledged write, and runs what was under way once', async () => {
    const ensemble = shared();
    const clients = await ensemble.clients(4, ensemble.replicas, { sessionTimeoutMs: 40_000 });
    const load = new WriteLoad(clients, { ...PACED, root: '/at-once' });
    await load.start();
    await load.untilAcknowledged(50);
    const before = load.total;
    await Promise.all(ensemble.replicas.map((it) => it.end('SIGKILL')));
    await ensemble.startAll();
    await load.untilAcknowledged(50);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.total).toBeGreaterThan(before);
    await load.verify(await ensemble.connect());
    await ensemble.untilEqual();
  }, 300_000);
});
