import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Below it, ports are likely to be somebody's by convention. */
const LOWEST = 10_000;

/** Where the system takes the ports of outgoing connections from, on Linux; IANA's range elsewhere. */
const OUTGOING_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';
const IANA_OUTGOING_FROM = 49_152;

const given = new Set<number>();

/**
 * Ports that were free a moment ago, for programs that have to know each other's before any of them listens. The
 * system's own choice for port 0 would be one that it may give to an outgoing connection before the program listens, or
 * while a program that was killed is not up again; so these come from below that range.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  const highest = outgoingFrom();
  while (ports.length < count) {
    const port = randomInt(LOWEST, highest);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

/** The lowest port that an outgoing connection may get. */
function outgoingFrom(): number {
  try {
    const from = Number(readFileSync(OUTGOING_RANGE, 'utf8').trim().split(/\s+/)[0]);
    return from > LOWEST ? from : IANA_OUTGOING_FROM;
  } catch {
    return IANA_OUTGOING_FROM;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (listens) await closed(server);
  return listens;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
