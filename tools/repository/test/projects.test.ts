import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { root } from '../src/command.ts';
import { filesOf, repositoryFiles } from '../src/files.ts';
import { type Project, readPackage, readProjects } from '../src/projects.ts';

const projects = readProjects();
const workspace = readPackage('.');

test('every project has one type and one scope', () => {
  const found = projects.filter(({ nx }) => {
    const tags = nx?.tags ?? [];
    return ['type:', 'scope:'].some(
      (kind) => tags.filter((it) => it.startsWith(kind)).length !== 1,
    );
  });
  expect(found.map(({ folder }) => folder)).toEqual([]);
});

test('every package says what it is, under one license and one version', () => {
  for (const { folder, name, version, license, type, description } of projects) {
    expect({ folder, version, license, type }).toEqual({
      folder,
      version: workspace.version,
      license: 'Apache-2.0',
      type: 'module',
    });
    expect(name).toMatch(/^@paddock\/[a-z0-9-]+$/);
    expect(description.length).toBeGreaterThan(10);
  }
});

test('every library runs from its sources here and from dist elsewhere', () => {
  const wanted = {
    '.': {
      '@paddock/source': './src/index.ts',
      types: './dist/index.d.ts',
      default: './dist/index.js',
    },
  };
  for (const { folder, exports } of projects.filter((it) => it.folder.startsWith('libs/'))) {
    expect({ folder, exports }).toEqual({ folder, exports: wanted });
  }
});

test('every dependency is pinned to one version, the same everywhere', () => {
  const pins = [workspace, ...projects].flatMap((it) => [
    ...Object.entries(it.dependencies),
    ...Object.entries(it.devDependencies),
    ...Object.entries(it.optionalDependencies),
  ]);
  const versions = new Map<string, string>();
  for (const [name, version] of pins) {
    expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+$/);
    expect(`${name} ${version}`).toBe(`${name} ${versions.get(name) ?? version}`);
    versions.set(name, version);
  }
  const nxLine = [...versions].filter(([name]) => name === 'nx' || name.startsWith('@nx/'));
  expect(new Set(nxLine.map(([, version]) => version)).size).toBe(1);
});

test('the lock file knows the dependencies of every project', () => {
  const lock = z
    .object({
      packages: z.record(
        z.string(),
        z.object({ dependencies: z.record(z.string(), z.string()).default({}) }),
      ),
    })
    .parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  for (const { folder, dependencies } of projects) {
    expect({ folder, dependencies }).toEqual({
      folder,
      dependencies: lock.packages[folder]?.dependencies,
    });
  }
});

test('a project declares every package that its sources import', () => {
  const undeclared = projects.flatMap((project) => {
    const { dependencies, peerDependencies } = project;
    const declared = { ...dependencies, ...peerDependencies };
    return importsOf(project)
      .filter((name) => name !== project.name && !(name in declared))
      .map((name) => `${project.folder} imports ${name}`);
  });
  expect(undeclared).toEqual([]);
});

function importsOf({ folder }: Project): string[] {
  const specifiers = filesOf('.ts')
    .filter(({ path }) => path.startsWith(`${folder}/src/`))
    .flatMap(({ lines }) => [
      ...lines.join('\n').matchAll(/^(?:import|export|\}) .*?from '([^'.][^']*)';$/gm),
    ])
    .map(([, specifier]) => specifier ?? '');
  return [...new Set(specifiers.filter((it) => !isBuiltin(it)).map(packageOf))];
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

test('every configuration of types has a place in the list of references', () => {
  const files = repositoryFiles();
  const listed = files.find(({ path }) => path === 'tsconfig.json')?.lines.join('\n') ?? '';
  const missing = files
    .map(({ path }) => path)
    .filter((path) => path.endsWith('/tsconfig.json'))
    .filter((path) => !listed.includes(`"./${dirname(path)}"`));
  expect(missing).toEqual([]);
  const untyped = projects
    .map(({ folder }) => folder)
    .filter((folder) => !['protos', 'tools/bootstrap'].includes(folder))
    .filter((folder) => !listed.includes(`"./${folder}"`));
  expect(untyped).toEqual([]);
  // The target of a project's types names both.
  const untested = projects
    .map(({ folder }) => folder)
    .filter((folder) => listed.includes(`"./${folder}"`))
    .filter((folder) => !listed.includes(`"./${folder}/test"`));
  expect(untested).toEqual([]);
});
