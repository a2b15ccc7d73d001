import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('the reference of what people install is made without a warning', () => {
  const command = ['node_modules/typedoc/bin/typedoc', '--options', 'tools/generate/typedoc.json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, '--emit', 'none'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status, stdout + stderr).toBe(0);
}, 180_000);
