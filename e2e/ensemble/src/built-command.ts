import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The command as it is shipped, in one file: it starts in a third of the time that its sources take. */
export const BUILT_COMMAND = fileURLToPath(
  new URL('../../../apps/cli/dist/main.js', import.meta.url),
);

/** Before all end-to-end tests: builds the command, unless its sources are as they were. */
export function setup(): void {
  execFileSync('npx', ['nx', 'run', 'cli:build', '--output-style=static'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
