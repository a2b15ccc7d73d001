// docs/PAPER.md names sources and tests by the hundred: it must not drift from them.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/command.ts';
import { filesOf } from '../src/files.ts';
import {
  citations,
  paperRows,
  rowsOf,
  sourcePaths,
  testPath,
  testSource,
  testTitles,
} from '../src/paper.ts';
import type { PaperRow } from '../src/paper.ts';

const CHECKERS = 'libs/simulator/src/checkers';

function numbered(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
}

function firstWord({ cells }: PaperRow): string {
  return cells[0]?.split(' ')[0] ?? '';
}

test('the page has a row for each rule and each promise, in order', () => {
  expect(rowsOf('Rules').map(firstWord)).toEqual(numbered('H', 25));
  expect(rowsOf('Promises').map(firstWord)).toEqual(numbered('P', 10));
});

test('every test that the page names is there, under that name', () => {
  const cited = paperRows().flatMap((row) => citations(row));
  expect(cited.length).toBeGreaterThan(100);
  const missing = cited.flatMap(({ where, file, names }) => {
    const source = testSource(testPath(file));
    if (source === undefined) return [`${where}: ${file}`];
    return names.filter((name) => !source.includes(name)).map((it) => `${where}: ${file} "${it}"`);
  });
  expect(missing).toEqual([]);
});

test('each rule has a test that is named after it, and so has each of its schedules', () => {
  const titles = testTitles().map(({ title }) => title);
  const missing = rowsOf('Rules').flatMap((row) => {
    const rule = firstWord(row);
    if (citations(row).length === 0) return [rule];
    const letters = (row.cells[1] ?? '').split(', ').filter((it) => it !== '');
    return ['', ...letters]
      .map((letter) => `${rule} ${letter}`.trim())
      .filter((name) => !titles.some((title) => isNamedAfter(title, name)));
  });
  expect(missing).toEqual([]);
});

/** "H13 c, e: ..." is named after "H13 e", and after "H13". */
function isNamedAfter(title: string, name: string): boolean {
  const [rule = '', letter] = name.split(' ');
  const at = letter === undefined ? '' : ` (?:[a-f], )*${letter}\\b`;
  return new RegExp(`\\b${rule}\\b${at}`).test(title);
}

test('each failure from the field that the page lists has a test that is named after it', () => {
  const titles = testTitles().map(({ title }) => title);
  const rows = rowsOf('Failures from the field');
  expect(rows.length).toBeGreaterThan(5);
  const missing = rows.map(firstWord).filter((number) => {
    const named = new RegExp(`\\bbugs? (?:\\d+, )*${number}\\b`);
    return !titles.some((title) => named.test(title));
  });
  expect(missing).toEqual([]);
});

test('every source that the page names is there', () => {
  const missing = paperRows().flatMap(({ line, cells }) =>
    cells
      .slice(0, -1)
      .flatMap((cell) => sourcePaths(cell))
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `docs/PAPER.md:${line}: ${path}`),
  );
  expect(missing).toEqual([]);
});

test('every checker of the simulator is on the page, and every one on the page is there', () => {
  const said = rowsOf('Promises').flatMap(({ cells }) =>
    [...(cells[1] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  );
  const isChecker = /^export (?:function|const) \w+[^;]*CheckedRun|^export function memoryEquals/m;
  const there = filesOf('.ts')
    .filter(({ path }) => path.startsWith(`${CHECKERS}/`))
    .filter(({ lines }) => isChecker.test(lines.join('\n')))
    .map(({ path }) => basename(path, '.ts'));
  expect([...new Set(said)].sort()).toEqual(there.sort());
});
