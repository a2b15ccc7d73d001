import { lock, multiLock } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import { failure } from './failure.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATHS: readonly string[] = ['/accounts/1', '/accounts/2', '/accounts/3'];

describe('a multi-lock', () => {
  it('waits for nobody who waits for it, whatever the order of the paths', async () => {
    const ensemble = await QuietEnsemble.start();
    let inside = 0;
    const turns = ensemble.applications(10).map((application, i) => {
      const paths = i % 2 === 0 ? PATHS : PATHS.toReversed();
      return multiLock(application.client, paths).run(async () => {
        expect(++inside).toBe(1);
        await application.sleep(50);
        inside--;
      });
    });
    await ensemble.until(Promise.all(turns));
  });

  it('is all of them or none, and gives all back together', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, second] = ensemble.applications(2);
    if (first === undefined || second === undefined) throw new Error();
    const [, middle = ''] = PATHS;
    const single = await ensemble.until(lock(second.client, middle).acquire());
    const several = multiLock(first.client, PATHS);
    expect(await ensemble.until(several.tryAcquire())).toBe(null);
    const attempt = failure(several.acquire({ timeoutMs: 500 }));
    expect(await ensemble.until(attempt)).toBe('operationTimeout');
    await ensemble.pass(500);
    expect((await ensemble.until(first.client.ephemerals('/accounts'))).paths).toEqual([]);
    await ensemble.until(single.release());
    const held = await ensemble.until(several.acquire());
    expect((await ensemble.until(first.client.ephemerals('/accounts'))).paths).toHaveLength(3);
    await ensemble.until(held.release());
    expect((await ensemble.until(first.client.ephemerals('/accounts'))).paths).toEqual([]);
  });

  it('is lost, and lets nobody write behind its fence, when one of its locks is', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, second] = ensemble.applications(2);
    if (first === undefined || second === undefined) throw new Error();
    const held = await ensemble.until(multiLock(first.client, PATHS).acquire());
    await ensemble.until(held.client.set('/result', '1', { upsert: true }));
    const { paths } = await ensemble.until(first.client.ephemerals('/accounts/3'));
    const late = held.client;
    await ensemble.until(second.client.delete(paths[0] ?? ''));
    expect(await ensemble.until(failure(late.set('/result', '2')))).toBe('guardFailed');
    await ensemble.pass(500);
    expect(held.isHeld).toBe(false);
    await ensemble.until(held.release());
    expect((await ensemble.until(first.client.ephemerals('/accounts'))).paths).toEqual([]);
  });
});
