import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { filesOf, repositoryFiles } from '../src/files.ts';

// Each says that something is there and not what it is.
const emptyWords = ['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'manager', 'impl'];

test('no file and no folder has a name that says nothing', () => {
  const found = repositoryFiles().filter(({ path }) =>
    path.split('/').some((part) => part.split(/[-._]/).some((word) => emptyWords.includes(word))),
  );
  expect(found.map(({ path }) => path)).toEqual([]);
});

test('sources are named in kebab-case', () => {
  const found = filesOf('.ts', '.mjs').filter(
    ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.(ts|mjs)$/.test(basename(path)),
  );
  expect(found.map(({ path }) => path)).toEqual([]);
});
