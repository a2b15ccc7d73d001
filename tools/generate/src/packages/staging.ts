import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishedPackage } from './published.ts';

const OUR_CONDITION = '@paddock/source';
const NODE = '>=22';

/** Lays out what is packed: what was built, without what only this workspace understands. */
export function stage(root: string, library: PublishedPackage, folder: string): void {
  const { files, exports } = library;
  mkdirSync(folder, { recursive: true });
  const left = (path: string): boolean => !/\.map$|\.tsbuildinfo/.test(path);
  for (const file of files.filter((it) => !it.startsWith('!'))) {
    cpSync(join(library.folder, file), join(folder, file), { recursive: true, filter: left });
  }
  const readme = join(library.folder, 'README.md');
  if (existsSync(readme)) cpSync(readme, join(folder, 'README.md'));
  else writeFileSync(join(folder, 'README.md'), partOf(library));
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const { name, version, description, license, type, dependencies } = library;
  const { peerDependencies, peerDependenciesMeta } = library;
  const manifest = {
    ...{ name, version, description, license, type },
    engines: { node: NODE },
    ...(exports === undefined ? {} : { exports: forOthers(exports), sideEffects: false }),
    files,
    dependencies,
    ...(peerDependencies === undefined ? {} : { peerDependencies, peerDependenciesMeta }),
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

type Exports = Readonly<Record<string, Readonly<Record<string, string>>>>;

function forOthers(exports: Exports): Exports {
  return Object.fromEntries(
    Object.entries(exports).map(([path, conditions]) => [
      path,
      Object.fromEntries(Object.entries(conditions).filter(([it]) => it !== OUR_CONDITION)),
    ]),
  );
}

function partOf({ name, description }: PublishedPackage): string {
  return [
    `# ${name}`,
    '',
    description,
    '',
    'A part of Paddock that others stand on. `@paddock/client`, `@paddock/recipes` and `@paddock/testing` are made',
    'to be used; this one changes as they need it.',
    '',
  ].join('\n');
}
