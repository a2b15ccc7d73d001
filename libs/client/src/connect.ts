import { DEFAULT_CLIENT_OPTIONS } from '@paddock/client-core';
import { GrpcLinkDialer, sessionStreamBoundary } from '@paddock/link-grpc';
import { DEFAULT_LIMITS } from '@paddock/model';
import { assertTokenIsSafe } from './caller.ts';
import type { CallerOptions } from './caller.ts';
import { certificatesOf } from './certificates.ts';
import { Client } from './client.ts';
import { ServerAddresses } from './name-resolution.ts';
import { NODE_CLOCK, NODE_RANDOM, NODE_TIMERS } from './node-environment.ts';
import { traceByOpenTelemetry } from './open-telemetry.ts';
import { abortedError, PaddockError } from './paddock-error.ts';
import { addressOf } from './servers.ts';
import type { SessionDialer } from './session-driver.ts';
import { SessionRequests } from './session-requests.ts';
import { TokenRenewal } from './token.ts';
import { CONNECTS } from './tracing.ts';

/** All credentials are shown, and the token too. */
export interface ConnectOptions extends CallerOptions {
  /** A wish in milliseconds; the service grants what its bounds allow. */
  readonly sessionTimeoutMs?: number;
  /**
   * Reads from a replica that has lost the leader while no other can be reached: the state is `readOnly` then, what is
   * read says so, and all else fails as `notReadOnly`. The session goes on when a leader is there again in time.
   */
  readonly readOnly?: boolean;
  /**
   * Opens a local session: a replica's own, which costs the ensemble nothing. It reads and watches as any does; the
   * first write, or ephemeral, makes it a global one by itself. Before that, whoever loses the connection has another
   * one, with the same watches.
   */
  readonly local?: boolean;
  /** How long to try to open the session, in milliseconds. */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds after which calls are given up that say nothing else, as `CallOptions` has it; Infinity, the default:
   * a call waits as long as its session lives.
   */
  readonly deadlineMs?: number;
  /** How long `close` waits for the service, in milliseconds. */
  readonly closeTimeoutMs?: number;
  /** Requests that may wait for their answers; beyond it they fail as `throttled`. */
  readonly maxPending?: number;
  /** Another carrier than gRPC. */
  readonly dialer?: SessionDialer;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5000;
const PENDING_MAX = 100_000;

/**
 * Opens a session with the service that is named, by its servers or with options, else by PADDOCK_SERVERS, else on
 * this machine: `connect('a:2191,b:2191/app')`. Names are resolved anew for each connection, and of one with several
 * addresses each is tried. Fails as `connectionLoss` if no server grants a session in time, as `badArguments` on a bad
 * address or certificate.
 */
export async function connect(
  service: string | ConnectOptions = {},
  more: ConnectOptions = {},
): Promise<Client> {
  const options = typeof service === 'string' ? { ...more, servers: service } : service;
  const { servers, view } = addressOf(options.servers);
  const sessionTimeoutMs = options.sessionTimeoutMs ?? DEFAULT_CLIENT_OPTIONS.sessionTimeoutMs;
  assertTokenIsSafe(options, servers);
  await traceByOpenTelemetry();
  const { token } = options;
  const renewal =
    token === undefined
      ? undefined
      : new TokenRenewal(token, ({ scheme, credential }) => client.addAuth(scheme, credential));
  const addresses = new ServerAddresses(options.resolver, NODE_RANDOM);
  const { dialer, release } = carrierOf(options, addresses);
  const requests = new SessionRequests(
    {
      ...DEFAULT_CLIENT_OPTIONS,
      servers,
      sessionTimeoutMs,
      readOnly: options.readOnly ?? false,
      local: options.local ?? false,
      credentials: options.credentials ?? [],
    },
    {
      maxPending: options.maxPending ?? PENDING_MAX,
      closeTimeoutMs: options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS,
    },
    {
      clock: NODE_CLOCK,
      random: NODE_RANDOM,
      timers: NODE_TIMERS,
      dialer,
      ...(options.dialer === undefined || options.resolver !== undefined
        ? { addressOf: (server: string) => addresses.next(server) }
        : {}),
      release: () => {
        renewal?.stop();
        release();
      },
      ...(renewal === undefined ? {} : { credential: () => renewal.credential() }),
    },
  );
  const client: Client = new Client(requests, view, { deadlineMs: options.deadlineMs });
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  await CONNECTS.tracePromise(() => opened(client, servers, timeoutMs, options.signal), {
    servers,
  });
  return client;
}

function carrierOf(
  options: ConnectOptions,
  addresses: ServerAddresses,
): { dialer: SessionDialer; release: () => void } {
  if (options.dialer !== undefined) return { dialer: options.dialer, release: () => undefined };
  const tls = certificatesOf(options.tls);
  const dialer = new GrpcLinkDialer(sessionStreamBoundary, {
    ...{ limits: DEFAULT_LIMITS, tls },
    hostOf: (address) => addresses.hostOf(address),
  });
  return { dialer, release: () => dialer.close() };
}

function opened(
  client: Client,
  servers: readonly string[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (error: PaddockError): void => {
      stop();
      client.abandon('no session could be opened');
      reject(error);
    };
    const timer = setTimeout(() => giveUp(unopenedError(client, servers, timeoutMs)), timeoutMs);
    const aborted = (): void => {
      if (signal !== undefined) giveUp(abortedError('', 'connect', signal));
    };
    signal?.addEventListener('abort', aborted);
    const unsubscribe = client.on('state', ({ state, reason, refusal }) => {
      stop();
      if (state === 'connected' || state === 'readOnly') resolve();
      else {
        const code = refusal?.code ?? 'systemError';
        const message = `no session was granted: ${reason}`;
        const { limit, retryAfterMs } = refusal ?? {};
        reject(new PaddockError(code, '', message, { limit, retryAfterMs }));
      }
    });
    function stop(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      unsubscribe();
    }
    if (signal?.aborted === true) aborted();
  });
}

function unopenedError(
  { lastFailure }: Client,
  servers: readonly string[],
  timeoutMs: number,
): PaddockError {
  const last = lastFailure === '' ? 'no answer' : lastFailure;
  return new PaddockError(
    'connectionLoss',
    '',
    `no session could be opened within ${timeoutMs} ms at ${servers.join(', ')} (last: ${last}); ` +
      'is the service running there?',
  );
}
