import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './command.ts';
import { filesOf } from './files.ts';

const PAGE = 'docs/PAPER.md';

/** One row of a table of the page, below its headings. */
export interface PaperRow {
  readonly line: number;
  readonly section: string;
  readonly cells: readonly string[];
}

/** A test that the page names: its file, and what its name says. */
export interface PaperCitation {
  readonly where: string;
  /** As the page writes it: `session-core/terms`. */
  readonly file: string;
  /** Empty where all of the file is meant. */
  readonly names: readonly string[];
}

/** The title of a test, or of what holds several. */
export interface TestTitle {
  readonly path: string;
  readonly title: string;
}

/** Rows of the page's tables, without headings and rules. */
export function paperRows(): readonly PaperRow[] {
  const rows: PaperRow[] = [];
  let section = '';
  let isHead = true;
  for (const [index, line] of readFileSync(join(root, PAGE), 'utf8').split('\n').entries()) {
    if (line.startsWith('#')) section = line.replace(/^#+ /, '');
    if (!line.startsWith('|')) {
      isHead = true;
      continue;
    }
    const cells = line.slice(1, -1).split('|');
    if (!isHead && !/^[\s|:-]+$/.test(line)) {
      rows.push({ line: index + 1, section, cells: cells.map((cell) => cell.trim()) });
    }
    isHead = false;
  }
  return rows;
}

export function rowsOf(section: string): readonly PaperRow[] {
  return paperRows().filter((row) => row.section === section);
}

/** What a cell cites: files in backticks, each followed by names of its tests in quotes. */
export function citations({ line, cells }: PaperRow): readonly PaperCitation[] {
  const found: PaperCitation[] = [];
  const cell = cells.at(-1) ?? '';
  for (const [, file = '', said = ''] of cell.matchAll(/`([^`]+)`((?:[^`])*)/g)) {
    if (!/^[\w-]+(\/[\w.-]+)+$/.test(file)) continue;
    const names = [...said.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    found.push({ where: `${PAGE}:${line}`, file, names });
  }
  return found;
}

/** Where a cited test is: `session-core/terms` is `libs/session-core/test/terms.test.ts`. */
export function testPath(cited: string): string {
  const [project = '', ...rest] = cited.split('/');
  const name = `${rest.join('/')}.test.ts`;
  if (project === 'e2e') return `e2e/ensemble/test/${name}`;
  const tool = `tools/${project}/test/${name}`;
  return existsSync(join(root, tool)) ? tool : `libs/${project}/test/${name}`;
}

/** The sources of tests by path, with lines that the formatter has broken joined. */
export function testSource(path: string): string | undefined {
  const file = filesOf('.ts').find((it) => it.path === path);
  return file?.lines.join('\n').replaceAll("\\'", "'");
}

/** Every title of every test. */
export function testTitles(): readonly TestTitle[] {
  const each = String.raw`(?:\.each\((?:[^()]|\([^()]*\))*\))?`;
  const text = String.raw`'((?:[^'\\\n]|\\.)+)'|"([^"\n]+)"|` + '`([^`]+)`';
  const call = new RegExp(String.raw`\b(?:it|test|describe)${each}\(\s*(?:${text})`, 'g');
  return filesOf('.ts')
    .filter(({ path }) => path.endsWith('.test.ts'))
    .flatMap(({ path, lines }) =>
      [...lines.join('\n').matchAll(call)].map(([, single, double, template]) => ({
        path,
        title: single ?? double ?? template ?? '',
      })),
    );
}

/** Paths of sources in a cell; one without a folder lies beside the one before. */
export function sourcePaths(cell: string): readonly string[] {
  const paths: string[] = [];
  let folder = '';
  for (const [, token = ''] of cell.matchAll(/`([^`]+)`/g)) {
    if (!/^[\w./-]+$/.test(token)) continue;
    const isWhole = /^(apps|libs|protos|tools|e2e|docs)\//.test(token);
    if (!isWhole && !/\.(ts|proto)$|\/$/.test(token)) continue;
    const path = isWhole ? token : join(folder, token);
    folder = path.endsWith('/') ? path : dirname(path);
    paths.push(path);
  }
  return paths;
}
