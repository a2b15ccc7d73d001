import type { Server } from '@grpc/grpc-js';
import {
  addHealth,
  addReflection,
  createGrpcServer,
  listen,
  ListenError,
  shutDown,
} from '@paddock/link-grpc';
import { formatAddress, OperatorError, parseAddress } from '@paddock/node-runtime';
import type { ReplicaConfiguration } from '@paddock/node-runtime';
import type { Stage } from './stage.ts';

/** Streams on one connection: a neighbour has a few, a program of many sessions has many. */
const CONCURRENT_STREAMS = 10_000;
const SHUT_DOWN_MS = 500;

/** The gRPC server of one stage: its links, health and reflection. */
export interface StageServer {
  readonly server: Server;
  readonly address: string;
  /** Adds health and reflection for the services that the stage has added. */
  describe(services: readonly string[], stage: Stage): void;
  stop(): Promise<void>;
}

/** Listens before anything else is touched, so that a port in use leaves no trace. */
export async function startStageServer(
  address: string,
  option: string,
  configuration: ReplicaConfiguration,
): Promise<StageServer> {
  const server = createGrpcServer({
    messageBytes: configuration.limits.linkMessageBytes,
    concurrentStreams: CONCURRENT_STREAMS,
  });
  const port = await listen(server, address).catch((error: unknown) => {
    throw error instanceof ListenError
      ? new OperatorError(`${error.message}; choose another with ${option}`)
      : error;
  });
  return {
    server,
    address: formatAddress(parseAddress(address)?.host ?? '', port),
    describe(services, stage) {
      addHealth(server, () => {
        const serving = stage.health().serving ? 'serving' : 'notServing';
        return Object.fromEntries(['', ...services].map((service) => [service, serving]));
      });
      addReflection(server, [
        ...services,
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
      ]);
    },
    stop: () => shutDown(server, SHUT_DOWN_MS),
  };
}
