import { decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import { eventually } from './eventually.ts';
import type { WriteLoad } from './write-load.ts';

const OUTSTANDING = 4;

/**
 * Linearizable reads of the first counter of a load, from several clients: each must show all that was acknowledged
 * before it was asked for.
 */
export class ReadLoad {
  /** Reads that showed less, and those that failed. */
  readonly faults: string[] = [];
  readonly #clients: readonly Client[];
  readonly #writes: WriteLoad;
  readonly #answered: number[];
  #isStopped = false;
  #running: readonly Promise<void>[] = [];

  constructor(clients: readonly Client[], writes: WriteLoad) {
    this.#clients = clients;
    this.#writes = writes;
    this.#answered = clients.map(() => 0);
  }

  start(): void {
    this.#running = this.#clients.flatMap((client, index) =>
      Array.from({ length: OUTSTANDING }, () => this.#read(client, index)),
    );
  }

  /** Resolves when each client has been answered `count` more times. */
  async untilAnswered(count: number): Promise<void> {
    const goals = this.#answered.map((answered) => answered + count);
    await eventually(`${count} more reads of each client are answered`, () => {
      const behind = this.#answered.findIndex((answered, index) => answered < (goals[index] ?? 0));
      if (behind >= 0) {
        const { state = 'gone' } = this.#clients[behind] ?? {};
        throw new Error(`client ${behind} is ${state}; ${this.faults.join()}`);
      }
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  async #read(client: Client, index: number): Promise<void> {
    const path = this.#writes.path(0);
    while (!this.#isStopped) {
      const least = this.#writes.acknowledged(0);
      try {
        const { data } = await client.get(path, { consistency: { kind: 'linearizable' } });
        const value = Number(decodeText(data));
        if (value < least) {
          this.faults.push(`client ${index} read ${value} after ${least} was acknowledged`);
        }
        this.#answered[index] = (this.#answered[index] ?? 0) + 1;
      } catch (error) {
        this.faults.push(`client ${index}: ${String(error)}`);
        return;
      }
    }
  }
}
