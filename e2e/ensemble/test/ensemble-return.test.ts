import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@paddock/client';
import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { eventually } from '../src/eventually.ts';
import type { ReplicaUnderTest } from '../src/replica-under-test.ts';

const LONG_ABSENCE = 100_000;
const PIPELINED = 5000;

async function write(client: Client, path: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += PIPELINED) {
    const batch = Math.min(PIPELINED, count - done);
    await Promise.all(Array.from({ length: batch }, (_, n) => client.set(path, String(done + n))));
  }
}

function incarnationOf(
  { configuration }: { configuration: { members: readonly Member[] } | null },
  replica: ReplicaUnderTest,
): number | undefined {
  return configuration?.members.find((it) => it.replica === replica.number)?.incarnation;
}

interface Member {
  readonly replica: number;
  readonly incarnation: number;
}

describe('a follower that comes back', () => {
  const shared = EnsembleUnderTest.shared({ voters: 3 });

  it('with a prefix of the log is brought up to the rest', async () => {
    const ensemble = shared();
    const [follower] = await ensemble.followers();
    const client = await ensemble.connect();
    await client.create('/prefix');
    await write(client, '/prefix', 500);
    await follower?.end('SIGKILL');
    await write(client, '/prefix', 3000);
    await follower?.start();
    await ensemble.untilServing();
    await ensemble.untilEqual();
  }, 180_000);

  it('with nothing is no voter until it is admitted, and then votes', async () => {
    const ensemble = shared();
    const [wiped, other] = await ensemble.followers();
    const leader = await ensemble.leader();
    if (wiped === undefined || other === undefined) throw new Error('no followers');
    const client = await ensemble.connect([leader], { sessionTimeoutMs: 40_000 });
    await client.create('/kept', 'acknowledged');
    await write(client, '/kept', 500);
    const before = incarnationOf((await ensemble.statusOf(leader)).broadcaster, wiped);
    await Promise.all([wiped.end('SIGKILL'), other.end('SIGKILL')]);
    let isWritten = false;
    const written = client.set('/kept', 'late').then(() => (isWritten = true));
    // Before that it would bring the empty one up to its history, which still would be no voter.
    await eventually('the leader has stepped down', async () => {
      const { broadcaster } = await ensemble.statusOf(leader);
      if (broadcaster.role === 'leader') throw new Error('it leads');
    });
    wiped.wipe();
    await wiped.start();
    // The leader that was and an empty disk are two of three, and no quorum (H7).
    await sleep(3000);
    expect(isWritten).toBe(false);
    expect((await wiped.waitingFor()).length).toBeGreaterThan(0);
    expect((await ensemble.statusOf(wiped)).broadcaster.committed).toBe('0.0');

    await other.start();
    await ensemble.untilServing();
    await written;
    await eventually('the new incarnation is a voter everywhere', async () => {
      for (const replica of ensemble.replicas) {
        const { broadcaster } = await ensemble.statusOf(replica);
        const now = incarnationOf(broadcaster, wiped);
        if (now === before || now === 0) throw new Error(`replica ${replica.number} has the old`);
      }
    });
    await ensemble.untilEqual();
    // It counts from here on: without it there would be no quorum.
    await other.end('SIGKILL');
    await client.set('/kept', 'by the admitted');
    await other.start();
    await ensemble.untilServing();
    await ensemble.untilEqual();
  }, 300_000);

  it('with a tail that nobody else has cuts it off, and its clients still get each write done once', async () => {
    const ensemble = shared();
    const leader = await ensemble.leader();
    const others = ensemble.others(leader);
    const [client, elsewhere] = await Promise.all([
      ensemble.connect([leader], { sessionTimeoutMs: 40_000 }),
      ensemble.connect(others),
    ]);
    await client.create('/log');
    await elsewhere.create('/counter');
    for (const { number } of others) {
      ensemble.network.stall(leader.number, number);
      ensemble.network.stall(number, leader.number);
    }
    const mode = 'persistentSequential' as const;
    const creations = Array.from({ length: 200 }, (_, n) =>
      client.create('/log/entry-', String(n), { mode }),
    );
    const tail = await eventually('the leader has logged what cannot be committed', async () => {
      const { durable, committed } = (await ensemble.statusOf(leader)).broadcaster;
      if (durable === committed) throw new Error(durable);
      return durable;
    });
    await leader.end('SIGKILL');
    const successor = await ensemble.leader(others);
    await write(elsewhere, '/counter', 500);
    ensemble.network.heal();
    await leader.start();
    await ensemble.untilServing();
    const paths = (await Promise.all(creations)).map(({ path }) => path);
    expect(new Set(paths).size).toBe(200);
    const { children } = await elsewhere.list('/log', { consistency: { kind: 'linearizable' } });
    expect(children).toHaveLength(200);
    expect(tail).not.toBe('0.0');
    expect(successor.hasSaid('a learner cuts off what was never committed')).toBe(true);
    await ensemble.untilEqual();
  }, 180_000);

  it(`${LONG_ABSENCE} transactions later is sent a snapshot, as the log does not reach so far back`, async () => {
    const ensemble = await EnsembleUnderTest.start({
      voters: 3,
      limits: {
        snapshotTransactions: LONG_ABSENCE / 10,
        snapshotsKept: 1,
        segmentBytes: 128 * 1024,
        eventHistory: 1024,
      },
    });
    const [absent] = await ensemble.followers();
    if (absent === undefined) throw new Error('no follower');
    const client = await ensemble.connect(ensemble.others(absent));
    await client.create('/counter');
    await Promise.all(
      Array.from({ length: 2000 }, (_, n) => client.create(`/znode-${n}`, 'x'.repeat(100))),
    );
    await absent.end('SIGTERM');
    await write(client, '/counter', LONG_ABSENCE);
    await absent.start();
    await ensemble.untilServing();
    const { znodes } = await ensemble.untilEqual();
    expect(znodes).toBe(2002);
    expect(absent.hasSaid('a snapshot is fetched')).toBe(true);
    const here = await ensemble.connect([absent]);
    expect((await here.get('/counter')).stat.version).toBe(LONG_ABSENCE);
  }, 300_000);
});
