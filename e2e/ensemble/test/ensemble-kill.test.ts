import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import type { ReplicaUnderTest } from '../src/replica-under-test.ts';
import { isLong } from '../src/extent.ts';
import { StateRecord } from '../src/state-record.ts';
import { WriteLoad } from '../src/write-load.ts';

const SIZES = isLong ? [3, 5] : [3];
const ROUNDS = isLong ? 10 : 2;
const PACED = { outstanding: 4, paceMs: 2 };

/** Their sessions live on: nothing was false, and the pause was short. */
function expectNoFalseError(load: WriteLoad, states: StateRecord): void {
  expect(load.failures).toEqual([]);
  expect(states.seen).not.toContain('expired');
  expect(states.seen).not.toContain('lost');
}

describe.each(SIZES)('of %d replicas under write load,', (voters) => {
  it('kill -9 of the leader, and of a follower: no client sees an error, each write ran once', async () => {
    const ensemble = await EnsembleUnderTest.start({ voters });
    const clients = await ensemble.clients(6);
    const states = new StateRecord(clients);
    const load = new WriteLoad(clients, PACED);
    await load.start();
    const fall = async (victim: ReplicaUnderTest | undefined): Promise<void> => {
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
    await load.stop();
    expectNoFalseError(load, states);
    await load.verify(await ensemble.connect());
    await ensemble.untilEqual();
  }, 600_000);

  it('a restart of each in turn: no client sees an error, each write ran once', async () => {
    const ensemble = await EnsembleUnderTest.start({ voters });
    const clients = await ensemble.clients(6);
    const states = new StateRecord(clients);
    const load = new WriteLoad(clients, PACED);
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
});

describe('an ensemble of which every replica is killed at once', () => {
  it('has every acknowledged write when it is back, and runs what was under way once', async () => {
    const ensemble = await EnsembleUnderTest.start({ voters: 3 });
    const clients = await ensemble.clients(4, ensemble.replicas, { sessionTimeoutMs: 40_000 });
    const load = new WriteLoad(clients, PACED);
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
