import { DEFAULT_CLIENT_OPTIONS } from '@paddock/client-core';
import {
  CertificateError,
  CertificateFiles,
  GrpcLinkDialer,
  sessionStreamBoundary,
} from '@paddock/link-grpc';
import { DEFAULT_LIMITS } from '@paddock/model';
import type { Credential } from '@paddock/model';
import { Client } from './client.ts';
import { NODE_CLOCK, NODE_RANDOM, NODE_TIMERS } from './node-environment.ts';
import { PaddockError } from './paddock-error.ts';
import type { SessionDialer } from './session-driver.ts';

export interface ConnectOptions {
  /** host:port of session front-ends, as a list or separated by commas; DEFAULT_SERVERS unless told otherwise. */
  readonly servers?: string | readonly string[];
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
  /** How long `close` waits for the service, in milliseconds. */
  readonly closeTimeoutMs?: number;
  /** Requests that may wait for their answers; beyond it they fail as `throttled`. */
  readonly maxPending?: number;
  /** Talks to the servers over TLS; without it nothing is encrypted. */
  readonly tls?: TlsOptions;
  /** What proves who the session is: of the scheme digest "user:password". */
  readonly credentials?: readonly Credential[];
  /** Another carrier than gRPC. */
  readonly dialer?: SessionDialer;
}

/** PEM files; each may be replaced while the client runs, and counts from the next connection on. */
export interface TlsOptions {
  /** The authorities that the servers' certificates come from; those that Node knows where this is absent. */
  readonly ca?: string | undefined;
  /** The client's own certificate, where the servers ask for one; with its `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Of the three replicas that `npm start` runs; one that is not there is passed over. */
export const DEFAULT_SERVERS = '127.0.0.1:2191,127.0.0.1:2192,127.0.0.1:2193';
const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5000;
const PENDING_MAX = 100_000;

/**
 * Opens a session. Fails as `connectionLoss` if no server grants one in time, as `badArguments` on a bad address or
 * certificate.
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const servers = parseServers(options.servers ?? DEFAULT_SERVERS);
  const sessionTimeoutMs = options.sessionTimeoutMs ?? DEFAULT_CLIENT_OPTIONS.sessionTimeoutMs;
  const client = new Client(
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
    { clock: NODE_CLOCK, random: NODE_RANDOM, timers: NODE_TIMERS, ...carrierOf(options) },
  );
  await opened(client, servers, options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS);
  return client;
}

function carrierOf(options: ConnectOptions): { dialer: SessionDialer; release: () => void } {
  if (options.dialer !== undefined) return { dialer: options.dialer, release: () => undefined };
  const tls = certificatesOf(options.tls);
  const dialer = new GrpcLinkDialer(sessionStreamBoundary, { limits: DEFAULT_LIMITS, tls });
  return { dialer, release: () => dialer.close() };
}

/** Undefined where nothing is to be encrypted. */
export function certificatesOf(tls: TlsOptions | undefined): CertificateFiles | undefined {
  if (tls === undefined) return undefined;
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new PaddockError('badArguments', '', 'a certificate goes with its key: name both files');
  }
  try {
    return new CertificateFiles(tls);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new PaddockError('badArguments', '', error.message);
  }
}

function opened(client: Client, servers: readonly string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const last = client.lastFailure === '' ? 'no answer' : client.lastFailure;
      const where = servers.join(', ');
      stop();
      client.abandon('no session could be opened');
      reject(
        new PaddockError(
          'connectionLoss',
          '',
          `no session could be opened within ${timeoutMs} ms at ${where} (last: ${last}); ` +
            'is the service running there?',
        ),
      );
    }, timeoutMs);
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
      unsubscribe();
    }
  });
}

/** Reads "host:port,host:port"; fails as `badArguments`. */
export function parseServers(servers: string | readonly string[]): readonly string[] {
  const list = (typeof servers === 'string' ? servers.split(',') : servers).map((it) => it.trim());
  for (const server of list) {
    if (/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):\d{1,5}$/.test(server)) continue;
    const message = `"${server}" is no server; write host:port, as in 127.0.0.1:2191`;
    throw new PaddockError('badArguments', '', message);
  }
  if (list.length === 0) {
    throw new PaddockError('badArguments', '', 'name at least one server as host:port');
  }
  return list;
}
