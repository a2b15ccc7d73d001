import type { TlsOptions } from '@paddock/client';

/** What the environment says to the command; flags win over it. */
export interface CliEnvironment {
  /** PADDOCK_SERVERS: host:port, separated by commas. */
  readonly servers: string | undefined;
  /** PADDOCK_CA, PADDOCK_CERT, PADDOCK_KEY: PEM files. */
  readonly tls?: TlsOptions;
  /** PADDOCK_SUPER: the password of the user super. */
  readonly superPassword?: string | undefined;
  /** PADDOCK_AUTH: scheme:credential, which proves who one is. */
  readonly credential?: string | undefined;
  /** PADDOCK_TOKEN: a bearer token, which proves who one is. */
  readonly token?: string | undefined;
}

export function readEnvironment(): CliEnvironment {
  const { PADDOCK_SERVERS: servers, PADDOCK_CA: ca, PADDOCK_CERT: cert } = process.env;
  return {
    servers: given(servers),
    superPassword: given(process.env['PADDOCK_SUPER']),
    credential: given(process.env['PADDOCK_AUTH']),
    token: given(process.env['PADDOCK_TOKEN']),
    tls: { ca: given(ca), cert: given(cert), key: given(process.env['PADDOCK_KEY']) },
  };
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Of the processes that the supervisor starts: where it tells a person what happens, their logs keep to warnings. */
export function stageEnvironment(isForPeople: boolean): NodeJS.ProcessEnv {
  return isForPeople ? { PADDOCK_LOG_LEVEL: 'warn', ...process.env } : process.env;
}
