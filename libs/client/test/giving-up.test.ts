import { describe, expect, it } from 'vitest';
import { connect } from '../src/connect.ts';
import type { ConnectOptions } from '../src/connect.ts';
import type { Client } from '../src/client.ts';
import { PaddockError } from '../src/paddock-error.ts';
import { MemoryService } from './memory-service.ts';

async function open(
  options: ConnectOptions = {},
): Promise<{ client: Client; service: MemoryService }> {
  const service = new MemoryService();
  return { client: await connect({ dialer: service, ...options }), service };
}

async function failureOf(promise: Promise<unknown>): Promise<PaddockError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  return error instanceof PaddockError ? error : expect.unreachable('it should fail');
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function pathsAsked({ requests }: MemoryService): string[] {
  return requests.flatMap((it) =>
    it.kind === 'operations' ? it.operations.flatMap((of) => ('path' in of ? [of.path] : [])) : [],
  );
}

describe('a call that is given up', () => {
  it('is not made at all where its signal was aborted before', async () => {
    const { client, service } = await open();
    const reason = new TypeError('enough');
    const failure = await failureOf(client.create('/a', '', { signal: AbortSignal.abort(reason) }));
    expect(failure).toMatchObject({
      code: 'aborted',
      path: '/a',
      mayHaveTakenEffect: false,
      retryable: false,
      cause: reason,
    });
    await client.sync();
    expect(pathsAsked(service)).toEqual([]);
    await client.close();
  });

  it('is not done where it was not sent, and the others keep their order', async () => {
    const { client, service } = await open();
    const controller = new AbortController();
    const kept = [client.create('/a'), client.create('/c')];
    const given = failureOf(client.create('/b', '', { signal: controller.signal }));
    const last = client.create('/d');
    controller.abort();
    expect((await given).message).toBe(
      'create /b: given up by its signal; it is not done (aborted)',
    );
    await Promise.all([...kept, last]);
    expect(pathsAsked(service)).toEqual(['/a', '/c', '/d']);
    await client.close();
  });

  it('may take effect where it was sent, which its error says, and does', async () => {
    const { client, service } = await open();
    service.isUp = false;
    const controller = new AbortController();
    const { signal } = controller;
    const write = failureOf(client.create('/a', '', { signal }));
    const read = failureOf(client.get('/a', { signal }));
    await turn();
    controller.abort();
    expect(await write).toMatchObject({ code: 'aborted', mayHaveTakenEffect: true });
    expect((await write).message).toContain('it was sent, and may take effect');
    expect(await read).toMatchObject({ code: 'aborted', mayHaveTakenEffect: false });
    service.isUp = true;
    service.breakLink();
    expect((await client.exists('/a')).stat).not.toBeNull();
    await client.close();
  });

  it('fails in time by its own deadline, else by that of its client, and says whether to try again', async () => {
    const { client, service } = await open({ deadlineMs: 20 });
    service.isUp = false;
    const sent = client.get('/a');
    const sentWrite = client.set('/a', '');
    const patient = client.get('/b', { deadlineMs: Infinity });
    expect(await failureOf(sent)).toMatchObject({ code: 'operationTimeout', retryable: true });
    expect(await failureOf(sentWrite)).toMatchObject({
      code: 'operationTimeout',
      mayHaveTakenEffect: true,
      retryable: false,
    });
    const unsent = await failureOf(client.with({ deadlineMs: 5 }).create('/c'));
    expect(unsent.message).toContain('given up after 5 ms');
    service.isUp = true;
    service.breakLink();
    expect((await failureOf(patient)).code).toBe('noNode');
    expect((await failureOf(client.get('/', { deadlineMs: -1 }))).code).toBe('badArguments');
    await client.close();
  });

  it('leaves no watch behind, and its listener hears of nothing', async () => {
    const { client, service } = await open();
    await client.create('/a');
    service.isUp = false;
    const controller = new AbortController();
    const { signal } = controller;
    let heard = 0;
    const read = failureOf(client.get('/a', { signal, watch: () => heard++ }));
    const watching = failureOf(client.watch('/a', { signal }));
    await turn();
    controller.abort();
    await Promise.all([read, watching]);
    service.isUp = true;
    service.breakLink();
    await client.set('/a', 'x');
    expect(heard).toBe(0);
    expect(service.requests).toContainEqual({ kind: 'unwatch', path: '/a', watch: 'persistent' });
    await client.close();
  });

  it('is given up by the signal of its client as well as by its own', async () => {
    const { client } = await open();
    const [of, own] = [new AbortController(), new AbortController()];
    const scoped = client.with({ signal: of.signal });
    const first = failureOf(scoped.get('/a', { signal: own.signal }));
    own.abort();
    expect((await first).code).toBe('aborted');
    const second = failureOf(scoped.get('/a', { signal: new AbortController().signal }));
    of.abort();
    expect((await second).code).toBe('aborted');
    expect((await failureOf(client.get('/a'))).code).toBe('noNode');
    await client.close();
  });
});

describe('a connect that is given up', () => {
  it('fails by its signal, before the first dial or while it waits, and leaves no session behind', async () => {
    const never = new MemoryService();
    const signal = AbortSignal.abort(new TypeError('enough'));
    const refused = await failureOf(connect({ dialer: never, signal }));
    expect(refused).toMatchObject({ code: 'aborted', cause: new TypeError('enough') });
    const deaf = new MemoryService();
    deaf.isUp = false;
    const controller = new AbortController();
    const failure = failureOf(connect({ dialer: deaf, signal: controller.signal }));
    await turn();
    controller.abort();
    expect(await failure).toMatchObject({
      code: 'aborted',
      message: 'connect: given up by its signal (aborted)',
    });
  });

  it('is not held by it once it is open', async () => {
    const controller = new AbortController();
    const { client } = await open({ signal: controller.signal });
    controller.abort();
    await client.create('/a');
    expect(client.state).toBe('connected');
    await client.close();
  });
});
