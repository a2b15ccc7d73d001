import { makeZxid, trustedPath } from '@paddock/model';
import type { OperationResult, Stat } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { connect } from '../src/connect.ts';
import { PaddockError } from '../src/paddock-error.ts';
import { read } from '../src/batch.ts';
import { parseServers } from '../src/servers.ts';
import { step, transactionOf, when } from '../src/transaction.ts';
import { TreeView } from '../src/tree-view.ts';
import { WatchStream } from '../src/watch-stream.ts';
import { MemoryService } from './memory-service.ts';

const APP = TreeView.whole.below('/app');
const ZXID = makeZxid(1, 1);

function stat(): Stat {
  return {
    ...{ czxid: ZXID, mzxid: ZXID, pzxid: ZXID, ctime: 0, mtime: 0, version: 0, cversion: 0 },
    ...{ aversion: 0, ephemeralOwner: 0 as never, dataLength: 0, numChildren: 0 },
    ...{ kind: 'persistent', ttlMs: 0 },
  };
}

function watches(paths: readonly string[], more: boolean): OperationResult {
  const kinds = ['data'] as const;
  return { kind: 'watches', watches: paths.map((it) => ({ path: trustedPath(it), kinds })), more };
}

describe('a view of a tree', () => {
  it('asks below its root, also where that is its root itself', () => {
    expect(APP.absolute('/')).toBe('/app');
    expect(APP.absolute('/a/b')).toBe('/app/a/b');
    expect(APP.below('/x').absolute('/y')).toBe('/app/x/y');
    expect(APP.below('/').root).toBe('/app');
  });

  it('leaves to the service to refuse what is no path, instead of reading it as another', () => {
    for (const wrong of ['', 'x', 'le', '../app2']) expect(APP.absolute(wrong)).toBe(wrong);
    expect(() => APP.below('x')).toThrow('does not start with "/"');
    expect(() => TreeView.whole.below('/a/')).toThrow('ends with "/"');
  });

  it('names every path of a transaction below its root', () => {
    const operation = transactionOf({
      guard: { path: '/lock', czxid: ZXID },
      when: [when.absent('/'), when.data('/d', '=', 'x')],
      then: [step.create('/', '', { mode: 'ephemeralSequential' }), step.get('/g')],
      otherwise: [step.delete('/x', { recursive: true })],
    });
    expect(APP.operation(operation)).toMatchObject({
      guard: { path: '/app/lock', czxid: ZXID },
      compare: [{ path: '/app' }, { path: '/app/d' }],
      // Not "/app0000000000", which would be beside the root.
      then: [{ path: '/app/' }, { path: '/app/g' }],
      otherwise: [{ path: '/app/x' }],
    });
  });

  it('names every read of a batch below its root, and no path of what is about none', () => {
    const reads = [read.get('/a'), read.list('/')];
    const batch = { kind: 'readMany', path: '/', reads, atLeast: ZXID } as const;
    expect(APP.operation(batch)).toMatchObject({
      path: '/',
      reads: [{ path: '/app/a' }, { path: '/app' }],
    });
    expect(APP.operation({ kind: 'sync' })).toEqual({ kind: 'sync' });
  });

  it('shows what comes back as it was asked for', () => {
    const created = { kind: 'created', path: trustedPath('/app/a'), stat: stat() } as const;
    expect(APP.result(created)).toMatchObject({ path: '/a' });
    expect(APP.result({ kind: 'transacted', succeeded: true, results: [created] })).toMatchObject({
      results: [{ path: '/a' }],
    });
    const event = { kind: 'nodeDeleted', path: trustedPath('/app'), zxid: ZXID } as const;
    expect(APP.event(event)).toEqual({ ...event, path: '/' });
  });

  it('does not show the ephemerals and watches of znodes that only begin alike', () => {
    const paths = ['/app-2', '/app/b', '/apple'].map(trustedPath);
    expect(APP.result({ kind: 'ephemerals', paths })).toMatchObject({ paths: ['/b'] });
    expect(APP.result(watches(['/app', '/app-2', '/app/b'], true))).toMatchObject({
      watches: [{ path: '/' }, { path: '/b' }],
      more: true,
    });
    // Nothing of the view comes behind that.
    expect(APP.result(watches(['/app/b', '/app0'], true))).toMatchObject({ more: false });
  });

  it('tells why something failed by its own paths, and names none of what is above its root', () => {
    const limit = { kind: 'quotaCount', limit: 1, use: 1, more: 1 } as const;
    const failed = { kind: 'failed', code: 'quotaExceeded' } as const;
    const step = { index: 0, path: '/app/a' };
    const below = {
      ...failed,
      reason: 'the quota of /app',
      limit: { ...limit, path: '/app' },
      step,
    };
    expect(APP.result(below)).toMatchObject({
      reason: 'the quota of /',
      limit: { path: '/' },
      step: { path: '/a' },
    });
    const above = { ...failed, reason: 'the quota of /', limit: { ...limit, path: '/' } };
    expect(APP.result(above)).toMatchObject({ limit: { path: '' } });
    expect(APP.reason('the parent /app/a does not exist')).toBe('the parent /a does not exist');
    expect(APP.reason('"/app" exists, /apple and /x/app/y too')).toBe(
      '"/" exists, /apple and /x/app/y too',
    );
  });
});

