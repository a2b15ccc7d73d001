import { createServer } from 'node:http';
import { formatAddress, parseAddress } from './address.ts';
import { listenError } from './listen-error.ts';
import { OperatorError } from './operator-error.ts';

export interface HealthReport {
  readonly serving: boolean;
  /** What the process waits for, each a neighbour or a step of its start; empty when it serves. */
  readonly waitingFor: readonly string[];
}

export interface AdminHandlers {
  health(): HealthReport | Promise<HealthReport>;
  /** Any value that JSON can hold. */
  status(): unknown;
}

export interface AdminServer {
  readonly address: string;
  close(): void;
}

/** GET /health (200 or 503) and GET /status, both JSON; `option` is what chooses another address. */
export async function startAdminServer(
  address: string,
  handlers: AdminHandlers,
  option = '--admin-port',
): Promise<AdminServer> {
  const target = parseAddress(address);
  if (target === undefined) throw new OperatorError(`"${address}" is not host:port`);
  const server = createServer((request, response) => {
    const reply = (code: number, body: unknown): void => {
      response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    const route = async (): Promise<void> => {
      if (request.method !== 'GET') {
        reply(405, { error: 'only GET is answered here' });
      } else if (request.url === '/health') {
        const health = await handlers.health();
        reply(health.serving ? 200 : 503, health);
      } else if (request.url === '/status') {
        reply(200, await handlers.status());
      } else {
        reply(404, { error: 'there is /health and /status' });
      }
    };
    route().catch((error: unknown) => {
      reply(500, { error: String(error) });
    });
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(listenError(error, address, option));
    });
    server.listen(target.port, target.host, resolve);
  });
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : target.port;
  return {
    address: formatAddress(target.host, port),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
