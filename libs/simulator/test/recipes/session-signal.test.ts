import { describe, expect, it } from 'vitest';
import { QuietEnsemble } from './quiet-ensemble.ts';

describe('the signal of a session', () => {
  it('fires while the service still keeps what the session owns (H17)', async () => {
    const ensemble = await QuietEnsemble.start(3);
    const [cut, other] = [ensemble.application(), ensemble.application()];
    await ensemble.until(cut.client.create('/mine', '', { mode: 'ephemeral' }));
    const signal = cut.client.sessionSignal;
    const fired = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    ensemble.isolate(cut);
    await ensemble.until(fired);
    await ensemble.until(other.client.sync());
    expect((await ensemble.until(other.client.exists('/mine'))).stat).not.toBeNull();
    await ensemble.pass(20_000);
    expect((await ensemble.until(other.client.exists('/mine'))).stat).toBeNull();
    expect(cut.client.sessionSignal).toBe(signal);
  });

  it('has fired when a process goes on that was stopped for longer, before that hears of anything', async () => {
    const ensemble = await QuietEnsemble.start();
    const application = ensemble.application();
    await ensemble.until(application.client.sync());
    expect(application.client.sessionSignal.aborted).toBe(false);
    application.pause(60_000);
    await ensemble.pass(59_999);
    expect(application.client.sessionSignal.aborted).toBe(true);
  });
});