describe('a client of a view', () => {
  it('shares the session and its order with the client that it is of', async () => {
    const service = new MemoryService();
    const client = await connect({ dialer: service });
    const app = client.chroot('/app');
    const order: string[] = [];
    await Promise.all([
      client.create('/app').then(() => order.push('create')),
      app.create('/a').then(({ path }) => order.push(path)),
      client.get('/app/a').then(() => order.push('get')),
      app.delete('/').then(() => order.push('delete')),
    ]);
    expect(order).toEqual(['create', '/a', 'get', 'delete']);
    expect(app.session).toBe(client.session);
    expect(app.root).toBe('/app');
    await client.close();
  });

  it('hears of its watches by its own paths', async () => {
    const client = await connect({ dialer: new MemoryService() });
    const app = client.chroot('/app');
    const stream = new WatchStream();
    const heard: string[] = [];
    await client.create('/app/a');
    await app.get('/a', { watch: stream });
    await app.exists('/a', { watch: ({ path }) => void heard.push(path) });
    await client.set('/app/a', 'x');
    expect((await stream.next()).value).toMatchObject({ kind: 'nodeDataChanged', path: '/a' });
    expect(heard).toEqual(['/a']);
    await client.close();
  });

  it('fails by its own paths', async () => {
    const client = await connect({ dialer: new MemoryService() });
    const app = client.chroot('/app');
    const failure: unknown = await app.get('/no').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PaddockError);
    expect(failure).toMatchObject({ path: '/no', code: 'noNode' });
    await client.close();
  });

  it('leaves the session open where it is closed, since that is not its own', async () => {
    const client = await connect({ dialer: new MemoryService() });
    const app = client.chroot('/app');
    await app.close();
    app.abandon('it is only a view');
    expect(client.state).toBe('connected');
    await client.create('/b');
    await client.close();
    expect(app.state).toBe('closed');
  });

  it('is what a path behind the servers makes, whose session is its own', async () => {
    const service = new MemoryService();
    const client = await connect({ dialer: service, servers: 'a:1,b:2/app/x' });
    expect(client.root).toBe('/app/x');
    service.requests.length = 0;
    await client.create('/a');
    expect(service.requests).toMatchObject([{ operations: [{ path: '/app/x/a' }] }]);
    await client.close();
    expect(client.state).toBe('closed');
    expect(parseServers(['a:1', 'b:2/app']).view.root).toBe('/app');
    expect(() => parseServers('a:1/app,b:2//x')).toThrow('empty name');
    expect(() => parseServers('/app')).toThrow('at least one server');
  });
});
