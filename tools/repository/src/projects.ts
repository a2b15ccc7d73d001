import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { root } from './command.ts';
import { repositoryFiles } from './files.ts';

const versions = z.record(z.string(), z.string()).default({});

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  type: z.string(),
  description: z.string(),
  exports: z.unknown().optional(),
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  peerDependencies: versions,
  nx: z.object({ name: z.string(), tags: z.array(z.string()) }).optional(),
});

export type Package = z.infer<typeof packageSchema>;

export interface Project extends Package {
  /** Its folder, relative to the root: `libs/model`. */
  readonly folder: string;
}

export function readPackage(folder: string): Package {
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  return packageSchema.parse(JSON.parse(text));
}

/** Every project of the workspace, with what its package.json says. */
export function readProjects(): Project[] {
  return repositoryFiles()
    .filter(({ path }) =>
      /^(apps|libs|tools|e2e)\/[^/]+\/package\.json$|^protos\/package\.json$/.test(path),
    )
    .map(({ path }) => ({ folder: dirname(path), ...readPackage(dirname(path)) }));
}
