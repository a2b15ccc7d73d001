import { status } from '@grpc/grpc-js';
import { paddock, ZnodeService } from '@paddock/contracts';
import type { Method } from '@paddock/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';
import { RawGrpc } from '../src/raw-grpc.ts';
import type { CallEnd } from '../src/raw-grpc.ts';

const { CreateMode, ErrorCode, EventKind } = paddock.client.v1;
const MIB = 1024 * 1024;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

interface Place {
  readonly zxidEpoch?: number | null;
  readonly zxidCounter?: number | null;
}

/** A zxid as one number, to compare by. */
function zxidOf({ zxidEpoch, zxidCounter }: Place): number {
  return (zxidEpoch ?? 0) * 2 ** 32 + (zxidCounter ?? 0);
}

describe.each(TOPOLOGIES)('calls without a session, %s:', (topology) => {
  let ensemble: Ensemble;
  let grpc: RawGrpc;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology });
    grpc = new RawGrpc(ensemble.address);
  });

  afterAll(async () => {
    grpc.close();
    expect(await ensemble.stop()).toBe(0);
  });

  async function call<QI, Q extends QI, RI, R extends RI>(
    method: Method<'unary', QI, Q, RI, R>,
    request: QI,
  ): Promise<R> {
    const result = await grpc.unary(method, request);
    if (!result.ok) throw new Error(`${method.path}: ${JSON.stringify(result.end)}`);
    return result.response;
  }

  async function refusal<QI, Q extends QI, RI, R extends RI>(
    method: Method<'unary', QI, Q, RI, R>,
    request: QI,
  ): Promise<CallEnd> {
    return refusalOfBytes(method, method.request.encode(request).finish());
  }

  async function refusalOfBytes<QI, Q extends QI, RI, R extends RI>(
    method: Method<'unary', QI, Q, RI, R>,
    request: Uint8Array,
  ): Promise<CallEnd> {
    const result = await grpc.unaryBytes(method, request);
    if (result.ok) throw new Error(`${method.path} answered ${JSON.stringify(result.response)}`);
    return result.end;
  }

  it('create, get, set, exists, list, delete and sync a znode', async () => {
    const created = await call(ZnodeService.create, { path: '/unary', data: text('one') });
    expect(created.path).toBe('/unary');
    expect(created.stat).toMatchObject({ version: 0, dataLength: 3, numChildren: 0 });

    const got = await call(ZnodeService.get, { path: '/unary' });
    expect(Buffer.from(got.data).toString()).toBe('one');
    expect(got.stat).toEqual(created.stat);
    expect(zxidOf(got)).toBeGreaterThan(0);

    const { stat } = await call(ZnodeService.set, {
      path: '/unary',
      data: text('two!'),
      version: 0,
    });
    expect(stat).toMatchObject({ version: 1, dataLength: 4, czxidCounter: got.stat?.czxidCounter });

    const child = { path: '/unary/child-', mode: CreateMode.CREATE_MODE_PERSISTENT_SEQUENTIAL };
    expect((await call(ZnodeService.create, child)).path).toBe('/unary/child-0000000000');
    expect((await call(ZnodeService.create, child)).path).toBe('/unary/child-0000000001');
    const listed = await call(ZnodeService.list, { path: '/unary' });
    expect(listed.children).toEqual(['child-0000000000', 'child-0000000001']);
    expect(listed.stat).toMatchObject({ numChildren: 2, cversion: 2, version: 1 });

    const found = await call(ZnodeService.exists, { path: '/unary' });
    expect(found).toMatchObject({ exists: true, stat: listed.stat });
    const missing = await call(ZnodeService.exists, { path: '/unary/none' });
    expect(missing.exists).toBe(false);
    expect(missing.stat ?? null).toBeNull();

    for (const name of listed.children) {
      await call(ZnodeService.delete, { path: `/unary/${name}` });
    }
    const deleted = await call(ZnodeService.delete, { path: '/unary', version: 1 });
    const synced = await call(ZnodeService.sync, {});
    expect(zxidOf(synced)).toBeGreaterThanOrEqual(zxidOf(deleted));
    const after = await call(ZnodeService.exists, {
      path: '/unary',
      atLeastEpoch: synced.zxidEpoch,
      atLeastCounter: synced.zxidCounter,
    });
    expect(after.exists).toBe(false);
    expect(zxidOf(after)).toBeGreaterThanOrEqual(zxidOf(synced));
  });

  describe('a refusal is a status with an ErrorDetail', () => {
    beforeAll(async () => {
      await call(ZnodeService.create, { path: '/refusals' });
      await call(ZnodeService.create, { path: '/refusals/child' });
    });

    const cases: readonly [string, () => Promise<CallEnd>, status, number, string][] = [
      [
        'get: no such znode',
        () => refusal(ZnodeService.get, { path: '/nowhere' }),
        status.NOT_FOUND,
        ErrorCode.ERROR_CODE_NO_NODE,
        '/nowhere',
      ],
      [
        'list: no such znode',
        () => refusal(ZnodeService.list, { path: '/nowhere' }),
        status.NOT_FOUND,
        ErrorCode.ERROR_CODE_NO_NODE,
        '/nowhere',
      ],
      [
        'set: no such znode',
        () => refusal(ZnodeService.set, { path: '/nowhere' }),
        status.NOT_FOUND,
        ErrorCode.ERROR_CODE_NO_NODE,
        '/nowhere',
      ],
      [
        'delete: no such znode',
        () => refusal(ZnodeService.delete, { path: '/nowhere' }),
        status.NOT_FOUND,
        ErrorCode.ERROR_CODE_NO_NODE,
        '/nowhere',
      ],
      [
        'create: no such parent',
        () => refusal(ZnodeService.create, { path: '/nowhere/child' }),
        status.NOT_FOUND,
        ErrorCode.ERROR_CODE_NO_NODE,
        '/nowhere/child',
      ],
      [
        'create: it is there already',
        () => refusal(ZnodeService.create, { path: '/refusals' }),
        status.ALREADY_EXISTS,
        ErrorCode.ERROR_CODE_NODE_EXISTS,
        '/refusals',
      ],
      [
        'set: another version',
        () => refusal(ZnodeService.set, { path: '/refusals', version: 7 }),
        status.ABORTED,
        ErrorCode.ERROR_CODE_BAD_VERSION,
        '/refusals',
      ],
      [
        'delete: another version',
        () => refusal(ZnodeService.delete, { path: '/refusals/child', version: 7 }),
        status.ABORTED,
        ErrorCode.ERROR_CODE_BAD_VERSION,
        '/refusals/child',
      ],
      [
        'delete: not empty',
        () => refusal(ZnodeService.delete, { path: '/refusals' }),
        status.FAILED_PRECONDITION,
        ErrorCode.ERROR_CODE_NOT_EMPTY,
        '/refusals',
      ],
      [
        'delete: the root',
        () => refusal(ZnodeService.delete, { path: '/' }),
        status.INVALID_ARGUMENT,
        ErrorCode.ERROR_CODE_BAD_ARGUMENTS,
        '/',
      ],
      [
        'create: an ephemeral needs a session',
        () =>
          refusal(ZnodeService.create, {
            path: '/refusals/ephemeral',
            mode: CreateMode.CREATE_MODE_EPHEMERAL,
          }),
        status.INVALID_ARGUMENT,
        ErrorCode.ERROR_CODE_BAD_ARGUMENTS,
        '/refusals/ephemeral',
      ],
      [
        'get: no path',
        () => refusal(ZnodeService.get, { path: 'relative' }),
        status.INVALID_ARGUMENT,
        ErrorCode.ERROR_CODE_BAD_ARGUMENTS,
        'relative',
      ],
      [
        'set: too much data',
        () => refusal(ZnodeService.set, { path: '/refusals', data: new Uint8Array(MIB + 1) }),
        status.INVALID_ARGUMENT,
        ErrorCode.ERROR_CODE_TOO_LARGE,
        '/refusals',
      ],
      [
        'set: no version there can be',
        () => refusal(ZnodeService.set, { path: '/refusals', version: 2 ** 31 }),
        status.INVALID_ARGUMENT,
        ErrorCode.ERROR_CODE_MARSHALLING_ERROR,
        '',
      ],
      [
        'create: no mode that there is',
        () => {
          const { create } = ZnodeService;
          const path = create.request.encode({ path: '/refusals/mode' }).finish();
          // Field 3, the mode, is 77.
          return refusalOfBytes(create, Buffer.concat([path, Buffer.from([0x18, 77])]));
        },
        status.INVALID_ARGUMENT,
        ErrorCode.ERROR_CODE_MARSHALLING_ERROR,
        '',
      ],
      [
        'get: a zxid out of bounds',
        () => refusal(ZnodeService.get, { path: '/refusals', atLeastEpoch: 2 ** 21 }),
        status.INVALID_ARGUMENT,
        ErrorCode.ERROR_CODE_MARSHALLING_ERROR,
        '',
      ],
    ];

    it.each(cases)('%s', async (_what, run, code, errorCode, path) => {
      const end = await run();
      expect(end).toMatchObject({ code, detail: { code: errorCode, path } });
      expect(end.details).not.toBe('');
    });
  });

  it('refuse bytes that are no message', async () => {
    const end = await refusalOfBytes(ZnodeService.get, new Uint8Array([0xff, 0xff, 0xff]));
    expect(end).toMatchObject({
      code: status.INVALID_ARGUMENT,
      detail: { code: ErrorCode.ERROR_CODE_MARSHALLING_ERROR },
    });
  });

  it('watch a znode and its children, from now on and from a zxid, until cancelled', async () => {
    const watch = grpc.serverStream(ZnodeService.watch, { path: '/watched' });
    const opened = await watch.next('the watch is set', ([first]) => first?.opened);
    await call(ZnodeService.create, { path: '/watched' });
    await call(ZnodeService.set, { path: '/watched', data: text('1') });
    await call(ZnodeService.create, { path: '/watched/child' });
    await call(ZnodeService.delete, { path: '/watched/child' });
    await call(ZnodeService.delete, { path: '/watched' });
    const expected = [
      EventKind.EVENT_KIND_NODE_CREATED,
      EventKind.EVENT_KIND_NODE_DATA_CHANGED,
      EventKind.EVENT_KIND_NODE_CHILDREN_CHANGED,
      EventKind.EVENT_KIND_NODE_CHILDREN_CHANGED,
      EventKind.EVENT_KIND_NODE_DELETED,
    ];
    const all = await watch.next('five events', (received) => {
      const events = received.flatMap(({ event }) => event ?? []);
      return events.length === expected.length ? events : undefined;
    });
    expect(all.map(({ kind }) => kind)).toEqual(expected);
    expect(all.map(({ path }) => path)).toEqual(expected.map(() => '/watched'));
    const zxids = all.map(zxidOf);
    expect(zxids).toEqual([...zxids].sort((a, b) => a - b));
    expect(zxids[0]).toBeGreaterThan(zxidOf(opened));

    const [, second] = all;
    const resumed = grpc.serverStream(ZnodeService.watch, {
      path: '/watched',
      fromEpoch: second?.zxidEpoch ?? 0,
      fromCounter: second?.zxidCounter ?? 0,
    });
    const missed = await resumed.next('the events behind the second', (received) => {
      const events = received.flatMap(({ event }) => event ?? []);
      return events.length === 3 ? events : undefined;
    });
    expect(missed).toEqual(all.slice(2));

    watch.cancel();
    expect((await watch.ended()).code).toBe(status.CANCELLED);
    await call(ZnodeService.create, { path: '/watched' });
    await resumed.next('the fourth event', ({ length }) => (length === 5 ? true : undefined));
    expect(watch.received).toHaveLength(1 + expected.length);
    resumed.cancel();
  });

  it('end a watch that cannot be set by a status', async () => {
    for (const [request, code] of [
      [{ path: 'relative' }, ErrorCode.ERROR_CODE_BAD_ARGUMENTS],
      [{ path: '/x', fromEpoch: 2 ** 21 }, ErrorCode.ERROR_CODE_MARSHALLING_ERROR],
    ] as const) {
      const end = await grpc.serverStream(ZnodeService.watch, request).ended();
      expect(end).toMatchObject({ code: status.INVALID_ARGUMENT, detail: { code } });
    }
    // The future is nobody's history.
    const future = { path: '/x', fromEpoch: 2 ** 20, fromCounter: 1 };
    const end = await grpc.serverStream(ZnodeService.watch, future).ended();
    expect(end.code).not.toBe(status.OK);
    expect(end.detail?.code).toBeGreaterThan(0);
  });
});
