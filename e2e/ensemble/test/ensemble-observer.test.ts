import { setTimeout as sleep } from 'node:timers/promises';
import { decodeText } from '@paddock/client';
import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { eventually } from '../src/eventually.ts';

describe('an observer', () => {
  const shared = EnsembleUnderTest.shared({ voters: 3, observers: 1 });

  it('serves reads and takes writes, and makes no quorum with one voter of three', async () => {
    const ensemble = shared();
    const observer = ensemble.replica(4);
    expect((await ensemble.statusOf(observer)).broadcaster.role).toBe('observer');
    const here = await ensemble.connect([observer], { sessionTimeoutMs: 40_000 });
    await here.create('/observed', 'by the observer');
    expect(decodeText((await here.get('/observed')).data)).toBe('by the observer');

    const leader = await ensemble.leader();
    const followers = ensemble.others(leader).filter((it) => it !== observer);
    await Promise.all(followers.map((it) => it.end('SIGKILL')));
    let isWritten = false;
    const written = here.set('/observed', 'with a quorum').then(() => (isWritten = true));
    await eventually('the leader has stepped down', async () => {
      const { role } = (await ensemble.statusOf(leader)).broadcaster;
      if (role === 'leader') throw new Error('it leads');
    });
    await sleep(3000);
    expect(isWritten).toBe(false);
    const [first, second] = followers;
    await first?.start();
    await written;
    expect((await here.get('/observed')).stat.version).toBe(1);
    await second?.start();
    await ensemble.untilServing();
    expect((await ensemble.statusOf(observer)).broadcaster.role).toBe('observer');
    await ensemble.untilEqual();
  }, 180_000);

  it('that is stopped or wiped costs nobody anything, and catches up', async () => {
    const ensemble = shared();
    const observer = ensemble.replica(4);
    const client = await ensemble.connect(ensemble.others(observer));
    await client.create('/written');
    for (const wipes of [false, true]) {
      await observer.end('SIGKILL');
      if (wipes) observer.wipe();
      await Promise.all(Array.from({ length: 1000 }, () => client.set('/written', 'more')));
      await observer.start();
      await ensemble.untilServing();
      await ensemble.untilEqual();
    }
    expect(client.state).toBe('connected');
  }, 180_000);
});
