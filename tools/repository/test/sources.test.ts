import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/command.ts';
import { filesOf, linesWhere, repositoryFiles } from '../src/files.ts';
import { linesMax, longFiles } from '../src/long-files.ts';

const columnsMax = 120;

const sources = filesOf('.ts', '.mjs', '.js');

test('a line has at most 120 columns', () => {
  const found = linesWhere(
    filesOf('.ts', '.mjs', '.js', '.proto', '.yaml', '.yml'),
    (line) => line.length > columnsMax,
  );
  expect(found).toEqual([]);
});

test('a source file has at most 400 lines, or the number it is known by', () => {
  const found = sources
    .map(({ path, lines }) => ({ path, lines: lines.length - 1 }))
    .filter(({ path, lines }) => lines > (longFiles.get(path) ?? linesMax));
  expect(found).toEqual([]);
});

test('a file that is no longer long is no longer an exception', () => {
  const stale = [...longFiles.keys()].filter((path) => {
    const file = sources.find((it) => it.path === path);
    return file === undefined || file.lines.length - 1 <= linesMax;
  });
  expect(stale).toEqual([]);
});

test('what is still to be done has an issue', () => {
  const unfinished = /\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/;
  const searched = repositoryFiles().filter(
    ({ path }) => !path.startsWith('tools/repository/test/'),
  );
  expect(linesWhere(searched, (line) => unfinished.test(line))).toEqual([]);
});

test('no test is skipped, focused or expected to fail', () => {
  const aside = /\b(it|test|describe|suite|bench)(\.\w+)*\.(skip|only|todo|fails|skipIf)\b/;
  expect(linesWhere(filesOf('.ts'), (line) => aside.test(line))).toEqual([]);
});

test('a text ends in one newline and has neither tabs nor blanks at the ends of lines', () => {
  const ends = repositoryFiles().filter(({ lines }) => lines.at(-1) !== '' || lines.at(-2) === '');
  expect(ends.map(({ path }) => path)).toEqual([]);
  const searched = filesOf('.ts', '.mjs', '.js', '.json', '.proto', '.yaml', '.yml');
  expect(linesWhere(searched, (line) => /\t|\s$/.test(line))).toEqual([]);
});

test('no file names a registry', () => {
  const registry = /registry\.(npmjs|yarnpkg)|npm\.pkg\.github|"resolved": "https?:/;
  const searched = repositoryFiles().filter(
    ({ path }) => !path.startsWith('tools/repository/test/'),
  );
  expect(linesWhere(searched, (line) => registry.test(line))).toEqual([]);
  expect(linesWhere(filesOf('.npmrc'), (line) => /registry/.test(line))).toEqual([]);
});

test('no file names a folder of the machine it was written on', () => {
  const machine = new RegExp(`(^|[^\\w.}])/(${['home', 'root', 'work', 'Users'].join('|')})/\\w`);
  expect(linesWhere(repositoryFiles(), (line) => machine.test(line))).toEqual([]);
});

test('a link of a document leads to a file', () => {
  const broken = filesOf('.md').flatMap(({ path, lines }) =>
    [...lines.join('\n').matchAll(/\]\(([^)\s#]+)(#[^)]*)?\)/g)]
      .map(([, target]) => target ?? '')
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(root, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});
