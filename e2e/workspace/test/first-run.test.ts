// The bootstrap in a clone made up for the test, with an npm that only takes notes.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Ended,
  endOf,
  newcomerEnvironment,
  pinnedNode,
  root,
  runAsNewcomer,
  startAsNewcomer,
} from '../src/newcomer.ts';

let clone: string;

function put(path: string, text: string): void {
  mkdirSync(dirname(join(clone, path)), { recursive: true });
  writeFileSync(join(clone, path), text);
}

function putLock(path: string, version: string): void {
  const foreign = { version, os: ['plan9'], optional: true };
  const packages = { '': {}, 'node_modules/one': { version }, 'node_modules/foreign': foreign };
  put(path, JSON.stringify({ packages }));
}

function paddock(args: string, extra: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const path = newcomerEnvironment()['PATH'] ?? '';
  return runAsNewcomer(`node ${clone}/tools/bootstrap/paddock.mjs ${args}`, {
    PATH: `${join(clone, 'path')}${delimiter}${path}`,
    ...extra,
  });
}

function notes(): string[] {
  return readFileSync(join(clone, 'notes'), 'utf8').split('\n').slice(0, -1);
}

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'paddock-clone-'));
  cpSync(join(root, 'tools/bootstrap'), join(clone, 'tools/bootstrap'), { recursive: true });
  put('notes', '');
  put(
    'apps/cli/src/main.ts',
    "console.log('arguments', ...process.argv.slice(2));\nprocess.exit(7);\n",
  );
  put('protos/one.proto', '');
  put(
    'tools/generate/src/main.ts',
    "import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';\n" +
      `appendFileSync('${clone}/notes', 'generate\\n');\n` +
      `mkdirSync('${clone}/libs/contracts/gen', { recursive: true });\n` +
      `writeFileSync('${clone}/libs/contracts/gen/index.js', '');\n`,
  );
  putLock('package-lock.json', '1.0.0');
  put(
    'path/npm',
    `#!/bin/sh\necho "npm $1" >> ${clone}/notes\nmkdir -p ${clone}/node_modules/.bin\n` +
      `ln -sf ${pinnedNode} ${clone}/node_modules/.bin/node\n` +
      `cp ${clone}/package-lock.json ${clone}/node_modules/.package-lock.json\n`,
  );
  chmodSync(join(clone, 'path/npm'), 0o755);
});

afterEach(() => {
  rmSync(clone, { recursive: true });
});

test('the first run installs and generates, the next does neither', async () => {
  const first = await paddock('get /a');
  expect(first.output).toContain('installing 1 packages');
  expect(first.output).toMatch(/arguments get \/a\n$/);
  expect(first.exitCode).toBe(7);
  expect(notes()).toEqual(['npm ci', 'generate']);

  const next = await paddock('get /a');
  expect(next).toEqual({ exitCode: 7, output: 'arguments get /a\n' });
  expect(notes()).toEqual(['npm ci', 'generate']);
});

test('a lock file that has moved on is installed', async () => {
  await paddock('');
  putLock('package-lock.json', '1.0.1');
  await paddock('');
  expect(notes()).toEqual(['npm ci', 'generate', 'npm ci']);
});

test('contracts are generated again when a proto is added, changed or removed', async () => {
  await paddock('');
  put('protos/two.proto', '');
  await paddock('');
  put('protos/one.proto', '// changed');
  await paddock('');
  rmSync(join(clone, 'protos/two.proto'));
  await paddock('');
  expect(notes()).toEqual(['npm ci', 'generate', 'generate', 'generate', 'generate']);
});

test('an install that fails ends with its reason', async () => {
  put('path/npm', '#!/bin/sh\necho "no network" >&2\nexit 3\n');
  const { exitCode, output } = await paddock('');
  expect(output).toContain('no network\n');
  expect(output).toMatch(/\npaddock: .*npm ci .* ended with 3\n$/);
  expect(exitCode).toBe(1);
});

test('where no Node is pinned an old one is refused, and a new one is used', async () => {
  symlinkSync(pinnedNode, join(clone, 'path/node'));
  put(
    'path/npm',
    `#!/bin/sh\nmkdir -p ${clone}/node_modules\n` +
      `cp ${clone}/package-lock.json ${clone}/node_modules/.package-lock.json\n`,
  );
  const { output } = await paddock('get');
  expect(output).toMatch(/arguments get\n$/);

  put('old.mjs', "Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } });\n");
  const old = await paddock('get', { NODE_OPTIONS: `--import=${join(clone, 'old.mjs')}` });
  expect(old.output).toContain('paddock: Node 24 is needed');
  expect(old.exitCode).toBe(1);
});

test('a signal reaches the program, which decides how the command ends', async () => {
  await paddock('');
  put(
    'apps/cli/src/main.ts',
    "process.on('SIGTERM', () => process.exit(5));\nsetInterval(() => 0, 1000);\nconsole.log('ready');\n",
  );
  const child = startAsNewcomer(`exec node ${clone}/tools/bootstrap/run.mjs serve`);
  const ended = endOf(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(5);
});
