import { PaddockError } from '@paddock/client';
import type { Credential, TlsOptions } from '@paddock/client';
import { OperatorError } from '@paddock/node-runtime';
import { CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { parseCredential } from './credential.ts';
import type { CliEnvironment } from './environment.ts';
import { CommandFailure, EXIT, exitCodeOf } from './exit-code.ts';
import { Output } from './output.ts';
import { buildProgram } from './program.ts';
import type { GlobalFlags } from './program.ts';

/** Runs one command line and returns its exit code; whatever goes wrong has been told on standard error. */
export async function runCommandLine(
  args: readonly string[],
  environment: CliEnvironment,
): Promise<number> {
  try {
    if (args[0] === 'restore') return await (await import('./restore.ts')).restore(args.slice(1));
    if (args[0] !== 'serve') return await parseAndRun(args, environment);
    // The servers are loaded only where they are started: the other commands start in half the time.
    const { serve } = await import('./serve.ts');
    return await serve(args.slice(1));
  } catch (error) {
    // Commander has printed its message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`paddock: ${explain(error)}\n`);
    return exitCodeOf(error);
  }
}

async function parseAndRun(args: readonly string[], environment: CliEnvironment): Promise<number> {
  let exitCode: number = EXIT.ok;
  const exitWith = (code: number): void => {
    exitCode = code;
  };
  const program = buildProgram(environment, (flags, action) =>
    action(contextOf(flags, environment, exitWith)),
  );
  await program.parseAsync(args, { from: 'user' });
  return exitCode;
}

function contextOf(
  flags: GlobalFlags,
  environment: CliEnvironment,
  exitWith: (code: number) => void,
): CommandContext {
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  process.once('SIGTERM', () => interruption.abort());
  return {
    output: new Output(flags.json, process.stdout, process.stderr),
    servers: flags.server,
    tls: tlsOf(flags),
    credentials: flags.auth ?? credentialsOf(environment),
    ...tokenOf(flags, environment),
    timeoutMs: flags.timeout,
    readOnly: flags.readOnly ?? false,
    interrupted: interruption.signal,
    exitWith,
  };
}

function credentialsOf({ credential }: CliEnvironment): readonly Credential[] {
  if (credential === undefined) return [];
  const parsed = parseCredential(credential);
  if (parsed !== undefined) return [parsed];
  throw new CommandFailure(EXIT.usage, 'PADDOCK_AUTH is of the form scheme:credential');
}

function tokenOf(
  flags: GlobalFlags,
  environment: CliEnvironment,
): Pick<CommandContext, 'token' | 'insecureToken'> {
  const token = flags.token ?? environment.token;
  return token === undefined ? {} : { token, insecureToken: flags.insecureToken };
}

/** Any of the three asks for TLS. */
function tlsOf({ ca, cert, key }: GlobalFlags): TlsOptions | undefined {
  return ca === undefined && cert === undefined && key === undefined
    ? undefined
    : { ca, cert, key };
}

/** What a person can act on is told in one line; a defect of ours with its stack. */
function explain(error: unknown): string {
  if (
    error instanceof PaddockError ||
    error instanceof CommandFailure ||
    error instanceof OperatorError
  ) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
