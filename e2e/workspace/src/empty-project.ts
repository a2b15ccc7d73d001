import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { newcomerEnvironment, pinnedNode } from './newcomer.ts';
import type { Ended } from './newcomer.ts';

/** A folder outside of the workspace, in which commands are typed. */
export class EmptyProject implements Disposable {
  readonly folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  /** `registry` is where npm finds packages. */
  constructor(registry: string, environment: NodeJS.ProcessEnv = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'paddock-project-'));
    const own = newcomerEnvironment();
    this.#environment = {
      ...own,
      PATH: `${dirname(pinnedNode)}${delimiter}${own['PATH'] ?? ''}`,
      npm_config_registry: registry,
      npm_config_cache: join(this.folder, '.npm'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
      ...environment,
    };
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Types a line, and waits for its end; gives what was written, both streams. */
  type(line: string): Promise<Ended> {
    return new Promise((resolve) => {
      const options = { cwd: this.folder, env: this.#environment, shell: true } as const;
      const child = execFile(line, options, (_error, out, errors) => {
        resolve({ exitCode: child.exitCode, output: out + errors });
      });
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
