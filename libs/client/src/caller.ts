import type { callStream } from '@paddock/link-grpc';
import { DEFAULT_LIMITS, isLoopback, TOKEN_SCHEME } from '@paddock/model';
import type { Credential } from '@paddock/model';
import { certificatesOf } from './certificates.ts';
import type { TlsOptions } from './certificates.ts';
import { PaddockError } from './paddock-error.ts';
import { DEFAULT_SERVERS, parseServers } from './servers.ts';
import type { ServiceAddress } from './servers.ts';
import { credentialFrom } from './token.ts';
import type { TokenSource } from './token.ts';

/** Where a service is, and who calls it. */
export interface CallerOptions {
  /**
   * host:port of session front-ends, as a list or separated by commas; the first that answers is asked. A path behind
   * the last, as in "a:2191,b:2191/app", is the root of all that is asked and told, as `Client.chroot` has it.
   */
  readonly servers?: string | readonly string[];
  /** Talks to the servers over TLS; without it nothing is encrypted. */
  readonly tls?: TlsOptions;
  /** What proves who asks: of the scheme digest "user:password", of jwt a token. A call shows the first. */
  readonly credentials?: readonly Credential[];
  /** A bearer token (JWT) that proves who asks, or what gets one. A call shows it instead of credentials. */
  readonly token?: TokenSource;
  /** Sends tokens unencrypted to other machines, too. */
  readonly insecureToken?: boolean;
}

/** Whoever reads a token has it: it goes to another machine over TLS alone, unless that is wanted otherwise. */
export function assertTokenIsSafe(options: CallerOptions, servers: readonly string[]): void {
  const { credentials = [], token, tls, insecureToken = false } = options;
  const hasToken = token !== undefined || credentials.some((it) => it.scheme === TOKEN_SCHEME);
  if (!hasToken || tls !== undefined || insecureToken) return;
  const remote = servers.find((it) => !isLoopback(hostOf(it)));
  if (remote === undefined) return;
  throw new PaddockError(
    'badArguments',
    '',
    `a token would go to ${remote} unencrypted, for everybody on the way to use: talk over TLS ` +
      '("tls", --ca FILE), or allow it where you trust the network ("insecureToken", --insecure-token)',
  );
}

/** Of one call: where it may be made, and how. */
export async function callTermsOf(
  options: CallerOptions,
  timeoutMs: number,
): Promise<ServiceAddress & { readonly terms: Parameters<typeof callStream>[3] }> {
  const { servers, view } = parseServers(options.servers ?? DEFAULT_SERVERS);
  const tls = certificatesOf(options.tls);
  assertTokenIsSafe(options, servers);
  const { token, credentials = [] } = options;
  const shown = token === undefined ? credentials[0] : await credentialFrom(token);
  const authorization = shown === undefined ? undefined : authorizationOf(shown);
  return { servers, view, terms: { limits: DEFAULT_LIMITS, timeoutMs, tls, authorization } };
}

/** The header by which a call shows a credential. */
function authorizationOf({ scheme, credential }: Credential): string {
  const bytes = Buffer.from(credential);
  return scheme === TOKEN_SCHEME
    ? `Bearer ${bytes.toString()}`
    : `Basic ${bytes.toString('base64')}`;
}

function hostOf(server: string): string {
  return server.slice(0, server.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
