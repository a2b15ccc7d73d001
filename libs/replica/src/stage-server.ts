import type { Server } from '@grpc/grpc-js';
import {
  addHealth,
  addReflection,
  createGrpcServer,
  listen,
  ListenError,
  shutDown,
} from '@paddock/link-grpc';
import type { ServerTls, Serving } from '@paddock/link-grpc';
import { formatAddress, OperatorError, parseAddress } from '@paddock/node-runtime';
import type { ReplicaConfiguration } from '@paddock/node-runtime';
import type { Stage } from './stage.ts';

/** Streams on one connection: a neighbour has a few, a program of many sessions has many. */
const CONCURRENT_STREAMS = 10_000;
const SHUT_DOWN_MS = 500;

/** Services that are as healthy as their stage. */
export interface ServedServices {
  readonly services: readonly string[];
  readonly stage: Stage;
}

/** The gRPC server of a stage, or of several: its links, health and reflection. */
export interface StageServer {
  readonly server: Server;
  readonly address: string;
  /** Adds health and reflection for the services that the stages have added. */
  describe(...served: readonly ServedServices[]): void;
  stop(): Promise<void>;
}

/** Listens before anything else is touched, so that a port in use leaves no trace; unencrypted without `tls`. */
export async function startStageServer(
  address: string,
  option: string,
  configuration: ReplicaConfiguration,
  tls: ServerTls | undefined,
): Promise<StageServer> {
  const server = createGrpcServer({
    messageBytes: configuration.limits.linkMessageBytes,
    concurrentStreams: CONCURRENT_STREAMS,
  });
  const port = await listen(server, address, tls).catch((error: unknown) => {
    throw error instanceof ListenError
      ? new OperatorError(`${error.message}; choose another with ${option}`)
      : error;
  });
  return {
    server,
    address: formatAddress(parseAddress(address)?.host ?? '', port),
    describe(...served) {
      addHealth(server, () => {
        const health = served.flatMap(({ services, stage }) => {
          const serving: Serving = stage.health().serving ? 'serving' : 'notServing';
          return services.map((service): [string, Serving] => [service, serving]);
        });
        const whole = health.every(([, serving]) => serving === 'serving');
        return { ...Object.fromEntries(health), '': whole ? 'serving' : 'notServing' };
      });
      addReflection(server, [
        ...served.flatMap(({ services }) => services),
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
      ]);
    },
    stop: () => shutDown(server, SHUT_DOWN_MS),
  };
}
