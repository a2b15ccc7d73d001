import { decodeText, PaddockError, read } from '@paddock/client';
import type { Client, ZnodeData } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { contendersOf } from './contender.ts';
import type { Contender } from './contender.ts';
import { Held } from './held.ts';
import { PlaceInLine } from './line.ts';
import type { Line } from './line.ts';

export interface LockOptions {
  /** Kept with its place in line, for `contenders`: who it is. */
  readonly data?: ZnodeData;
}

export interface AcquireOptions {
  /** Stops waiting, and leaves the line. */
  readonly signal?: AbortSignal;
  /** Waits so long at the most, in milliseconds; then fails as `operationTimeout`. */
  readonly timeoutMs?: number;
  /** Hears of the one before it, each time that it begins to wait for another one. */
  readonly waitingFor?: (contender: Contender) => void;
}

export interface WaitingContender extends Contender {
  readonly data: string;
}

/** Of one batch. */
const READS_MAX = 1000;

/**
 * A lock that sessions hold one after the other, in the order in which they have asked. Its line is that of Curator's
 * InterProcessMutex: ephemeral sequential znodes `lock-` below its path, of which each watches the one before it.
 */
export class Lock {
  readonly #client: Client;
  readonly #line: Line;
  readonly #data: ZnodeData;

  /** `word`: of the znodes of its line, where another recipe's is to be shared. */
  constructor(client: Client, path: string, options: LockOptions = {}, word = 'lock-') {
    this.#client = client;
    // What is given up may be done all the same: nobody would leave a place that nobody knows of.
    this.#line = { client: client.with({}), path, word };
    this.#data = options.data ?? '';
  }

  /** Waits for its turn. */
  async acquire(options: AcquireOptions = {}): Promise<Held> {
    const { client } = this.#line;
    const patience = new Patience(client, this.#line.path, options);
    const taking = PlaceInLine.take(this.#line, this.#data, patience.signal);
    try {
      const place = await unlessAborted(patience.signal, taking);
      await place.untilFirst(patience.signal, options.waitingFor);
      return new Held(this.#client, place);
    } catch (error) {
      // Not waited for: it may take long, and whoever is given the error waits for nothing.
      taking.then((place) => place.leave()).catch(() => undefined);
      throw error;
    } finally {
      patience.end();
    }
  }

  /** Null where somebody else holds it or waits for it. */
  async tryAcquire(): Promise<Held | null> {
    const place = await PlaceInLine.take(this.#line, this.#data);
    try {
      if (await place.isFirst()) return new Held(this.#client, place);
    } catch (error) {
      await place.leave();
      throw error;
    }
    await place.leave();
    return null;
  }

  /**
   * Works while it is held, and releases it. Where it was lost before the work was done that is an error, whatever the
   * work came to: somebody else may have worked at the same time.
   */
  async run<T>(work: (held: Held) => Promise<T>, options: AcquireOptions = {}): Promise<T> {
    const held = await this.acquire(options);
    try {
      const result = await work(held);
      held.throwIfLost();
      return result;
    } finally {
      await held.release();
    }
  }

  /** Who holds it, and who waits, in their order. */
  async contenders(): Promise<readonly WaitingContender[]> {
    const { client, path, word } = this.#line;
    const contenders = contendersOf(await namesBelow(client, path), word);
    const waiting: WaitingContender[] = [];
    // None at all is no batch, and neither is a long line.
    for (let from = 0; from < contenders.length; from += READS_MAX) {
      const some = contenders.slice(from, from + READS_MAX);
      const { results } = await client.readMany(
        some.map(({ name }) => read.get(`${path}/${name}`)),
      );
      some.forEach((contender, i) => {
        const result = results[i];
        if (result?.kind === 'data') waiting.push({ ...contender, data: decodeText(result.data) });
      });
    }
    return waiting;
  }
}

export function lock(client: Client, path: string, options: LockOptions = {}): Lock {
  return new Lock(client, path, options);
}

async function namesBelow(client: Client, path: string): Promise<readonly string[]> {
  try {
    return (await client.list(path)).children;
  } catch (error) {
    if (error instanceof PaddockError && error.code === 'noNode') return [];
    throw error;
  }
}

/** How long somebody waits: until a signal of theirs, or a time. */
class Patience {
  readonly signal: AbortSignal;
  readonly end: () => void;

  constructor(client: Client, path: string, { signal, timeoutMs }: AcquireOptions) {
    const controller = new AbortController();
    this.signal =
      signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
    this.end =
      timeoutMs === undefined
        ? () => undefined
        : client.timers.after(timeoutMs, () => {
            const message = `${path} was not acquired within ${timeoutMs} ms`;
            controller.abort(new PaddockError('operationTimeout', path, message));
          });
  }
}
