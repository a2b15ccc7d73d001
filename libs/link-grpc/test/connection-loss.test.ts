import { ZXID_ZERO } from '@paddock/model';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { SessionReply, SessionRequest } from '@paddock/model';
import type { Link, LinkEnd } from '@paddock/ports';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createGrpcServer,
  GrpcLinkDialer,
  listen,
  serveLink,
  sessionStreamBoundary,
} from '../src/index.ts';

const limits = {
  batchBytes: 16 * 1024,
  batchOperations: 256,
  queueBytes: 256 * 1024,
  linkMessageBytes: 64 * 1024,
  slowReaderBytes: 1024 * 1024,
};

type Server = ReturnType<typeof createGrpcServer>;

const servers: Server[] = [];
const dialers: { close(): void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
  for (const dialer of dialers.splice(0)) dialer.close();
});

/** A server that echoes heartbeats. */
async function serve(address: string, ends: LinkEnd[] = []): Promise<[Server, number]> {
  const server = createGrpcServer({ messageBytes: limits.linkMessageBytes, concurrentStreams: 9 });
  servers.push(server);
  serveLink(
    server,
    sessionStreamBoundary,
    (link) => ({
      received: (batch) =>
        void link.send(
          batch.map(() => ({ kind: 'heartbeat', acknowledged: 1, covered: ZXID_ZERO })),
        ),
      drained: () => undefined,
      ended: (end) => void ends.push(end),
    }),
    limits,
  );
  return [server, await listen(server, address)];
}

function newDialer(): GrpcLinkDialer<SessionRequest[], SessionReply[]> {
  const dialer = new GrpcLinkDialer(sessionStreamBoundary, { limits });
  dialers.push(dialer);
  return dialer;
}

interface Dialled {
  readonly link: Link<SessionRequest[]>;
  readonly ends: LinkEnd[];
  /** Resolves to true with the first reply, to false with the end. */
  readonly works: Promise<boolean>;
}

function dial(dialer: ReturnType<typeof newDialer>, port: number): Dialled {
  const ends: LinkEnd[] = [];
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const link = dialer.dial(`127.0.0.1:${port}`, {
    received: () => resolve(true),
    drained: () => undefined,
    ended: (end) => {
      ends.push(end);
      resolve(false);
    },
  });
  link.send([{ kind: 'heartbeat', number: 1 }]);
  return { link, ends, works: promise };
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3000 && !condition(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(condition()).toBe(true);
}

describe('a link over gRPC', () => {
  it('is lost at once when the server goes, and works again soon after it is back', async () => {
    const [server, port] = await serve('127.0.0.1:0');
    const dialer = newDialer();
    const first = dial(dialer, port);
    expect(await first.works).toBe(true);
    server.forceShutdown();
    await until(() => first.ends.length === 1);
    expect(first.ends[0]?.cause).toBe('lost');

    const down = dial(dialer, port);
    expect(await down.works).toBe(false);
    expect(down.ends[0]?.cause).toBe('lost');

    await serve(`127.0.0.1:${port}`);
    const start = performance.now();
    while (!(await dial(dialer, port).works)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(performance.now() - start).toBeLessThan(3000);
    }
  });

  it('is lost to the server when its dialler goes without a word', async () => {
    const ends: LinkEnd[] = [];
    const [, port] = await serve('127.0.0.1:0', ends);
    const dialer = newDialer();
    const dialled = dial(dialer, port);
    expect(await dialled.works).toBe(true);
    dialer.close();
    await until(() => ends.length === 1 && dialled.ends.length === 1);
    expect([ends[0]?.cause, dialled.ends[0]?.cause]).toEqual(['lost', 'lost']);
  });

  it('is refused where the server does not serve its boundary', async () => {
    const server = createGrpcServer({ messageBytes: 1024, concurrentStreams: 9 });
    servers.push(server);
    const dialled = dial(newDialer(), await listen(server, '127.0.0.1:0'));
    expect(await dialled.works).toBe(false);
    expect(dialled.ends[0]?.cause).toBe('refused');
  });

  it('ends as too large, at the side that sends, where one message passes the limit', async () => {
    const [, port] = await serve('127.0.0.1:0');
    const dialled = dial(newDialer(), port);
    expect(await dialled.works).toBe(true);
    const data = new Uint8Array(65 * 1024);
    const create = { kind: 'create', path: '/a', data, mode: 'persistent', ttlMs: 0 } as const;
    const operations = { firstSequence: 1, ackedThrough: 0, operations: [create] };
    dialled.link.send([{ kind: 'operations', ...operations }]);
    expect(dialled.ends).toEqual([]);
    await until(() => dialled.ends.length === 1);
    expect(dialled.ends[0]?.cause).toBe('tooLarge');
  });

  it('holds as buffered what a server that does not answer has not taken', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const dialled = dial(newDialer(), port);
    const data = new Uint8Array(30 * 1024);
    const create = { kind: 'create', path: '/a', data, mode: 'persistent', ttlMs: 0 } as const;
    const operations = { firstSequence: 1, ackedThrough: 0, operations: [create] };
    for (let n = 0; n < 8; n++) dialled.link.send([{ kind: 'operations', ...operations }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(dialled.link.bufferedBytes).toBeGreaterThan(8 * data.length);
    for (const socket of sockets) socket.destroy();
    silent.close();
    expect(await dialled.works).toBe(false);
  });
});
