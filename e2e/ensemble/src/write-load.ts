import { setTimeout as sleep } from 'node:timers/promises';
import { decodeText } from '@paddock/client';
import type { Client, Zxid } from '@paddock/client';
import { eventually } from './eventually.ts';

const OUTSTANDING = 16;

export interface WriteLoadOptions {
  /** Its znodes are beside one another, and begin with this path. */
  readonly root?: string;
  /** Writes of each client that are under way, at most. */
  readonly outstanding?: number;
  /** Milliseconds between an answer and the next write in its place; none: as fast as it is answered. */
  readonly paceMs?: number;
}

interface Writer {
  readonly client: Client;
  readonly path: string;
  sent: number;
  acknowledged: number;
  lastZxid: Zxid | undefined;
}

/**
 * Clients that write as fast as they are answered: each counts its own znode up, and creates a sequential znode for
 * every tenth number. Exactly once means that counter, version and the number of children agree in the end.
 */
export class WriteLoad {
  readonly failures: string[] = [];
  readonly #writers: readonly Writer[];
  readonly #options: Required<WriteLoadOptions>;
  #isStopped = false;
  #running: readonly Promise<void>[] = [];
  #created = 0;

  constructor(clients: readonly Client[], options: WriteLoadOptions = {}) {
    this.#options = { root: '/load', outstanding: OUTSTANDING, paceMs: 0, ...options };
    this.#writers = clients.map((client, index) => ({
      client,
      path: this.path(index),
      sent: 0,
      acknowledged: 0,
      lastZxid: undefined,
    }));
  }

  /** The counter of one client. */
  path(index: number): string {
    return `${this.#options.root}-${index}`;
  }

  /** What that counter has come to, as far as its client has been told. */
  acknowledged(index: number): number {
    return this.#writers[index]?.acknowledged ?? 0;
  }

  /** Writes of all clients together that were acknowledged. */
  get total(): number {
    return this.#writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  async start(): Promise<void> {
    const [first] = this.#writers;
    await first?.client.create(this.#log);
    for (const writer of this.#writers) await writer.client.create(writer.path, '0');
    this.#running = this.#writers.flatMap((writer) =>
      Array.from({ length: this.#options.outstanding }, () => this.#write(writer)),
    );
  }

  /** Resolves when each writer has been answered `count` more times. */
  async untilAcknowledged(count: number): Promise<void> {
    const goals = this.#writers.map((writer) => writer.acknowledged + count);
    await eventually(`${count} more writes of each client are acknowledged`, () => {
      const behind = this.#writers.findIndex(
        (writer, index) => writer.acknowledged < (goals[index] ?? 0),
      );
      const writer = this.#writers[behind];
      if (writer !== undefined) {
        throw new Error(
          `${writer.path} has ${writer.acknowledged} of ${goals[behind] ?? 0}, ` +
            `${writer.client.state}, ${this.failures.join()}`,
        );
      }
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  /** Throws unless every acknowledged write is there, once. */
  async verify(reader: Client): Promise<void> {
    await reader.sync();
    for (const { path, sent, lastZxid } of this.#writers) {
      const { data, stat } = await reader.get(path);
      const value = Number(decodeText(data));
      if (value !== sent || stat.version !== sent || stat.mzxid !== lastZxid) {
        throw new Error(
          `${path} has value ${value} and version ${stat.version} after ${sent} acknowledged writes`,
        );
      }
    }
    const { children } = await reader.list(this.#log);
    if (children.length !== this.#created) {
      throw new Error(
        `${children.length} sequential znodes after ${this.#created} acknowledged creations`,
      );
    }
  }

  get #log(): string {
    return `${this.#options.root}-log`;
  }

  async #write(writer: Writer): Promise<void> {
    const { paceMs } = this.#options;
    while (!this.#isStopped) {
      if (paceMs > 0) await sleep(paceMs);
      const number = ++writer.sent;
      try {
        const { zxid } = await writer.client.set(writer.path, String(number), {
          version: number - 1,
        });
        writer.lastZxid = zxid;
        writer.acknowledged++;
        if (number % 10 !== 0) continue;
        await writer.client.create(`${this.#log}/entry-`, '', { mode: 'persistentSequential' });
        this.#created++;
      } catch (error) {
        this.failures.push(String(error));
        return;
      }
    }
  }
}
