import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDisk } from '@paddock/compliance';
import { DiskError } from '@paddock/ports';
import { expect, it } from 'vitest';
import { NodeDisk } from '../src/index.ts';

describeDisk('a directory of the file system', () => {
  const directory = mkdtempSync(join(tmpdir(), 'paddock-disk-'));
  return {
    disk: new NodeDisk(directory),
    settle: () => new Promise((resolve) => setTimeout(resolve, 1)),
    reopen: () => new NodeDisk(directory),
    dispose: () => {
      rmSync(directory, { recursive: true });
    },
  };
});

it('names the directory that is not there', () => {
  const missing = new NodeDisk(join(tmpdir(), 'paddock-no-such-directory'));
  expect(() => missing.list()).toThrow(DiskError);
  expect(() => missing.list()).toThrow(/paddock-no-such-directory/);
});
