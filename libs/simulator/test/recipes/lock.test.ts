import { decodeText, PaddockError } from '@paddock/client';
import { election, lock, LockLostError } from '@paddock/recipes';
import type { Election, Held, Lock } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../src/recipes/application.ts';
import { failure } from './failure.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATH = '/jobs/nightly';

function mutexOf({ client, name }: Application): Lock {
  return lock(client, PATH, { data: name });
}

describe('a lock', () => {
  it('is held by one at a time, in the order in which they have asked', async () => {
    const ensemble = await QuietEnsemble.start();
    const order: string[] = [];
    let inside = 0;
    const turns = [];
    for (const application of ensemble.applications(5)) {
      turns.push(
        mutexOf(application).run(async () => {
          expect(++inside).toBe(1);
          order.push(application.name);
          await application.sleep(100);
          inside--;
        }),
      );
      await ensemble.pass(50);
    }
    await ensemble.until(Promise.all(turns));
    expect(order).toEqual([1, 2, 3, 4, 5].map((number) => `application ${number}`));
  });

  it('is taken and left by a client whose calls have no time at all', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, second] = [ensemble.application(), ensemble.application()];
    const hasty = first.client.with({ deadlineMs: 1 });
    expect(await ensemble.until(failure(hasty.sync()))).toBe('operationTimeout');
    const held = await ensemble.until(lock(hasty, PATH).acquire());
    const next = mutexOf(second).acquire();
    await ensemble.until(held.release());
    await ensemble.until((await ensemble.until(next)).release());
  });

  it('costs a hundred who wait one watch each, and wakes one of them at a release', async () => {
    const ensemble = await QuietEnsemble.start();
    const [holder, ...waiting] = ensemble.applications(101);
    if (holder === undefined) throw new Error('there is nobody');
    const held = await ensemble.until(mutexOf(holder).acquire());
    let granted = 0;
    for (const application of waiting) {
      void mutexOf(application)
        .acquire()
        .then(() => granted++);
    }
    await ensemble.pass(5000);
    const watches = await ensemble.until(holder.client.watches(PATH));
    expect(watches.watches).toHaveLength(1);
    const before = ensemble.eventsTold;
    await ensemble.until(held.release());
    await ensemble.pass(5000);
    expect(granted).toBe(1);
    // The one who has waited, and the holder, who watches its own.
    expect(ensemble.eventsTold - before).toBeLessThanOrEqual(2);
  });

  it('passes over one who dies in the middle of the line', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, second, third] = ensemble.applications(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    const held = await ensemble.until(mutexOf(first).acquire());
    void failure(mutexOf(second).acquire());
    await ensemble.pass(100);
    const last = mutexOf(third).acquire();
    await ensemble.pass(100);
    second.vanish();
    await ensemble.pass(20_000);
    expect(held.isHeld).toBe(true);
    await ensemble.until(held.release());
    expect((await ensemble.until(last)).isHeld).toBe(true);
  });

  it('is lost, as its signal says, before somebody else can have it', async () => {
    const { ensemble, first, held, next } = await contended();
    let lostMs = Infinity;
    held.signal.addEventListener('abort', () => (lostMs = ensemble.world.time.nowMs));
    // It goes on, and can reach nobody.
    ensemble.isolate(first);
    await ensemble.until(next);
    expect(held.signal.reason).toBeInstanceOf(LockLostError);
    expect(lostMs).toBeLessThan(ensemble.world.time.nowMs);
  });

  it('is not believed in by a process that was stopped while it was lost', async () => {
    const { ensemble, first, held, next } = await contended();
    // Some of them go on before the client has heard anything.
    const resumed = Array.from({ length: 40 }, (_, i) =>
      first.sleep(10 * i + 1).then(() => held.isHeld),
    );
    first.pause(60_000);
    await ensemble.until(next);
    expect(await ensemble.until(Promise.all(resumed))).not.toContain(true);
    expect(held.signal.aborted).toBe(true);
  });

  it('lets nobody write who has lost it, however late the write arrives', async () => {
    const { ensemble, first, second, held, next } = await contended();
    await ensemble.until(held.client.create('/result', 'of the first'));
    // The session lives, and somebody has taken the lock away from it.
    await ensemble.until(second.client.delete(held.path));
    const later = await ensemble.until(next);
    await ensemble.until(later.client.set('/result', 'of the second'));
    expect(await ensemble.until(failure(held.client.set('/result', 'late')))).toBe('guardFailed');
    expect(later.token).toBeGreaterThan(held.token);
    const { data } = await ensemble.until(first.client.get('/result'));
    expect(decodeText(data)).toBe('of the second');
    expect(held.isHeld).toBe(false);
  });

  it('is not granted to one whose session has expired while it waited', async () => {
    const { ensemble, second, held, next } = await contended();
    const outcome = failure(next);
    second.pause(60_000);
    await ensemble.pass(30_000);
    await ensemble.until(held.release());
    expect(await ensemble.until(outcome)).toBe('sessionExpired');
  });

  it('is waited for as long as was said, and the line is left then', async () => {
    const { ensemble, first, second, held } = await contended();
    const [third] = ensemble.applications(1);
    if (third === undefined) throw new Error();
    const timeoutMs = 500;
    const attempt = failure(mutexOf(third).acquire({ timeoutMs }));
    expect(await ensemble.until(attempt)).toBe('operationTimeout');
    const stop = new AbortController();
    const stopped = failure(mutexOf(third).acquire({ signal: stop.signal }));
    await ensemble.pass(500);
    stop.abort(new PaddockError('badArguments', '', 'enough'));
    expect(await ensemble.until(stopped)).toBe('badArguments');
    await ensemble.pass(500);
    const contenders = await ensemble.until(mutexOf(first).contenders());
    expect(contenders.map(({ data }) => data)).toEqual([first.name, second.name]);
    expect(held.isHeld).toBe(true);
  });

  it('is not waited for by who only tries', async () => {
    const { ensemble, second, held, next } = await contended();
    expect(await ensemble.until(mutexOf(second).tryAcquire())).toBe(null);
    await ensemble.until(held.release());
    const later = await ensemble.until(next);
    await ensemble.until(later.release());
    const tried = await ensemble.until(mutexOf(second).tryAcquire());
    expect(tried?.isHeld).toBe(true);
  });

  it('fails the work that was not done when it was lost', async () => {
    const ensemble = await QuietEnsemble.start();
    const application = ensemble.application();
    const work = mutexOf(application).run(async (held) => {
      await application.client.delete(held.path);
      await application.sleep(100);
      return 'done';
    });
    expect(await ensemble.until(failure(work))).toBe('lockLost');
  });
});

