// Every block of code in the documents is run, or says which test runs the same.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { startEnsemble } from '@paddock/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { codeBlocks, documents, followers } from '../src/documented-code.ts';
import type { CodeBlock } from '../src/documented-code.ts';
import { root } from '../src/newcomer.ts';

const folder = join(root, 'e2e/workspace/dist/documents');
const all = documents().flatMap(codeBlocks);
const next = followers(all);
const CODE = ['ts', 'js', 'sh'];
const running = all.filter(({ language, remark }) => CODE.includes(language) && remark === '');
/** All that nothing runs. */
const NOT_RUN = [
  'README.md: not-run=needs-packages-of-python',
  'docs/examples/python/README.md: not-run=needs-packages-of-python',
];

/** What documents leave to their reader ends a program after a while. */
class EnoughWork extends Error {
  override readonly name = 'EnoughWork';
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a block of code is run here, or says where it is, or why it is not', () => {
  const elsewhere = all.filter(({ remark }) => remark.startsWith('elsewhere='));
  const lost = elsewhere.filter(({ remark }) => !existsSync(join(root, remark.slice(10))));
  expect(lost).toEqual([]);
  const known = ['', 'text', 'json', 'mermaid', ...CODE];
  expect(all.filter(({ language }) => !known.includes(language))).toEqual([]);
  const unproven = all.filter((it) => it.remark !== '' && !elsewhere.includes(it));
  expect(unproven.map(({ document, remark }) => `${document}: ${remark}`)).toEqual(NOT_RUN);
});

test('blocks in TypeScript have the right types, for a strict project', () => {
  for (const block of running.filter(({ language }) => language === 'ts')) {
    writeFileSync(fileOf(block), block.text);
  }
  writeFileSync(
    join(folder, 'left-to-the-reader.d.ts'),
    'declare function work(): Promise<void>;\n',
  );
  const compilerOptions = {
    ...{ rootDir: root, noEmit: true, composite: false, incremental: false, declarationMap: false },
    ...{ moduleDetection: 'force', noUnusedLocals: false, lib: ['es2024', 'esnext.disposable'] },
    // As others have them, which is faster than from the sources.
    ...{ types: ['node'], customConditions: [] },
  };
  const configuration = {
    extends: join(root, 'tsconfig.base.json'),
    include: ['*.ts'],
    compilerOptions,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const libraries = ['client', 'recipes', 'testing'].map((it) => join(root, 'libs', it));
  execFileSync(process.execPath, [tsc, '-b', ...libraries]);
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
}, 180_000);

describe('the block of code', () => {
  test.each(running.map((block) => ({ ...block, block })))(
    'at $document:$line runs',
    async ({ block }) => {
      await using ensemble = await startEnsemble({ ports: true });
      // Where `connect()` goes: the ports of `npm start` may be in use here.
      vi.stubEnv('PADDOCK_SERVERS', ensemble.servers);
      const said = block.language === 'sh' ? typed(block) : await run(block);
      const follower = next.get(block);
      if (follower?.language === 'text') expect(said).toBe(follower.text);
    },
  );
});

/** In a folder of its own. */
function typed({ text }: CodeBlock): string {
  const cwd = mkdtempSync(join(tmpdir(), 'paddock-typed-'));
  try {
    return execFileSync('bash', ['-euc', text], { cwd, encoding: 'utf8', stdio: 'pipe' });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

function fileOf({ document, line, language }: CodeBlock): string {
  return join(folder, `${document.replaceAll(/\W/g, '-')}-${line}.${language}`);
}

async function run(block: CodeBlock): Promise<string> {
  const file = fileOf(block);
  writeFileSync(file, block.text);
  let said = '';
  const log = vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    said += `${words.map((it) => (typeof it === 'string' ? it : inspect(it))).join(' ')}\n`;
  });
  let left = 3;
  vi.stubGlobal('work', async () => {
    if (--left < 0) throw new EnoughWork();
  });
  vi.stubGlobal('fetch', async () => new Response('fetched'));
  try {
    await import(/* @vite-ignore */ file);
  } catch (error) {
    if (!(error instanceof EnoughWork)) throw error;
  } finally {
    log.mockRestore();
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
  }
  return said;
}
