import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Ports that were free a moment ago, for programs that have to know each other's before any of them listens. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const holders = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = holders.map((holder) => {
    const bound = holder.address();
    return bound !== null && typeof bound === 'object' ? bound.port : 0;
  });
  await Promise.all(holders.map((it) => new Promise((resolve) => it.close(resolve))));
  return ports;
}

function listenAnywhere(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
