import type { Client } from '@paddock/client';
import { untilGone } from './waiting.ts';

/**
 * A place in a line of ephemeral sequential znodes, which is the heart of locks and elections (paper 2.4, "Simple Locks
 * without Herd Effect"): each watches only the one before it, so that one departure wakes one process.
 */
export class QueuePlace {
  readonly path: string;
  readonly #client: Client;
  readonly #line: string;
  readonly #name: string;

  private constructor(client: Client, line: string, path: string) {
    this.#client = client;
    this.#line = line;
    this.path = path;
    this.#name = path.slice(line.length + 1);
  }

  /** Takes the last place of the line below `line`. */
  static async take(client: Client, line: string, data: string): Promise<QueuePlace> {
    const { path } = await client.create(`${line}/place-`, data, { mode: 'ephemeralSequential' });
    return new QueuePlace(client, line, path);
  }

  /** The name before ours; null when we are first. Names of one length sort by their numbers. */
  async predecessor(): Promise<string | null> {
    const { children } = await this.#client.list(this.#line);
    let before: string | null = null;
    for (const name of children) {
      if (name >= this.#name) continue;
      if (before === null || name > before) before = name;
    }
    return before;
  }

  /** `waiting` hears of each place that is waited for. */
  async untilFirst(waiting: (name: string) => void = () => undefined): Promise<void> {
    for (;;) {
      const before = await this.predecessor();
      if (before === null) return;
      waiting(before);
      await untilGone(this.#client, `${this.#line}/${before}`);
    }
  }

  async leave(): Promise<void> {
    await this.#client.delete(this.path);
  }
}
