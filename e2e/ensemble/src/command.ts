import type { ChildProcess } from 'node:child_process';
import { spawnPaddock } from './ensemble.ts';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

const COMMAND_MS = 90_000;

/** A `paddock` command from start to end. */
export async function runPaddock(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawnPaddock(args, options.env);
  child.stdin?.on('error', () => undefined).end(options.input ?? '');
  return resultOf(child, `paddock ${args.join(' ')}`);
}

/** What a process printed until it ended, which it does by itself, or is made to. */
export async function resultOf(child: ChildProcess, name: string): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${name} did not end within ${COMMAND_MS} ms\n${stdout}${stderr}`));
    }, COMMAND_MS);
    child.once('error', reject);
    // Behind 'exit', when all that was printed has been read.
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