describe('an election', () => {
  it('has no leader where nobody has stood, and none where nobody stands any more', async () => {
    const ensemble = await QuietEnsemble.start();
    const { client } = ensemble.application();
    const of = election(client, '/election');
    expect(await ensemble.until(of.leader())).toBe(null);
    const leadership = await ensemble.until(of.campaign());
    await ensemble.until(leadership.release());
    expect(await ensemble.until(of.leader())).toBe(null);
  });

  it('has one leader, and the next in line when that is gone', async () => {
    const ensemble = await QuietEnsemble.start(3);
    const [first, second] = ensemble.applications(2);
    if (first === undefined || second === undefined) throw new Error();
    const of = ({ client, name }: Application): Election =>
      election(client, '/election', { data: name });
    const leadership = await ensemble.until(of(first).campaign());
    let predecessor = '';
    const next = of(second).campaign({ waitingFor: ({ name }) => (predecessor = name) });
    await ensemble.pass(500);
    expect((await ensemble.until(of(second).leader()))?.data).toBe(first.name);
    expect(leadership.path).toBe(`/election/${predecessor}`);
    await ensemble.until(first.client.close());
    const later = await ensemble.until(next);
    expect(later.token).toBeGreaterThan(leadership.token);
    expect(leadership.isHeld).toBe(false);
    const candidates = await ensemble.until(of(second).candidates());
    expect(candidates.map(({ data }) => data)).toEqual([second.name]);
  });
});

/** The first holds it, the second waits. */
async function contended(): Promise<{
  readonly ensemble: QuietEnsemble;
  readonly first: Application;
  readonly second: Application;
  readonly held: Held;
  readonly next: Promise<Held>;
}> {
  const ensemble = await QuietEnsemble.start();
  const first = ensemble.application();
  const second = ensemble.application();
  const held = await ensemble.until(mutexOf(first).acquire());
  const next = mutexOf(second).acquire();
  next.catch(() => undefined);
  await ensemble.pass(500);
  return { ensemble, first, second, held, next };
}
