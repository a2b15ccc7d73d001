import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { reportSchema } from './report.ts';
import type { Report } from './report.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const STOP_MS = 3000;

export interface WorkerListener {
  readonly heard: (report: Report) => void;
  /** It has ended, and nobody asked it to. */
  readonly failed: (how: string) => void;
}

/** A worker as its parent sees it. */
export class WorkerProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #isToEnd = false;

  constructor(name: string, servers: string, { heard, failed }: WorkerListener) {
    this.name = name;
    this.#child = fork(WORKER, [servers, name], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => heard(reportSchema.parse(message)));
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        if (!this.#isToEnd) failed(`ended with ${signal ?? code ?? 'no code'}`);
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** It counts no more. */
  rest(): void {
    if (this.#child.connected) this.#child.send('rest');
  }

  /** As a power cut would: it says goodbye to nobody. */
  async kill(): Promise<void> {
    this.#isToEnd = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Lets it close its session; a worker that does not is killed. */
  async stop(): Promise<void> {
    this.#isToEnd = true;
    if (this.#child.connected) this.#child.send('stop');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
