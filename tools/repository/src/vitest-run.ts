import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { runCommand } from './command.ts';
import { none, type Tally, withExitCode } from './tally.ts';

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/** Runs one vitest over all test files of a configuration, or those whose path contains a filter. */
export async function runTests(config: string, filters: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-test-'));
  const report = join(folder, 'report.json');
  try {
    const exitCode = await runCommand('vitest', [
      ...['run', '--config', config, '--passWithNoTests'],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...filters,
    ]);
    return withExitCode(existsSync(report) ? readReport(report) : none, exitCode);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(path: string): Tally {
  const report = reportSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  // A file that does not even load names no test: it counts as one failure.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((it) => it.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
