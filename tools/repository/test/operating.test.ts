import { expect, test } from 'vitest';
import { filesOf } from '../src/files.ts';

function linesOf(path: string): readonly string[] {
  return filesOf('.ts', '.md').find((it) => it.path === path)?.lines ?? [];
}

/** Keys of an object literal that a file exports, with their values as they are written. */
function defaultsOf(name: string): readonly string[] {
  const lines = linesOf('libs/model/src/limits.ts');
  const start = lines.findIndex((line) => line.startsWith(`export const ${name}`));
  const end = lines.indexOf('};', start);
  return lines.slice(start + 1, end).map((line) => line.trim().split(':')[0] ?? '');
}

test.each(['DEFAULT_LIMITS', 'DEFAULT_TIMING'])(
  'OPERATING.md has a row for each key of %s, and no other',
  (name) => {
    const document = linesOf('docs/OPERATING.md');
    const title = name === 'DEFAULT_LIMITS' ? '| `limits.`' : '| `timing.`';
    const start = document.findIndex((line) => line.startsWith(title));
    const end = document.indexOf('', start);
    const rows = document.slice(start + 2, end).map((line) => /^\| `(\w+)`/.exec(line)?.[1]);
    const keys = defaultsOf(name);
    expect(keys.length).toBeGreaterThan(5);
    expect([...rows].sort()).toEqual([...keys].sort());
  },
);
