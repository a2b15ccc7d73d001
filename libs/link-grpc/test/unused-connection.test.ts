import { createServer } from 'node:http2';
import type { Http2Server } from 'node:http2';
import { DEFAULT_LIMITS } from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';
import { afterEach, describe, expect, it } from 'vitest';
import { GrpcLinkDialer, processorDatabaseBoundary } from '../src/index.ts';

const PATIENCE_MS = 10_000;

/** Refuses every call, and counts the connections that are open. */
class RefusingServer {
  open = 0;
  opened = 0;
  readonly #server: Http2Server = createServer();

  constructor() {
    this.#server.on('session', (session) => {
      this.open++;
      this.opened++;
      session.on('close', () => this.open--);
    });
    this.#server.on('stream', (stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '7' },
        { endStream: true },
      );
    });
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const bound = this.#server.address();
        resolve(`127.0.0.1:${bound !== null && typeof bound === 'object' ? bound.port : 0}`);
      });
    });
  }

  close(): void {
    this.#server.close();
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('never came');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('a connection that no link uses', () => {
  const servers: RefusingServer[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('is given up at every address by itself, and made anew when it is dialled again', async () => {
    const dialer = new GrpcLinkDialer(processorDatabaseBoundary, {
      limits: DEFAULT_LIMITS,
      unusedMs: 30,
    });
    const ends: LinkEnd[] = [];
    const dial = (address: string) =>
      dialer.dial(address, {
        received: () => undefined,
        drained: () => undefined,
        ended: (end) => void ends.push(end),
      });
    const addresses: string[] = [];
    for (let i = 0; i < 3; i++) {
      const server = new RefusingServer();
      servers.push(server);
      addresses.push(await server.listen());
    }
    for (const address of addresses) dial(address);
    await until(() => ends.length === 3);
    expect(servers.map(({ opened }) => opened)).toEqual([1, 1, 1]);
    await until(() => servers.every(({ open }) => open === 0));
    dial(addresses[0] ?? '');
    await until(() => ends.length === 4);
    expect(servers.map(({ opened }) => opened)).toEqual([2, 1, 1]);
    dialer.close();
  });

  it('is there before it is dialled, and stays, where it was prepared', async () => {
    const server = new RefusingServer();
    servers.push(server);
    const address = await server.listen();
    const options = { limits: DEFAULT_LIMITS, unusedMs: 1 };
    const dialer = new GrpcLinkDialer(processorDatabaseBoundary, options);
    dialer.prepare(address);
    dialer.prepare(address);
    await until(() => server.open === 1);
    for (let i = 0; i < 2; i++) {
      await new Promise<void>((resolve) => {
        const ended = (): void => resolve();
        dialer.dial(address, { received: () => undefined, drained: () => undefined, ended });
      });
      // Longer than an unused one would live.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(server).toMatchObject({ opened: 1, open: 1 });
    dialer.close();
    await until(() => server.open === 0);
  });

  it('stays while it is used again and again', async () => {
    const server = new RefusingServer();
    servers.push(server);
    const address = await server.listen();
    const dialer = new GrpcLinkDialer(processorDatabaseBoundary, { limits: DEFAULT_LIMITS });
    for (let i = 0; i < 5; i++) {
      await new Promise<void>((resolve) => {
        const ended = (): void => resolve();
        dialer.dial(address, { received: () => undefined, drained: () => undefined, ended });
      });
    }
    expect(server.opened).toBe(1);
    dialer.close();
  });
});
