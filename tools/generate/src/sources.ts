import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';

/** What both generators read and where they write. */
export interface Sources {
  readonly root: string;
  readonly protosFolder: string;
  /** Paths of the .proto files, relative to `protosFolder`, sorted. */
  readonly files: readonly string[];
  readonly draftFolder: string;
}

const execute = promisify(execFile);

/** Runs a program of node_modules/.bin in the folder of the protos. */
export async function runTool(sources: Sources, tool: string, args: readonly string[]) {
  await execute(join(sources.root, 'node_modules/.bin', tool), args, { cwd: sources.protosFolder });
}
