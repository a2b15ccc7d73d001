import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { root } from './command.ts';

/** A text file of the repository, tracked or about to be. */
export interface RepositoryFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly extension: string;
  readonly lines: readonly string[];
}

const textExtensions = new Set(['.ts', '.mjs', '.js', '.json', '.md', '.proto', '.yaml', '.yml']);

let files: readonly RepositoryFile[] | undefined;

/** Every text file that git tracks or would add; generated and installed ones are ignored by git. */
export function repositoryFiles(): readonly RepositoryFile[] {
  files ??= paths().map((path) => ({
    path,
    extension: extname(path),
    lines: readFileSync(join(root, path), 'utf8').split('\n'),
  }));
  return files;
}

/** The files with one of these extensions: `filesOf('.ts', '.mjs')`. */
export function filesOf(...extensions: readonly string[]): readonly RepositoryFile[] {
  return repositoryFiles().filter(({ extension }) => extensions.includes(extension));
}

/** `path:line` of each line that a statement is true of. */
export function linesWhere(
  searched: readonly RepositoryFile[],
  holds: (line: string, file: RepositoryFile) => boolean,
): string[] {
  return searched.flatMap((file) =>
    file.lines.flatMap((line, index) => (holds(line, file) ? [`${file.path}:${index + 1}`] : [])),
  );
}

function paths(): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const names = listed.split('\0').filter((path) => path !== '');
  return names.filter((path) => isText(path) && existsSync(join(root, path)));
}

function isText(path: string): boolean {
  return textExtensions.has(extname(path)) || ['.npmrc', '.ci/run', '.gitignore'].includes(path);
}
