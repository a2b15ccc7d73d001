// Makes the archives that are published from what was built: node tools/generate/src/packages.ts [FOLDER]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { published } from './packages/published.ts';
import { stage } from './packages/staging.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const target = resolve(process.argv[2] ?? join(root, 'dist/packages'));

mkdirSync(target, { recursive: true });
const drafts = mkdtempSync(join(tmpdir(), 'paddock-packages-'));
try {
  const folders = published(root).map((library) => {
    const folder = join(drafts, basename(library.folder));
    stage(root, library, folder);
    return folder;
  });
  const packed = ['pack', '--silent', '--pack-destination', target, ...folders];
  process.stdout.write(execFileSync('npm', packed, { cwd: drafts, encoding: 'utf8' }));
} finally {
  rmSync(drafts, { recursive: true });
}
