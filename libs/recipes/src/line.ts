import { PaddockError, step, when } from '@paddock/client';
import type { Client, CreatedZnode, Watcher, ZnodeData } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { unthrottled } from './unthrottled.ts';
import { contendersOf } from './contender.ts';
import type { Contender } from './contender.ts';

/** A line of ephemeral sequential znodes below one znode. */
export interface Line {
  readonly client: Client;
  readonly path: string;
  /** Begins the names of those who join, and precedes the number of all that stand in it. */
  readonly word: string;
}

/**
 * A place in a line, which is the heart of locks and elections (paper 2.4, "Simple Locks without Herd Effect"): each
 * watches only the one before it, so that one departure wakes one process.
 */
export class PlaceInLine {
  readonly path: string;
  /** When it was taken: of all places of the line the first has the lowest. */
  readonly czxid: CreatedZnode['zxid'];
  readonly #line: Line;
  readonly #name: string;

  private constructor(line: Line, { path, stat }: Pick<CreatedZnode, 'path' | 'stat'>) {
    this.#line = line;
    this.path = path;
    this.czxid = stat.czxid;
    this.#name = path.slice(line.path.length + 1);
  }

  /** Takes the last place; the znode of the line is created as a container where there is none. */
  static async take(line: Line, data: ZnodeData, signal?: AbortSignal): Promise<PlaceInLine> {
    const { client, path, word } = line;
    const place = step.create(`${path}/${word}`, data, { mode: 'ephemeralSequential' });
    const { results } = await unthrottled(client, signal, () =>
      client.transaction({
        when: [when.absent(path)],
        then: [step.create(path, '', { mode: 'container', parents: true }), place],
        otherwise: [place],
      }),
    );
    const created = results.at(-1);
    if (created?.kind !== 'created') throw new TypeError('a place in line was not created');
    return new PlaceInLine(line, created);
  }

  /** Waits for its turn. Who stops waiting, by the signal, has yet to leave. */
  async untilFirst(
    signal?: AbortSignal,
    waitingFor: (before: Contender) => void = () => undefined,
  ): Promise<void> {
    const { client } = this.#line;
    for (;;) {
      const asking = unthrottled(client, signal, () => this.#predecessor());
      const before = await unlessAborted(signal, asking);
      if (before !== null) {
        waitingFor(before);
        await this.#untilGone(before, signal);
      } else if (await this.#isSure(signal)) return;
    }
  }

  /** Whether it is first now, without waiting. */
  async isFirst(): Promise<boolean> {
    const { client } = this.#line;
    const before = await unthrottled(client, undefined, () => this.#predecessor());
    return before === null && client.state !== 'lost';
  }

  /**
   * Also where its session is over, or somebody else has removed it. While the session lives nothing else keeps a place
   * from being left: all behind it would wait for ever.
   */
  async leave(): Promise<void> {
    const { client } = this.#line;
    try {
      await unthrottled(client, undefined, () => client.delete(this.path));
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
  }

  async #predecessor(): Promise<Contender | null> {
    const { client, path, word } = this.#line;
    const contenders = contendersOf((await client.list(path)).children, word);
    const index = contenders.findIndex(({ name }) => name === this.#name);
    if (index === -1) throw new PaddockError('noNode', this.path, `${this.path} was removed`);
    return contenders[index - 1] ?? null;
  }

  /** False, after a while, where the session might have been over for all that the client knew. */
  async #isSure(signal: AbortSignal | undefined): Promise<boolean> {
    const { client } = this.#line;
    if (client.state !== 'lost') return true;
    let stop = (): void => undefined;
    const changed = new Promise<void>((resolve) => {
      stop = client.on('state', () => resolve());
    });
    await unlessAborted(signal, changed).finally(stop);
    return false;
  }

  async #untilGone({ name }: Contender, signal: AbortSignal | undefined): Promise<void> {
    const { client, path } = this.#line;
    const watching = unthrottled(client, signal, () => client.watch(`${path}/${name}`));
    try {
      await unlessAborted(signal, untilGone(watching));
    } finally {
      watching.then(
        (watcher) => watcher.close(),
        () => undefined,
      );
    }
  }
}

/** Also where something else may have happened: whoever asks looks again. */
async function untilGone(watching: Promise<Watcher>): Promise<void> {
  const watcher = await watching;
  if (watcher.stat === null) return;
  for await (const { kind } of watcher) {
    if (kind === 'nodeDeleted' || kind === 'compacted' || kind === 'sessionEnded') return;
  }
}

/** Whether what was to be removed is not there any more, for whatever reason. */
function isGone(error: unknown): boolean {
  return error instanceof PaddockError && ['noNode', 'sessionExpired'].includes(error.code);
}
