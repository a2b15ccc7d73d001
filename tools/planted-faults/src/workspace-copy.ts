import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plant } from './planted-fault.ts';
import type { PlantedFault } from './planted-fault.ts';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

const LEFT_OUT = new Set(['dist', 'node_modules', 'bench']);
const CONFIGURATION = ['package.json', 'tsconfig.base.json', 'tsconfig.test.json'];

/** The libraries with their tests, in a folder where they can be broken. */
export class WorkspaceCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'paddock-planted-'));

  constructor() {
    const libraries = readdirSync(join(root, 'libs'));
    for (const library of libraries) {
      cpSync(join(root, 'libs', library), join(this.folder, 'libs', library), {
        recursive: true,
        filter: (source) => !LEFT_OUT.has(basename(source)),
      });
    }
    for (const file of [...CONFIGURATION, 'vitest.config.ts']) {
      cpSync(join(root, file), join(this.folder, file));
    }
    this.#linkPackages(libraries);
  }

  /** Runs something with the fault planted, and takes it out again. */
  async with<T>(fault: PlantedFault, run: () => Promise<T>): Promise<T> {
    const path = join(this.folder, fault.file);
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, plant(fault, source));
    try {
      return await run();
    } finally {
      writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Packages of others are those of the original; the libraries are the copies. */
  #linkPackages(libraries: readonly string[]): void {
    const from = join(root, 'node_modules');
    const to = join(this.folder, 'node_modules');
    mkdirSync(join(to, '@paddock'), { recursive: true });
    for (const name of readdirSync(from)) {
      const isShared = name !== '@paddock' && !name.startsWith('.');
      if (isShared) symlinkSync(join(from, name), join(to, name));
    }
    for (const library of libraries) {
      symlinkSync(join('..', '..', 'libs', library), join(to, '@paddock', library));
    }
  }
}
