import { connect, PaddockError, parseServers } from '@paddock/client';
import type { CallerOptions, Client, Credential, TlsOptions } from '@paddock/client';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Output } from './output.ts';

export interface SessionOptions {
  readonly servers: string;
  readonly tls: TlsOptions | undefined;
  readonly credentials: readonly Credential[];
  readonly token?: string;
  readonly insecureToken?: boolean;
  /** For the whole command, in milliseconds; 0: as long as it takes. */
  readonly timeoutMs: number;
  readonly readOnly: boolean;
  readonly output: Pick<Output, 'note'>;
}

const READ_ONLY =
  'read-only: no leader is reached, and any number of changes may have been made since';
const CLOSE_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 5000;

/** Opens a session, runs the command in it and closes it, within the command's time. */
export async function inSession<T>(
  options: SessionOptions,
  command: (client: Client) => Promise<T>,
): Promise<T> {
  const { timeoutMs } = options;
  const client = await open(options);
  if (client.state === 'readOnly') options.output.note(READ_ONLY);
  const late = new AbortController();
  const timer =
    timeoutMs === 0
      ? undefined
      : setTimeout(() => {
          late.abort();
          client.abandon(`no answer within ${timeoutMs} ms`);
        }, timeoutMs);
  try {
    return await command(client);
  } catch (error) {
    if (late.signal.aborted && error instanceof PaddockError) {
      const advice = 'allow more with --timeout MS, or look at the service with "paddock status"';
      throw new CommandFailure(EXIT.timeout, `${error.message}; ${advice}`);
    }
    throw error;
  } finally {
    clearTimeout(timer);
    await client.close();
  }
}

async function open(options: SessionOptions): Promise<Client> {
  const { servers, tls, timeoutMs, readOnly } = options;
  const connectTimeoutMs = Math.min(timeoutMs === 0 ? Infinity : timeoutMs, CONNECT_TIMEOUT_MS);
  parseServers(servers);
  try {
    const times = { connectTimeoutMs, closeTimeoutMs: CLOSE_TIMEOUT_MS };
    return await connect({ ...callerOf(options), readOnly, ...times });
  } catch (error) {
    if (!(error instanceof PaddockError) || error.code === 'badArguments') throw error;
    const advice =
      'start one here with "npm start", or name another with --server host:port' +
      (tls === undefined ? '; if it speaks TLS, name its authority with --ca FILE' : '');
    throw new CommandFailure(EXIT.unreachable, `${error.message} ${advice}`);
  }
}

/** Where the service is, and who calls it, of all that a command is given. */
export function callerOf({
  servers,
  tls,
  credentials,
  token,
  insecureToken = false,
}: Omit<SessionOptions, 'timeoutMs' | 'readOnly' | 'output'>): CallerOptions {
  return {
    servers,
    credentials,
    insecureToken,
    ...(tls === undefined ? {} : { tls }),
    ...(token === undefined ? {} : { token }),
  };
}
