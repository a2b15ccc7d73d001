// grpc.health.v1 on any server.
import { status, type Server, type ServerWritableStream } from '@grpc/grpc-js';
import { grpc, HealthService } from '@paddock/contracts';
import { addTypedService } from './typed-service.ts';

const { ServingStatus } = grpc.health.v1.HealthCheckResponse;
type WireStatus = grpc.health.v1.HealthCheckResponse.ServingStatus;
type WatchCall = ServerWritableStream<
  grpc.health.v1.HealthCheckRequest,
  grpc.health.v1.HealthCheckResponse.$Properties
>;

export type Serving = 'serving' | 'notServing';

/** The state of each service by its full name; the empty name is the server as a whole. */
export type HealthStatus = Readonly<Record<string, Serving>>;

/** How often a watched state is looked at. */
const WATCH_MS = 250;

/** Asks `current` for each call; Watch looks at it four times a second and tells what has changed. */
export function addHealth(server: Server, current: () => HealthStatus): void {
  addTypedService(server, HealthService, {
    check: (call, answer) => {
      const serving = servingOf(current(), call.request.service);
      if (serving !== undefined) answer(null, { status: wireStatus(serving) });
      else {
        const details = `no service "${call.request.service}" here`;
        answer({ code: status.NOT_FOUND, details });
      }
    },
    list: (_call, answer) => {
      const statuses: Record<string, grpc.health.v1.HealthCheckResponse.$Properties> = {};
      for (const [name, serving] of Object.entries(current())) {
        statuses[name] = { status: wireStatus(serving) };
      }
      answer(null, { statuses });
    },
    watch: (call) => watch(call, current),
  });
}

function watch(call: WatchCall, current: () => HealthStatus): void {
  let told: WireStatus | undefined;
  const look = (): void => {
    const now = wireStatus(servingOf(current(), call.request.service));
    if (now === told) return;
    told = now;
    call.write({ status: now });
  };
  const timer = setInterval(look, WATCH_MS);
  timer.unref();
  call.on('error', () => undefined);
  call.on('cancelled', () => clearInterval(timer));
  look();
}

function servingOf(all: HealthStatus, service: string): Serving | undefined {
  return Object.hasOwn(all, service) ? all[service] : undefined;
}

function wireStatus(serving: Serving | undefined): WireStatus {
  switch (serving) {
    case 'serving':
      return ServingStatus.SERVING;
    case 'notServing':
      return ServingStatus.NOT_SERVING;
    case undefined:
      return ServingStatus.SERVICE_UNKNOWN;
  }
}
