import { semaphore } from '@paddock/recipes';
import type { Semaphore } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../src/recipes/application.ts';
import { failure } from './failure.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATH = '/licences';

function semaphoreOf({ client, name }: Application): Semaphore {
  return semaphore(client, PATH, { leases: 3, data: name });
}

describe('a semaphore', () => {
  it('is held by so many at a time, and by everybody in the end', async () => {
    const ensemble = await QuietEnsemble.start();
    let inside = 0;
    let most = 0;
    const turns = ensemble.applications(12).map((application) =>
      semaphoreOf(application).run(async () => {
        most = Math.max(most, ++inside);
        await application.sleep(100);
        inside--;
      }),
    );
    await ensemble.until(Promise.all(turns));
    expect(most).toBe(3);
  });

  it('wakes one of all who wait where a lease is given back, and it is the first', async () => {
    const ensemble = await QuietEnsemble.start();
    const holders = ensemble.applications(3);
    const held = await ensemble.until(Promise.all(holders.map((it) => semaphoreOf(it).acquire())));
    const order: string[] = [];
    for (const application of ensemble.applications(40)) {
      void semaphoreOf(application)
        .acquire()
        .then(() => order.push(application.name));
      await ensemble.pass(20);
    }
    await ensemble.pass(2000);
    const before = ensemble.eventsTold;
    await ensemble.until(held[1]?.release() ?? Promise.resolve());
    await ensemble.pass(5000);
    expect(order).toEqual(['application 4']);
    // The lease, to its holder and to the first in line; its place in line, to the next one.
    expect(ensemble.eventsTold - before).toBeLessThanOrEqual(6);
  });

  it('has the leases of those again who have died', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, ...others] = ensemble.applications(4);
    if (first === undefined) throw new Error();
    for (const it of [first, ...others.slice(1)]) await ensemble.until(semaphoreOf(it).acquire());
    const next = semaphoreOf(others[0] ?? first).acquire();
    await ensemble.pass(500);
    first.vanish();
    expect((await ensemble.until(next)).isHeld).toBe(true);
  });

  it('is not waited for by who only tries, and leaves nothing behind of who gives up', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, ...others] = ensemble.applications(4);
    if (first === undefined) throw new Error();
    for (const it of others) await ensemble.until(semaphoreOf(it).acquire());
    expect(await ensemble.until(semaphoreOf(first).tryAcquire())).toBe(null);
    const attempt = failure(semaphoreOf(first).acquire({ timeoutMs: 300 }));
    expect(await ensemble.until(attempt)).toBe('operationTimeout');
    await ensemble.pass(500);
    const { paths } = await ensemble.until(first.client.ephemerals(PATH));
    expect(paths).toEqual([]);
  });
});
