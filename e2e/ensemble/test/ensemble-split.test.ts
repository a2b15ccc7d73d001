import { setTimeout as sleep } from 'node:timers/promises';
import { decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import type { StageName } from '@paddock/node-runtime';
import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { isLong } from '../src/extent.ts';
import type { ReplicaUnderTest } from '../src/replica-under-test.ts';
import { StateRecord } from '../src/state-record.ts';
import { WriteLoad } from '../src/write-load.ts';

const PACED = { outstanding: 4, paceMs: 5 };
/** Fifty clients with one write each under way. */
const CROWD = { outstanding: 1, paceMs: 10 };
const HERE = 10;
const ELSEWHERE = 40;
const STOPPED_MS = 3000;
const ROUNDS = isLong ? 5 : 1;

interface Watched {
  readonly load: WriteLoad;
  /** Clients whose front-end is the replica's of which a stage dies, and the others. */
  readonly here: StateRecord;
  readonly elsewhere: StateRecord;
}

/** Kills one stage under load and starts it again, as a supervisor would. */
async function killUnderLoad(
  ensemble: EnsembleUnderTest,
  victim: ReplicaUnderTest,
  stage: StageName,
): Promise<Watched> {
  const others = ensemble.others(victim);
  const atVictim: Client[] = [];
  // A client draws whom it dials first: drawn until it is the one wanted.
  while (atVictim.length < HERE) {
    const client = await ensemble.connect([victim, ...others], { sessionTimeoutMs: 20_000 });
    const { connections } = await victim.status();
    if (connections === atVictim.length + 1) atVictim.push(client);
    else await client.close();
  }
  const atOthers = await ensemble.clients(ELSEWHERE, others, { sessionTimeoutMs: 20_000 });
  const here = new StateRecord(atVictim);
  const elsewhere = new StateRecord(atOthers);
  const load = new WriteLoad([...atVictim, ...atOthers], { ...CROWD, root: `/${stage}` });
  await load.start();
  for (let round = 0; round < ROUNDS; round++) {
    await load.untilAcknowledged(20);
    await victim.endStage(stage, 'SIGKILL');
    await victim.startStage(stage);
    await load.untilAcknowledged(20);
    await ensemble.untilServing();
  }
  await load.stop();
  expect(load.failures).toEqual([]);
  await load.verify(await ensemble.connect());
  await ensemble.untilEqual();
  return { load, here, elsewhere };
}

describe('three replicas of four processes each', () => {
  const shared = EnsembleUnderTest.shared({ voters: 3, split: true });

  it('show at each what was written at any', async () => {
    const ensemble = shared();
    const clients = await Promise.all(ensemble.replicas.map((it) => ensemble.connect([it])));
    for (const [index, writer] of clients.entries()) {
      const { zxid } = await writer.create(`/by-${index}`, `from ${index}`);
      for (const reader of clients) {
        const read = await reader.get(`/by-${index}`, { atLeast: zxid });
        expect(decodeText(read.data)).toBe(`from ${index}`);
      }
    }
  }, 180_000);

  it("H17: the death of the leader's processor is not its clients' business", async () => {
    const ensemble = shared();
    const watched = await killUnderLoad(ensemble, await ensemble.leader(), 'request-processor');
    expect(watched.here.changes.flat()).toEqual([]);
    expect(watched.elsewhere.changes.flat()).toEqual([]);
  }, 300_000);

  it("H18, H25: the death of the leader's database sends its clients elsewhere at most", async () => {
    const ensemble = shared();
    const watched = await killUnderLoad(ensemble, await ensemble.leader(), 'replicated-database');
    for (const changes of watched.here.changes) {
      expect([[], ['suspended', 'connected']]).toContainEqual(changes);
    }
    expect(watched.elsewhere.changes.flat()).toEqual([]);
  }, 300_000);

  it("the death of a follower's front-end sends its clients elsewhere, with their sessions", async () => {
    const ensemble = shared();
    const [follower] = await ensemble.followers();
    if (follower === undefined) throw new Error('no follower');
    const watched = await killUnderLoad(ensemble, follower, 'session-frontend');
    for (const changes of watched.here.changes) {
      expect(changes.slice(0, 2)).toEqual(['suspended', 'connected']);
      expect(changes).not.toContain('expired');
    }
    expect(watched.elsewhere.changes.flat()).toEqual([]);
  }, 300_000);

  it("the death of the leader's broadcaster, the stop and the death of all four, are pauses", async () => {
    const ensemble = shared();
    const clients = await ensemble.clients(6);
    const states = new StateRecord(clients);
    const load = new WriteLoad(clients, { ...PACED, root: '/killed' });
    await load.start();
    await load.untilAcknowledged(20);
    const first = await ensemble.leader();
    await first.endStage('zab-broadcaster', 'SIGKILL');
    await load.untilAcknowledged(20);
    await first.startStage('zab-broadcaster');
    await ensemble.untilServing();
    const second = await ensemble.leader();
    second.signal('SIGSTOP');
    await Promise.all([sleep(STOPPED_MS), ensemble.leader(ensemble.others(second))]);
    second.signal('SIGCONT');
    await load.untilAcknowledged(20);
    await ensemble.untilServing();
    const third = await ensemble.leader();
    await third.end('SIGKILL');
    await load.untilAcknowledged(20);
    await third.start();
    await ensemble.untilServing();
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(states.seen).not.toContain('expired');
    await load.verify(await ensemble.connect());
    await ensemble.untilEqual();
  }, 300_000);
});
