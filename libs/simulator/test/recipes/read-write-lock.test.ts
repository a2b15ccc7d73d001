import { rwLock } from '@paddock/recipes';
import type { Held, ReadWriteLock } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../src/recipes/application.ts';
import { failure } from './failure.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATH = '/table';

function lockOf({ client, name }: Application): ReadWriteLock {
  return rwLock(client, PATH, { data: name });
}

/** Whether it has been granted by now. */
function granted(promise: Promise<Held>): { is: boolean } {
  const state = { is: false };
  promise.then(
    () => (state.is = true),
    () => undefined,
  );
  return state;
}

describe('a read/write lock', () => {
  it('is held by readers together, and by a writer alone, in the order in which they have asked', async () => {
    const ensemble = await QuietEnsemble.start();
    const [a, b, c, d] = ensemble.applications(4);
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error();
    const first = await ensemble.until(lockOf(a).read.acquire());
    const second = await ensemble.until(lockOf(b).read.acquire());
    const writing = lockOf(c).write.acquire();
    await ensemble.pass(200);
    const later = granted(lockOf(d).read.acquire());
    await ensemble.pass(500);
    // A reader does not pass a writer that waits.
    expect(later.is).toBe(false);
    await ensemble.until(first.release());
    await ensemble.until(second.release());
    const third = await ensemble.until(writing);
    await ensemble.pass(500);
    expect(later.is).toBe(false);
    await ensemble.until(third.release());
    await ensemble.pass(500);
    expect(later.is).toBe(true);
  });

  it('lets all readers in who wait for one writer, and each of them has watched that one only', async () => {
    const ensemble = await QuietEnsemble.start();
    const [writer, ...readers] = ensemble.applications(31);
    if (writer === undefined) throw new Error();
    const held = await ensemble.until(lockOf(writer).write.acquire());
    const waiting = readers.map((it) => lockOf(it).read.acquire());
    await ensemble.pass(2000);
    const { watches } = await ensemble.until(writer.client.watches(PATH));
    expect(watches.map(({ path }) => path)).toEqual([held.path]);
    await ensemble.until(held.release());
    const all = await ensemble.until(Promise.all(waiting));
    expect(all.every(({ isHeld }) => isHeld)).toBe(true);
  });

  it('is downgraded where it stands: no writer that waits comes between, and readers come in', async () => {
    const ensemble = await QuietEnsemble.start();
    const [a, b, c, d] = ensemble.applications(4);
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error();
    const written = await ensemble.until(lockOf(a).write.acquire());
    const reading = lockOf(b).read.acquire();
    await ensemble.pass(200);
    const writing = lockOf(c).write.acquire();
    const isWriting = granted(writing);
    await ensemble.pass(200);
    const behind = granted(lockOf(d).read.acquire());
    const held = await ensemble.until(written.downgrade());
    await ensemble.pass(1000);
    await ensemble.until((await ensemble.until(reading)).release());
    await ensemble.pass(500);
    expect([isWriting.is, behind.is]).toEqual([false, false]);
    expect(written.isHeld).toBe(false);
    expect(held.token).toBe(written.token);
    expect(await ensemble.until(failure(written.client.set('/x', '', { upsert: true })))).toBe(
      'guardFailed',
    );
    await ensemble.until(held.client.set('/x', '', { upsert: true }));
    await ensemble.until(held.release());
    await ensemble.pass(500);
    expect([isWriting.is, behind.is]).toEqual([true, false]);
  });

  it('passes over a writer who has given up, and whom readers have waited for', async () => {
    const ensemble = await QuietEnsemble.start();
    const [a, b, c] = ensemble.applications(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error();
    await ensemble.until(lockOf(a).read.acquire());
    const writing = failure(lockOf(b).write.acquire({ timeoutMs: 1000 }));
    await ensemble.pass(200);
    const later = lockOf(c).read.acquire();
    expect(await ensemble.until(writing)).toBe('operationTimeout');
    expect((await ensemble.until(later)).isHeld).toBe(true);
  });
});
