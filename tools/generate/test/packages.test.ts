import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { NAMED, published } from '../src/packages/published.ts';
import { stage } from '../src/packages/staging.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function names(...folders: string[]): string[] {
  return published(root, folders)
    .map(({ folder }) => basename(folder))
    .sort();
}

test('the client and the recipes bring no stage of a server along', () => {
  expect(names('libs/client', 'libs/recipes')).toEqual([
    'client',
    'client-core',
    'contracts',
    'link-grpc',
    'model',
    'ports',
    'recipes',
  ]);
});

test('no published package needs another that is for the tests of this workspace', () => {
  expect(names(...NAMED)).not.toContain('compliance');
});

test('what people install by name has a page that says what it is', () => {
  const pages = NAMED.map((folder) => join(root, folder, 'README.md'));
  expect(pages.filter((page) => !existsSync(page))).toEqual([]);
});

test('a published package says its license, and has types beside each of its entries', () => {
  for (const library of published(root)) {
    expect(library.license).toBe('Apache-2.0');
    expect(library.files.length).toBeGreaterThan(0);
    if (library.exports === undefined) continue;
    for (const conditions of Object.values(library.exports)) {
      expect(conditions['types']).toBe(conditions['default']?.replace(/\.js$/, '.d.ts'));
    }
  }
});

test('what is packed names nothing that only this workspace has', () => {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-staged-'));
  try {
    const [library] = published(root, ['protos']);
    if (library === undefined) throw new TypeError('there are no contracts');
    const exports = { '.': { '@paddock/source': './src/a.ts', default: './dist/a.js' } };
    stage(root, { ...library, exports }, folder);
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const manifest = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    expect(manifest['exports']).toEqual({ '.': { default: './dist/a.js' } });
    expect(manifest).not.toHaveProperty('nx');
    expect(existsSync(join(folder, 'LICENSE'))).toBe(true);
    expect(existsSync(join(folder, 'paddock/client/v1/session.proto'))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
