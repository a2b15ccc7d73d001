import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { filesOf } from '../src/files.ts';

const HEADINGS = ['## On the tree', '## Guarantees', '## When something fails'];

const pages = filesOf('.md').filter(({ path }) => path.startsWith('docs/recipes/'));
const recipes = pages.filter(({ path }) => basename(path) !== 'README.md');

/** The functions that make them, which are exported beside their classes. */
function makers(): readonly string[] {
  const index = filesOf('.ts').find(({ path }) => path === 'libs/recipes/src/index.ts');
  const exported = [...(index?.lines.join('\n') ?? '').matchAll(/^export \{([^}]*)\}/gm)];
  return exported.flatMap(([, list = '']) => {
    const names = list.split(',').map((it) => it.trim());
    return names.length > 1 ? names.filter((name) => /^[a-z]/.test(name)) : [];
  });
}

test('every recipe has a page with an example of it', () => {
  expect(makers().length).toBeGreaterThan(5);
  const texts = recipes.map(({ lines }) => lines.join('\n'));
  const missing = makers().filter(
    (name) => !texts.some((text) => text.includes(`${name}(client,`)),
  );
  expect(missing).toEqual([]);
});

test('the page of a recipe says what it promises, what fails how, and what its tree is', () => {
  const missing = recipes.flatMap(({ path, lines }) =>
    HEADINGS.filter((heading) => !lines.includes(heading)).map((heading) => `${path}: ${heading}`),
  );
  expect(missing).toEqual([]);
});

test('the list of recipes leads to each page', () => {
  const list = pages.find(({ path }) => basename(path) === 'README.md')?.lines.join('\n') ?? '';
  expect(recipes.filter(({ path }) => !list.includes(`(${basename(path)})`))).toEqual([]);
});
