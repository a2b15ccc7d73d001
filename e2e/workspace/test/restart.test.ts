import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { endOf, startAsNewcomer } from '../src/newcomer.ts';

const waiting = { timeout: 20_000, interval: 20 };

function program(text: string): string {
  return `console.log('${text}');\nprocess.on('SIGTERM', () => process.exit(0));\nsetInterval(() => 0, 1000);\n`;
}

test('a served stage starts again when a source changes, however it is saved, and stops on request', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-serve-'));
  mkdirSync(join(folder, 'inside'));
  const main = join(folder, 'main.ts');
  writeFileSync(main, program('first'));
  const child = startAsNewcomer(`exec node tools/bootstrap/dev.mjs ${main}`);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = endOf(child);
  try {
    await vi.waitUntil(() => output === 'first\n', waiting);
    for (const text of ['second', 'third']) {
      writeFileSync(join(folder, 'main.ts.draft'), program(text));
      renameSync(join(folder, 'main.ts.draft'), main);
      await vi.waitUntil(() => output.endsWith(`${text}\n`), waiting);
    }
    writeFileSync(main, program('fourth'));
    await vi.waitUntil(() => output.endsWith('fourth\n'), waiting);
    writeFileSync(join(folder, 'inside/other.ts'), '');
    await vi.waitUntil(() => output.endsWith('fourth\nfourth\n'), waiting);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
