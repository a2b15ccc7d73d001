import type { StreamCallOptions } from '@paddock/link-grpc';
import { DEFAULT_LIMITS, isLoopback, TOKEN_SCHEME } from '@paddock/model';
import type { Credential } from '@paddock/model';
import { certificatesOf } from './certificates.ts';
import type { TlsOptions } from './certificates.ts';
import { ServerAddresses, splitServer } from './name-resolution.ts';
import type { NameResolver } from './name-resolution.ts';
import { NODE_RANDOM } from './node-environment.ts';
import { PaddockError } from './paddock-error.ts';
import { addressOf } from './servers.ts';
import type { ServiceAddress } from './servers.ts';
import { credentialFrom } from './token.ts';
import type { TokenSource } from './token.ts';

/** Where a service is, and who calls it. */
export interface CallerOptions {
  /**
   * host:port of session front-ends, as a list or separated by commas; the first that answers is asked. Absent: those
   * of PADDOCK_SERVERS, else those of `npm start` on this machine. "srv:example.com" stands for those that DNS names as
   * `_paddock._tcp.example.com`. A path behind
   * the last, as in "a:2191,b:2191/app", is the root of all that is asked and told, as `Client.chroot` has it.
   */
  readonly servers?: string | readonly string[] | undefined;
  /** Says what names of servers mean, in the place of the machine's DNS. */
  readonly resolver?: NameResolver;
  /** Talks to the servers over TLS; without it nothing is encrypted. */
  readonly tls?: TlsOptions;
  /** What proves who asks: of the scheme digest "user:password", of jwt a token. A call shows the first. */
  readonly credentials?: readonly Credential[];
  /** A bearer token (JWT) that proves who asks, or what gets one. A call shows it instead of credentials. */
  readonly token?: TokenSource;
  /** Sends tokens unencrypted to other machines, too. */
  readonly insecureToken?: boolean;
  /** Gives up what waits for the service when it is aborted: that fails as `aborted`, with the reason as its cause. */
  readonly signal?: AbortSignal | undefined;
}

/** Whoever reads a token has it: it goes to another machine over TLS alone, unless that is wanted otherwise. */
export function assertTokenIsSafe(options: CallerOptions, servers: readonly string[]): void {
  const { credentials = [], token, tls, insecureToken = false } = options;
  const hasToken = token !== undefined || credentials.some((it) => it.scheme === TOKEN_SCHEME);
  if (!hasToken || tls !== undefined || insecureToken) return;
  const remote = servers.find((it) => !isLoopback(splitServer(it).host));
  if (remote === undefined) return;
  throw new PaddockError(
    'badArguments',
    '',
    `a token would go to ${remote} unencrypted, for everybody on the way to use: talk over TLS ` +
      '("tls", --ca FILE), or allow it where you trust the network ("insecureToken", --insecure-token)',
  );
}

/** Where a call may be made, and how. */
export interface CallTerms extends ServiceAddress {
  readonly terms: StreamCallOptions;
}

export async function callTermsOf(options: CallerOptions, timeoutMs: number): Promise<CallTerms> {
  const { servers: named, view } = addressOf(options.servers);
  const tls = certificatesOf(options.tls);
  assertTokenIsSafe(options, named);
  const servers = await new ServerAddresses(options.resolver, NODE_RANDOM).expanded(named);
  const { token, credentials = [], signal } = options;
  const shown = token === undefined ? credentials[0] : await credentialFrom(token);
  const authorization = shown === undefined ? undefined : authorizationOf(shown);
  return {
    servers,
    view,
    terms: { limits: DEFAULT_LIMITS, timeoutMs, tls, authorization, signal },
  };
}

/** The header by which a call shows a credential. */
function authorizationOf({ scheme, credential }: Credential): string {
  const bytes = Buffer.from(credential);
  return scheme === TOKEN_SCHEME
    ? `Bearer ${bytes.toString()}`
    : `Basic ${bytes.toString('base64')}`;
}
