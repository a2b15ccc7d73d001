import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.string(),
  exports: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  files: z.array(z.string()),
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).optional(),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })).optional(),
});

export interface PublishedPackage extends z.infer<typeof packageSchema> {
  /** Its folder, absolute. */
  readonly folder: string;
}

/** What people install by name; what these stand on is published beside them. */
export const NAMED = ['libs/client', 'libs/recipes', 'libs/testing', 'protos'];

const SCOPE = '@paddock/';

/** The packages of these folders of the workspace, and all of ours that they need, each once. */
export function published(root: string, folders: readonly string[] = NAMED): PublishedPackage[] {
  const found = new Map<string, PublishedPackage>();
  const add = (folder: string): void => {
    const absolute = join(root, folder);
    const text = readFileSync(join(absolute, 'package.json'), 'utf8');
    const read = packageSchema.parse(JSON.parse(text));
    if (found.has(read.name)) return;
    found.set(read.name, { ...read, folder: absolute });
    for (const name of Object.keys(read.dependencies)) {
      if (name.startsWith(SCOPE)) add(`libs/${name.slice(SCOPE.length)}`);
    }
  };
  for (const folder of folders) add(folder);
  return [...found.values()];
}
