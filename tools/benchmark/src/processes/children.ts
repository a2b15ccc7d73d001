import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const STOP_MS = 10_000;
const CONDITION = '--conditions=@paddock/source';

export interface ChildOptions {
  /** Relative to this folder's parent. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly stdio: StdioOptions;
}

/** Every process that a benchmark has started, so that none outlives it. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  constructor() {
    process.once('exit', () => {
      for (const child of this.#running) child.kill('SIGKILL');
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        void this.stopAll().finally(() => process.exit(1));
      });
    }
  }

  start(options: ChildOptions): ChildProcess {
    const script = fileURLToPath(new URL(`../${options.script}`, import.meta.url));
    const nodeArgs = [CONDITION, ...(options.nodeArgs ?? [])];
    const child = spawn(process.execPath, [...nodeArgs, script, ...(options.args ?? [])], {
      stdio: options.stdio,
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }

  /** Asks a process to stop, and kills it if it does not. */
  stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#running.has(child)) return resolve();
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      child.kill(signal);
    });
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((child) => this.stop(child)));
  }
}
