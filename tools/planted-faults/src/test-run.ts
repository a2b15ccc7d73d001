import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { runNode } from './child.ts';
import type { ScriptedTest } from './planted-fault.ts';
import type { WorkspaceCopy } from './workspace-copy.ts';

export interface FailedTest {
  readonly file: string;
  readonly name: string;
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), title: z.string(), fullName: z.string() }),
      ),
    }),
  ),
});

const PATIENCE_MS = 300_000;

/** Runs tests of these files and folders in the copy, all or those of a name; gives those that fail. */
export async function failingTests(
  copy: WorkspaceCopy,
  paths: readonly string[],
  name: string | null,
): Promise<readonly FailedTest[]> {
  const report = join(copy.folder, 'report.json');
  rmSync(report, { force: true });
  const only = name === null ? [] : ['-t', escaped(name)];
  const { errors } = await runNode(
    [
      ...['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.config.ts'],
      ...['--reporter=json', `--outputFile=${report}`, ...paths, ...only],
    ],
    { folder: copy.folder, patienceMs: PATIENCE_MS },
  );
  const { testResults } = reportSchema.parse(readReport(report, errors));
  return testResults.flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ title }) => ({ file: file.name.slice(copy.folder.length + 1), name: title })),
  );
}

/** True if the test fails, as it should. */
export async function failsAsItShould(copy: WorkspaceCopy, test: ScriptedTest): Promise<boolean> {
  return (await failingTests(copy, [test.file], test.name)).length > 0;
}

function readReport(path: string, errors: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new Error(`vitest has left no report: ${errors}`);
  }
}

function escaped(name: string): string {
  return name.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
