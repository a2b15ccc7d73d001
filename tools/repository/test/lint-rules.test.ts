// A rule that has gone quiet looks like code without faults: so each is shown a fault.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from '../src/command.ts';

const timeoutMs = 60_000;

const planted = {
  core: 'libs/zab-core/src/planted.ts',
  coreTest: 'libs/zab-core/test/planted.ts',
  adapter: 'libs/txn-log/src/planted.ts',
  contracts: 'libs/contracts/src/planted.ts',
  stage: 'apps/session-frontend/src/planted.ts',
};

let eslint: ESLint;

beforeAll(() => {
  // The rule on boundaries reads the graph that Nx keeps, and is silent without one.
  execFileSync('nx', ['show', 'projects'], { cwd: root, stdio: 'ignore' });
  eslint = new ESLint({
    cwd: root,
    overrideConfig: {
      languageOptions: {
        parserOptions: {
          projectService: {
            allowDefaultProject: Object.values(planted),
            defaultProject: 'tools/repository/tsconfig.json',
          },
        },
      },
    },
  });
}, timeoutMs);

async function reported(file: keyof typeof planted, source: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(source, { filePath: join(root, planted[file]) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe('a core', () => {
  test.each([
    [
      'the file system',
      "import { readFileSync } from 'node:fs';\nreadFileSync('x');\n",
      'no-restricted-imports',
    ],
    [
      'a file by its old name',
      "import { readFileSync } from 'fs';\nreadFileSync('x');\n",
      'no-restricted-imports',
    ],
    ['the clock', 'export const now = Date.now();\n', 'no-restricted-globals'],
    ['a timer', 'setTimeout(() => undefined, 1);\n', 'no-restricted-globals'],
    ['the process', 'export const id = process.pid;\n', 'no-restricted-globals'],
    ['the console', "console.log('x');\n", 'no-restricted-globals'],
    ['randomness', 'export const chance = Math.random();\n', 'no-restricted-properties'],
    ['random bytes', 'export const id = crypto.randomUUID();\n', 'no-restricted-globals'],
    ['the locale', "export const order = 'a'.localeCompare('b');\n", 'no-restricted-properties'],
    ['async', 'export const wait = async () => undefined;\n', 'no-restricted-syntax'],
    ['a promise', 'export const wait = Promise.resolve(1);\n', 'no-restricted-syntax'],
    ['an untyped error', "throw new Error('x');\n", 'no-restricted-syntax'],
    ['another core', "import {} from '@paddock/tree-core';\n", '@nx/enforce-module-boundaries'],
    [
      'another core by path',
      "import {} from '../../tree-core/src/index.ts';\n",
      '@nx/enforce-module-boundaries',
    ],
    ['an adapter', "import {} from '@paddock/txn-log';\n", '@nx/enforce-module-boundaries'],
    ['a wire type', "import {} from '@paddock/contracts';\n", '@nx/enforce-module-boundaries'],
    ['a logger', "import { pino } from 'pino';\npino();\n", '@nx/enforce-module-boundaries'],
    [
      'gRPC',
      "import { status } from '@grpc/grpc-js';\nstatus.OK;\n",
      '@nx/enforce-module-boundaries',
    ],
  ])(
    'may not touch %s',
    async (_, source, rule) => {
      expect(await reported('core', source)).toContain(rule);
    },
    timeoutMs,
  );

  test(
    'may use the words of the model, and its tests the memory twins',
    async () => {
      const model = "import { assert } from '@paddock/model';\nassert(true, 'true');\n";
      expect(await reported('core', model)).not.toContain('@nx/enforce-module-boundaries');
      const twins = "import {} from '@paddock/compliance';\n";
      expect(await reported('core', twins)).toContain('@nx/enforce-module-boundaries');
      expect(await reported('coreTest', twins)).not.toContain('@nx/enforce-module-boundaries');
    },
    timeoutMs,
  );
});

describe('a boundary', () => {
  test.each([
    ['an adapter may not know a core', 'adapter', "import {} from '@paddock/zab-core';\n"],
    ['an adapter may not know another', 'adapter', "import {} from '@paddock/link-grpc';\n"],
    ['the contracts know nothing', 'contracts', "import {} from '@paddock/model';\n"],
    ['a stage may not know the core of another', 'stage', "import {} from '@paddock/zab-core';\n"],
    ['a stage may not know what tests use', 'stage', "import {} from '@paddock/compliance';\n"],
  ] as const)(
    '%s',
    async (_, file, source) => {
      expect(await reported(file, source)).toContain('@nx/enforce-module-boundaries');
    },
    timeoutMs,
  );
});

describe('everywhere', () => {
  test.each([
    ['any', 'export const value: any = 1;\n', '@typescript-eslint/no-explicit-any'],
    [
      'a promise that floats',
      'export const run = (it: Promise<void>) => {\n  it;\n};\n',
      '@typescript-eslint/no-floating-promises',
    ],
    [
      'a cast that checks nothing',
      'export const as = (it: unknown) => it as string;\n',
      '@typescript-eslint/no-unsafe-type-assertion',
    ],
    [
      'a value that is asserted to be there',
      'export const first = (it: string[]) => it[0]!;\n',
      '@typescript-eslint/no-non-null-assertion',
    ],
    [
      'a switch that leaves a case out',
      "export function f(it: 'a' | 'b') {\n  switch (it) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
      '@typescript-eslint/switch-exhaustiveness-check',
    ],
    ['a default export', 'export default 1;\n', 'no-restricted-syntax'],
    ['an export of everything', "export * from './segment.ts';\n", 'no-restricted-syntax'],
    ['an untyped error', "throw new Error('x');\n", 'no-restricted-syntax'],
    ['the environment', "export const it = process.env['X'];\n", 'no-restricted-properties'],
    ['the console', "console.log('x');\n", 'no-console'],
  ])(
    '%s is reported',
    async (_, source, rule) => {
      expect(await reported('adapter', source)).toContain(rule);
    },
    timeoutMs,
  );
});
