import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children } from './children.ts';

/** Works with processes and a directory of its own, within `data` or that of the system; neither is left behind. */
export async function withProcesses(
  data: string | undefined,
  work: (children: Children, directory: string) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(data ?? tmpdir(), 'paddock-benchmark-'));
  const children = new Children();
  try {
    await work(children, directory);
  } finally {
    await children.stopAll();
    rmSync(directory, { recursive: true, force: true });
  }
}
