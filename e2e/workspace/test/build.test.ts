import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newcomerEnvironment, pinnedNode, root, runAsNewcomer } from '../src/newcomer.ts';

let elsewhere: string;

beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), 'paddock-elsewhere-'));
  const { exitCode, output } = await runAsNewcomer('npx nx run-many -t build');
  expect(exitCode, output).toBe(0);
}, 180_000);

afterAll(() => {
  rmSync(elsewhere, { recursive: true });
});

test('an application is built into one file that runs on its own', () => {
  const apps = readdirSync(join(root, 'apps'));
  expect(apps.filter((app) => !existsSync(join(root, 'apps', app, 'dist/main.js')))).toEqual([]);
  const alone = join(elsewhere, 'paddock.mjs');
  copyFileSync(join(root, 'apps/cli/dist/main.js'), alone);
  const help = execFileSync(pinnedNode, [alone, '--help'], {
    cwd: elsewhere,
    env: newcomerEnvironment(),
    encoding: 'utf8',
  });
  expect(help).toContain('serve');
});

test('a packed library works elsewhere, with its types', () => {
  const env = newcomerEnvironment();
  const options = { cwd: elsewhere, env, encoding: 'utf8' } as const;
  const folder = join(elsewhere, 'node_modules/@paddock/model');
  mkdirSync(folder, { recursive: true });
  execFileSync(
    'npm',
    ['pack', '--silent', '--pack-destination', elsewhere, join(root, 'libs/model')],
    options,
  );
  const [archive = ''] = readdirSync(elsewhere).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['xzf', archive, '-C', folder, '--strip-components=1'], options);
  expect(existsSync(join(folder, 'src'))).toBe(false);

  writeFileSync(
    join(elsewhere, 'use.mts'),
    "import { assert } from '@paddock/model';\nassert(true, 'true');\n",
  );
  execFileSync(pinnedNode, ['use.mts'], options);
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
  execFileSync(
    pinnedNode,
    [join(root, 'node_modules/typescript/bin/tsc'), ...flags, 'use.mts'],
    options,
  );
});
