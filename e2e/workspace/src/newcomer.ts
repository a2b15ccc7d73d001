// A shell as someone has it who just cloned the repository: what npm and Nx set for us is not there,
// and the Node that the machine has comes first, whatever its age.
import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

export function newcomerEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NX_|NODE_|VITEST)/i.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return {
    ...Object.fromEntries(own),
    PATH: path.filter((folder) => !folder.includes('node_modules')).join(delimiter),
  };
}

export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs `npm start` or the like to its end; gives its exit code and what it wrote, both streams. */
export async function runAsNewcomer(
  command: string,
  extra: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = startAsNewcomer(command, extra);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exitCode = await endOf(child);
  return { exitCode, output };
}

export function startAsNewcomer(command: string, extra: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(command, {
    cwd: root,
    shell: true,
    env: { ...newcomerEnvironment(), ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code);
    });
  });
}

export const pinnedNode = join(root, 'node_modules/.bin/node');
