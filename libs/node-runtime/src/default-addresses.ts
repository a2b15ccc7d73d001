/**
 * Every default port of the project. Replica k listens k − 1 higher. Ports from 2181 on are kept for the ZooKeeper
 * protocol, so that a Paddock and a ZooKeeper can live on one machine.
 */
export const DEFAULT_PORTS = {
  client: 2191,
  requestProcessor: 2291,
  zabBroadcaster: 2391,
  replicatedDatabase: 2491,
  /** Health and status of a whole replica, over HTTP. */
  admin: 8081,
  /** The same for a stage that runs as a process of its own. */
  sessionFrontendAdmin: 8181,
  requestProcessorAdmin: 8281,
  zabBroadcasterAdmin: 8381,
  replicatedDatabaseAdmin: 8481,
} as const;

export type Endpoint = keyof typeof DEFAULT_PORTS;

export const ENDPOINTS = [
  'client',
  'requestProcessor',
  'zabBroadcaster',
  'replicatedDatabase',
  'admin',
  'sessionFrontendAdmin',
  'requestProcessorAdmin',
  'zabBroadcasterAdmin',
  'replicatedDatabaseAdmin',
] as const satisfies readonly Endpoint[];

export const LOOPBACK = '127.0.0.1';

export function defaultAddress(endpoint: Endpoint, replica: number): string {
  return `${LOOPBACK}:${DEFAULT_PORTS[endpoint] + replica - 1}`;
}
