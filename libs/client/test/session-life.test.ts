import { describe, expect, it } from 'vitest';
import { StatusStream } from '../src/client-state.ts';
import type { SessionStatus } from '../src/client-state.ts';
import { connect } from '../src/connect.ts';
import { MemoryService } from './memory-service.ts';

describe('the life of a session', () => {
  it('is told from now on to its end, with what belongs to each state', async () => {
    const service = new MemoryService();
    const client = await connect({ dialer: service });
    const told: SessionStatus[] = [];
    const listening = (async () => {
      for await (const status of client.states()) told.push(status);
    })();
    await client.sync();
    service.breakLink();
    await client.sync();
    await client.close();
    await listening;
    expect(told).toMatchObject([
      { state: 'connected', session: client.session, timeoutMs: 9000, missed: 0 },
      { state: 'suspended' },
      { state: 'connected' },
      { state: 'closed', end: 'closed' },
    ]);
    expect(await client.ended).toMatchObject({ state: 'closed', end: 'closed' });
    const late: SessionStatus[] = [];
    for await (const status of client.states()) late.push(status);
    expect(late).toMatchObject([{ state: 'closed' }]);
  });

  it('is told of all views by one session, whose end none of them makes', async () => {
    const client = await connect({ dialer: new MemoryService() });
    const app = client.chroot('/app');
    expect(app.sessionSignal).toBe(client.sessionSignal);
    await app.close();
    expect(app.sessionSignal.aborted).toBe(false);
    client.abandon('enough');
    expect(await app.ended).toMatchObject({ state: 'closed', end: 'abandoned' });
    expect(app.sessionSignal.reason).toMatchObject({ code: 'sessionExpired' });
  });

  it('ends with the scope that has opened it', async () => {
    const service = new MemoryService();
    const open = async () => {
      await using client = await connect({ dialer: service });
      await client.create('/a');
      return client;
    };
    expect((await open()).state).toBe('closed');
  });

  it('counts what a reader is too late for, and loses nothing unsaid', async () => {
    let isLeft = false;
    const stream = new StatusStream(() => (isLeft = true));
    for (let i = 0; i < 2500; i++) {
      stream.push({ state: 'suspended', reason: String(i), missed: 0 });
    }
    let taken = 0;
    let missed = 0;
    for await (const status of stream) {
      taken++;
      missed += status.missed;
      if (status.reason === '2499') break;
    }
    expect(taken + missed).toBe(2500);
    expect(taken).toBeGreaterThan(0);
    expect(isLeft).toBe(true);
  });
});
