import { tracingChannel } from 'node:diagnostics_channel';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { connect } from '../src/connect.ts';
import type { RequestTrace } from '../src/tracing.ts';
import { MemoryService } from './memory-service.ts';

describe('the tracing of calls', () => {
  it('tells of each call and its end, and of no data', async () => {
    const client = await connect({ dialer: new MemoryService() });
    const app = client.chroot('/app');
    const channel = tracingChannel<RequestTrace>('paddock:request');
    const told: string[] = [];
    const traces: RequestTrace[] = [];
    const subscriber = {
      start: (trace: RequestTrace) => void traces.push(trace),
      end: () => undefined,
      asyncStart: () => undefined,
      asyncEnd: ({ operation, path, zxid, error }: RequestTrace) =>
        void told.push(
          `${operation} ${path} ${error === undefined ? zxid !== undefined : 'fails'}`,
        ),
      error: ({ error }: RequestTrace) => void told.push(String(error)),
    };
    channel.subscribe(subscriber);
    await app.create('/a', 'secret');
    await app.get('/no').catch(() => undefined);
    await app.get('/a', { signal: AbortSignal.abort() }).catch(() => undefined);
    channel.unsubscribe(subscriber);
    await app.get('/a');
    expect(told).toEqual([
      'create /a true',
      'PaddockError: get /no: there is no such znode (noNode)',
      'getData /no fails',
    ]);
    expect(traces).toHaveLength(2);
    expect(traces[0]?.session).toBe(client.session);
    expect(JSON.stringify(traces)).not.toContain('secret');
    await client.close();
  });

  it('has what a tracer keeps for a call while that is made', async () => {
    const client = await connect({ dialer: new MemoryService() });
    const store = new AsyncLocalStorage<RequestTrace>();
    const channel = tracingChannel<RequestTrace>('paddock:request');
    channel.start.bindStore(store, (trace) => trace);
    await client.create('/a');
    expect(store.getStore()).toBeUndefined();
    channel.start.unbindStore(store);
    await client.close();
  });
});
