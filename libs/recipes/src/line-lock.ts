import { decodeText, PaddockError, read } from '@paddock/client';
import type { Client, ZnodeData } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { contendersOf } from './contender.ts';
import type { Contender } from './contender.ts';
import type { Held } from './held.ts';
import { PlaceInLine } from './line.ts';
import type { Line } from './line.ts';
import { Patience } from './patience.ts';
import type { PatienceOptions } from './patience.ts';

/** Of one batch. */
const READS_MAX = 1000;

export interface LockOptions {
  /** Kept with its place in line, for `contenders`: who it is. */
  readonly data?: ZnodeData;
}

/** Who stops waiting, by the signal or the time, leaves the line. */
export interface AcquireOptions extends PatienceOptions {
  /** Hears of the one that it waits for, each time that it begins to wait for another one. */
  readonly waitingFor?: (contender: Contender) => void;
}

export interface WaitingContender extends Contender {
  readonly data: string;
}

/** What sessions hold by their places in a line. */
export class LineLock<H extends Held> {
  readonly #client: Client;
  readonly #line: Line;
  readonly #data: ZnodeData;
  readonly #hold: (client: Client, place: PlaceInLine) => H;

  constructor(line: Line, data: ZnodeData, hold: (client: Client, place: PlaceInLine) => H) {
    this.#client = line.client;
    // What is given up may be done all the same: nobody would leave a place that nobody knows of.
    this.#line = { ...line, client: line.client.with({}) };
    this.#data = data;
    this.#hold = hold;
  }

  /** Waits for its turn. */
  async acquire(options: AcquireOptions = {}): Promise<H> {
    const { client, path } = this.#line;
    const patience = new Patience(client, path, options);
    const taking = PlaceInLine.take(this.#line, this.#data, patience.signal);
    try {
      const place = await unlessAborted(patience.signal, taking);
      await place.untilFirst(patience.signal, options.waitingFor);
      return this.#hold(this.#client, place);
    } catch (error) {
      // Not waited for: it may take long, and whoever is given the error waits for nothing.
      taking.then((place) => place.leave()).catch(() => undefined);
      throw error;
    } finally {
      patience.end();
    }
  }

  /** Null where it would have to wait for somebody. */
  async tryAcquire(): Promise<H | null> {
    const place = await PlaceInLine.take(this.#line, this.#data);
    try {
      if (await place.isFirst()) return this.#hold(this.#client, place);
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
  async run<T>(work: (held: H) => Promise<T>, options: AcquireOptions = {}): Promise<T> {
    const held = await this.acquire(options);
    return workWhileHeld(held, work);
  }

  /** Who holds it, and who waits, in their order. */
  async contenders(): Promise<readonly WaitingContender[]> {
    const { client, path, waitsFor } = this.#line;
    const contenders = contendersOf(await namesBelow(client, path), ...waitsFor);
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

export async function workWhileHeld<H extends Held, T>(
  held: H,
  work: (held: H) => Promise<T>,
): Promise<T> {
  try {
    const result = await work(held);
    held.throwIfLost();
    return result;
  } finally {
    await held.release();
  }
}

async function namesBelow(client: Client, path: string): Promise<readonly string[]> {
  try {
    return (await client.list(path)).children;
  } catch (error) {
    if (error instanceof PaddockError && error.code === 'noNode') return [];
    throw error;
  }
}
