import type { Client } from '@paddock/client';
import { inSession } from './command-session.ts';
import type { Output } from './output.ts';

/** What every command is given beside its own arguments. */
export interface CommandContext {
  readonly output: Output;
  readonly servers: string;
  readonly timeoutMs: number;
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
  return inSession({ servers: context.servers, timeoutMs: 0 }, command);
}

/** Resolves at Ctrl-C. */
export function untilInterrupted(context: CommandContext): Promise<void> {
  const { interrupted } = context;
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve();
    else interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
}
