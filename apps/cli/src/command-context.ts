import type { Client, Credential, TlsOptions } from '@paddock/client';
import { inSession } from './command-session.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Output } from './output.ts';

/** What every command is given beside its own arguments. */
export interface CommandContext {
  readonly output: Output;
  readonly servers: string;
  /** Undefined: nothing is encrypted. */
  readonly tls: TlsOptions | undefined;
  /** What proves who the command is. */
  readonly credentials: readonly Credential[];
  /** A bearer token, which proves it, too; and whether it may go to other machines unencrypted. */
  readonly token?: string;
  readonly insecureToken?: boolean;
  readonly timeoutMs: number;
  /** Reads from a replica that has lost the leader where no other is there. */
  readonly readOnly: boolean;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** For a command that has done what was asked and has bad news all the same. */
  readonly exitWith: (code: number) => void;
}

export function withClient<T>(
  context: CommandContext,
  command: (client: Client) => Promise<T>,
): Promise<T> {
  return inSession(context, command);
}

/** As withClient, for a command that lasts until it is interrupted. */
export function withLastingClient<T>(
  context: CommandContext,
  command: (client: Client) => Promise<T>,
): Promise<T> {
  return inSession({ ...context, timeoutMs: 0 }, command);
}

/** Resolves at Ctrl-C; fails when the session ends before, and with it what the command holds. */
export function untilInterrupted(
  { interrupted }: Pick<CommandContext, 'interrupted'>,
  client: Pick<Client, 'on'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    client.on('state', ({ state, reason, end }) => {
      if (state !== 'expired' && state !== 'closed') return;
      const why = reason === '' ? '' : ` (${reason})`;
      const what = state === 'expired' && end !== 'restored' ? 'expired' : 'ended';
      const message = `the session has ${what}${why}; what it held is gone`;
      reject(new CommandFailure(EXIT.timeout, message));
    });
    if (interrupted.aborted) resolve();
    else interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
}
