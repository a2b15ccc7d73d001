// What has gone wrong again and again in clients of such services, each as a test that would show it.
import { decodeText, PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { election, lock } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import { startEnsemble } from '../src/index.ts';
import type { TestEnsemble } from '../src/index.ts';

const SESSION = { sessionTimeoutMs: 4000 };

async function clients(ensemble: TestEnsemble, count: number): Promise<readonly Client[]> {
  return Promise.all(Array.from({ length: count }, () => ensemble.connect(SESSION)));
}

/** The clock goes on in small steps, and somebody looks at each. */
async function step(ensemble: TestEnsemble, durationMs: number, look: () => void): Promise<void> {
  const untilMs = ensemble.nowMs + durationMs;
  while (ensemble.nowMs < untilMs) {
    await ensemble.advance(50);
    look();
  }
}

/** Those who still wait fail when the ensemble is stopped. */
function ignore(): void {}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof PaddockError ? error.code : String(error);
  }
}

describe('a famous mistake is not made', () => {
  it('two leaders after a reconnection: who comes back late does not lead, and is refused', async () => {
    await using ensemble = await startEnsemble({ replicas: 3 });
    const [one, other] = await clients(ensemble, 2);
    if (one === undefined || other === undefined) throw new TypeError('there are no clients');
    const first = await election(one, '/leader').campaign();
    await first.client.set('/state', 'first', { upsert: true });
    const next = election(other, '/leader').campaign();
    let second: Awaited<typeof next> | null = null;
    void next.then((it) => (second = it), ignore);
    ensemble.isolate(one);
    let both = 0;
    await step(ensemble, 20_000, () => (both += first.isHeld && second?.isHeld === true ? 1 : 0));
    ensemble.heal();
    await step(ensemble, 5000, () => (both += first.isHeld && second?.isHeld === true ? 1 : 0));
    expect(both).toBe(0);
    const led = await next;
    expect(led.isHeld).toBe(true);
    await led.client.set('/state', 'second');
    expect(await codeOf(first.client.set('/state', 'late'))).toMatch(/sessionExpired|guardFailed/);
    expect(decodeText((await other.get('/state')).data)).toBe('second');
  });

  it('leadership that is noticed late: its loss is told before another one can lead', async () => {
    await using ensemble = await startEnsemble({ replicas: 3 });
    const [one, other] = await clients(ensemble, 2);
    if (one === undefined || other === undefined) throw new TypeError('there are no clients');
    const first = await election(one, '/leader').campaign();
    let lostMs = Infinity;
    let ledMs = Infinity;
    first.signal.addEventListener('abort', () => (lostMs = ensemble.nowMs));
    void election(other, '/leader')
      .campaign()
      .then(() => (ledMs = ensemble.nowMs), ignore);
    await ensemble.advance(500);
    ensemble.isolate(one);
    await ensemble.advance(20_000);
    expect(lostMs).toBeLessThan(ledMs);
    expect(ledMs).toBeLessThan(Infinity);
  });

  it('a lock that is granted to a session which has expired while it waited', async () => {
    await using ensemble = await startEnsemble({ replicas: 3 });
    const [holder, waiting, last] = await clients(ensemble, 3);
    if (holder === undefined || waiting === undefined || last === undefined) throw new TypeError();
    const held = await lock(holder, '/lock').acquire();
    const expired = codeOf(lock(waiting, '/lock').acquire());
    await ensemble.advance(500);
    const next = lock(last, '/lock').acquire();
    await ensemble.advance(500);
    await ensemble.expire(waiting);
    expect(await expired).toBe('sessionExpired');
    expect(held.isHeld).toBe(true);
    await held.release();
    expect((await next).isHeld).toBe(true);
  });

  it('a herd of a thousand: each watches one, and a release wakes one', async () => {
    await using ensemble = await startEnsemble();
    const [holder, ...others] = await clients(ensemble, 21);
    if (holder === undefined) throw new TypeError('there is no client');
    const held = await lock(holder, '/lock').acquire();
    let granted = 0;
    for (const client of others) {
      for (let i = 0; i < 50; i++) {
        void lock(client, '/lock')
          .acquire()
          .then(() => granted++, ignore);
      }
    }
    await ensemble.advance(10_000);
    const lists = await Promise.all(others.map((it) => it.watches('/lock')));
    expect(lists.reduce((sum, { watches }) => sum + watches.length, 0)).toBe(1000);
    await held.release();
    await ensemble.advance(5000);
    expect(granted).toBe(1);
  });

  it('a change that is lost between a read and its watch', async () => {
    await using ensemble = await startEnsemble({ replicas: 3 });
    const [writer, reader] = await clients(ensemble, 2);
    if (writer === undefined || reader === undefined) throw new TypeError('there are no clients');
    await writer.create('/watched', '0');
    let seen = '';
    const look = async (): Promise<void> => {
      const { data } = await reader.get('/watched', { watch: () => void look().catch(ignore) });
      seen = decodeText(data);
    };
    await look();
    for (let i = 1; i <= 300; i++) {
      const written = writer.set('/watched', String(i));
      if (i % 50 === 0) ensemble.disconnect(reader);
      if (i % 3 === 0) await written;
    }
    await writer.sync();
    await ensemble.advance(5000);
    expect(seen).toBe('300');
  });

  it('a creation that is repeated after its reply was lost', async () => {
    await using ensemble = await startEnsemble({ replicas: 3 });
    const [client] = await clients(ensemble, 1);
    if (client === undefined) throw new TypeError('there is no client');
    await client.create('/jobs');
    const made: Promise<string>[] = [];
    for (let i = 0; i < 200; i++) {
      const creation = client.create('/jobs/job-', '', { mode: 'persistentSequential' });
      made.push(creation.then(({ path }) => path));
      await ensemble.advance(3);
      if (i % 20 === 10) ensemble.disconnect(client);
      if (i === 100) ensemble.kill(ensemble.leader);
    }
    const paths = await Promise.all(made);
    expect(new Set(paths).size).toBe(200);
    expect((await client.list('/jobs')).children).toHaveLength(200);
  });
});
