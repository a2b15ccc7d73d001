import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { runAsNewcomer } from './newcomer.ts';

const reporter = new URL('report-version.mjs', import.meta.url).href;
const reportSchema = z.object({ version: z.string(), program: z.string() });

export interface Started {
  /** The major version of Node. */
  readonly major: number;
  readonly program: string;
}

/** Runs a command and tells which programs it started, and on which Node; ours end at once. */
export async function nodesStartedBy(command: string): Promise<Started[]> {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-versions-'));
  const report = join(folder, 'report');
  const options = `--conditions=@paddock/source --import=${reporter}`;
  try {
    await runAsNewcomer(command, {
      PADDOCK_VERSION_REPORT: report,
      NODE_OPTIONS: options,
      // npm sets NODE_OPTIONS from its configuration, over what the environment says.
      npm_config_node_options: options,
    });
    const lines = readFileSync(report, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map(parse);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function parse(line: string): Started {
  const { version, program } = reportSchema.parse(JSON.parse(line));
  return { major: Number.parseInt(version.slice(1), 10), program };
}
