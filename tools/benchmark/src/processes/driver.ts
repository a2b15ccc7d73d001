import type { ChildProcess } from 'node:child_process';
import { BenchmarkError } from '../benchmark-error.ts';
import type { DriverAnswer, DriverRequest } from '../driver/driver-messages.ts';
import type { LoadPlan, LoadResult } from '../driver/load.ts';
import type { Children } from './children.ts';

/** The process that makes the load; it is asked for one thing at a time. */
export class Driver {
  readonly #child: ChildProcess;

  constructor(children: Children) {
    this.#child = children.start({
      script: 'driver/main.ts',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  /** Opens a session under this name; `prepares` creates the znodes that workloads need. */
  async open(name: string, address: string, prepares = true): Promise<void> {
    await this.#ask({ kind: 'open', name, address, prepares });
  }

  async fill(name: string, znodes: number): Promise<void> {
    await this.#ask({ kind: 'fill', name, znodes });
  }

  async load(name: string, plan: LoadPlan): Promise<LoadResult> {
    const answer = await this.#ask({ kind: 'load', name, plan });
    if (answer.kind !== 'loaded') throw new BenchmarkError('the driver did not answer the load');
    const { result } = answer;
    if (result.failed > 0) {
      throw new BenchmarkError(`${result.failed} of ${result.operations} operations failed`);
    }
    return result;
  }

  async close(name: string): Promise<void> {
    await this.#ask({ kind: 'close', name });
  }

  #ask(request: DriverRequest): Promise<DriverAnswer> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new BenchmarkError('the load driver has ended'));
      this.#child.once('exit', ended);
      this.#child.once('message', (answer: DriverAnswer) => {
        this.#child.off('exit', ended);
        if (answer.kind === 'failed') reject(new BenchmarkError(answer.reason));
        else resolve(answer);
      });
      this.#child.send(request);
    });
  }
}
