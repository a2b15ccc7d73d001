// Lint and types run through Nx, which skips what has not changed; each target of a project is one check.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { root, runCommand } from './command.ts';
import { type Tally, withExitCode } from './tally.ts';

const targets = ['lint', 'typecheck'];
const reportPath = join(root, '.nx/cache/run.json');

const reportSchema = z.object({
  tasks: z.array(z.object({ target: z.string(), status: z.number() })),
});

export async function runProjectChecks(): Promise<Tally> {
  // An old report must not speak for a run that ended before it wrote its own.
  rmSync(reportPath, { force: true });
  const exitCode = await runCommand('nx', ['run-many', '-t', targets.join(), '--nxBail=false']);
  return withExitCode(readReport(), exitCode);
}

function readReport(): Tally {
  const { tasks } = reportSchema.parse(JSON.parse(readFileSync(reportPath, 'utf8')));
  const checks = tasks.filter((task) => targets.includes(task.target));
  const passed = checks.filter((check) => check.status === 0).length;
  return { passed, failed: checks.length - passed, skipped: 0 };
}
