import { OperatorError } from '@paddock/node-runtime';
import { CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import type { CliEnvironment } from './environment.ts';
import { CommandFailure, EXIT, exitCodeOf } from './exit-code.ts';
import { Output } from './output.ts';
import { buildProgram } from './program.ts';
import type { GlobalFlags } from './program.ts';
import { serve } from './serve.ts';
import { PaddockError } from '@paddock/client';

/** Runs one command line and returns its exit code; whatever goes wrong has been told on standard error. */
export async function runCommandLine(
  args: readonly string[],
  environment: CliEnvironment,
): Promise<number> {
  try {
    return args[0] === 'serve' ? await serve(args.slice(1)) : await parseAndRun(args, environment);
  } catch (error) {
    // Commander has printed its message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`paddock: ${explain(error)}\n`);
    return exitCodeOf(error);
  }
}

async function parseAndRun(args: readonly string[], environment: CliEnvironment): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = buildProgram(environment, async (flags, action) => {
    const code = await action(contextOf(flags));
    if (code !== undefined) exitCode = code;
  });
  await program.parseAsync(args, { from: 'user' });
  return exitCode;
}

function contextOf(flags: GlobalFlags): CommandContext {
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  process.once('SIGTERM', () => interruption.abort());
  return {
    output: new Output(flags.json, process.stdout, process.stderr),
    servers: flags.server,
    timeoutMs: flags.timeout,
    interrupted: interruption.signal,
  };
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
