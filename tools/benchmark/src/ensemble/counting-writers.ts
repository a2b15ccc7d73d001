// Clients that count their own znodes up, so that what is there in the end tells whether each write ran once.
import { connect, decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchmarkError } from '../benchmark-error.ts';

/** One sequential znode for so many increments. */
const CREATE_EVERY = 10;

interface Writer {
  readonly client: Client;
  readonly path: string;
  sent: number;
}

export interface CountingOptions {
  /** A path that nobody has used. */
  readonly root: string;
  readonly clients: number;
  /** Where each client may dial. */
  readonly servers: readonly string[];
  /** Between an answer and the next write of the same client. */
  readonly paceMs: number;
}

/** Each has one write under way at a time. */
export class CountingWriters {
  /** Errors and changes of state that an application would have seen. */
  readonly seen: string[] = [];
  /** When each write was acknowledged, in monotonic milliseconds. */
  readonly acknowledgedMs: number[] = [];
  readonly #root: string;
  readonly #paceMs: number;
  readonly #writers: readonly Writer[];
  #created = 0;
  #isStopped = false;
  #running: readonly Promise<void>[] = [];

  private constructor({ root, paceMs }: CountingOptions, clients: readonly Client[]) {
    this.#root = root;
    this.#paceMs = paceMs;
    this.#writers = clients.map((client, i) => ({ client, path: `${root}/writer-${i}`, sent: 0 }));
    for (const [i, client] of clients.entries()) {
      client.on('state', ({ state, reason }) => {
        if (!this.#isStopped) this.seen.push(`client ${i} is ${state}: ${reason}`);
      });
    }
  }

  static async open(options: CountingOptions): Promise<CountingWriters> {
    const { clients, servers, root } = options;
    const opened = await Promise.all(
      Array.from({ length: clients }, (_, i) => {
        // As many at each.
        const first = i % servers.length;
        const rotated = [...servers.slice(first), ...servers.slice(0, first)];
        return connect({ servers: rotated, connectTimeoutMs: 30_000 });
      }),
    );
    const writers = new CountingWriters(options, opened);
    await opened[0]?.create(root);
    await opened[0]?.create(`${root}/log`);
    await Promise.all(writers.#writers.map(({ client, path }) => client.create(path, '0')));
    return writers;
  }

  start(): void {
    this.#running = this.#writers.map((it) => this.#write(it));
  }

  /** Resolves when every client has been answered so many more times. */
  async untilAcknowledged(count: number, patienceMs: number): Promise<void> {
    const goals = this.#writers.map(({ sent }) => sent + count);
    const until = performance.now() + patienceMs;
    while (this.#writers.some(({ sent }, i) => sent <= (goals[i] ?? 0))) {
      if (this.seen.length > 0 || performance.now() > until) {
        const what = this.seen.length > 0 ? this.seen.join('; ') : 'no answers';
        throw new BenchmarkError(`the writers do not get on: ${what}`);
      }
      await sleep(5);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  /** Throws unless each write ran once. */
  async verify(): Promise<void> {
    const [first] = this.#writers;
    if (first === undefined) return;
    await first.client.sync();
    for (const { path, sent } of this.#writers) {
      const { data, stat } = await first.client.get(path);
      const value = Number(decodeText(data));
      if (value !== sent || stat.version !== sent) {
        const found = `value ${value} and version ${stat.version}`;
        throw new BenchmarkError(`${path} has ${found} after ${sent} acknowledged writes`);
      }
    }
    const { children } = await first.client.list(`${this.#root}/log`);
    if (children.length === this.#created) return;
    throw new BenchmarkError(
      `${children.length} sequential znodes after ${this.#created} acknowledged creations`,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#writers.map(({ client }) => client.close()));
  }

  async #write(writer: Writer): Promise<void> {
    const { client, path } = writer;
    try {
      while (!this.#isStopped) {
        const number = ++writer.sent;
        await client.set(path, String(number), { version: number - 1 });
        this.acknowledgedMs.push(performance.now());
        if (number % CREATE_EVERY === 0) {
          await client.create(`${this.#root}/log/entry-`, '', { mode: 'persistentSequential' });
          this.#created++;
          this.acknowledgedMs.push(performance.now());
        }
        await sleep(this.#paceMs);
      }
    } catch (error) {
      this.seen.push(`${path}: ${String(error)}`);
    }
  }
}
