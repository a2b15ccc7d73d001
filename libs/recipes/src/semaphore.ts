import { PaddockError } from '@paddock/client';
import type { Client, ZnodeData } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { isSure } from './certainty.ts';
import { contendersOf } from './contender.ts';
import { Held } from './held.ts';
import { workWhileHeld } from './line-lock.ts';
import type { LockOptions } from './line-lock.ts';
import { PlaceInLine } from './line.ts';
import type { Line } from './line.ts';
import { Patience } from './patience.ts';
import type { PatienceOptions } from './patience.ts';
import { untilFound } from './until-found.ts';
import { untilAnswered } from './until-answered.ts';

export interface SemaphoreOptions extends LockOptions {
  /** How many may hold it at a time. Everybody has to say the same. */
  readonly leases: number;
}

/**
 * So many sessions hold it at a time, in the order in which they have asked. Its layout is that of Curator's
 * InterProcessSemaphoreV2: who waits stands in line in `locks`, and the first of the line adds its own to `leases` and
 * waits until these are not too many. So one watches the leases, and each of the others the one before it.
 */
export class Semaphore {
  readonly #client: Client;
  /** Without bounds: nobody would leave a place that nobody knows of. */
  readonly #session: Client;
  readonly #path: string;
  readonly #leases: number;
  readonly #waiting: Line;
  readonly #holding: Line;
  readonly #data: ZnodeData;

  constructor(client: Client, path: string, { leases, data = '' }: SemaphoreOptions) {
    if (!Number.isInteger(leases) || leases < 1) {
      throw new RangeError(`a semaphore has one lease or more, not ${leases}`);
    }
    this.#client = client;
    this.#path = path;
    this.#leases = leases;
    const session = client.with({});
    this.#session = session;
    this.#waiting = { client: session, path: `${path}/locks`, word: 'lock-', waitsFor: ['lock-'] };
    this.#holding = {
      client: session,
      path: `${path}/leases`,
      word: 'lease-',
      waitsFor: ['lease-'],
    };
    this.#data = data;
  }

  /** Waits for a lease. */
  async acquire(options: PatienceOptions = {}): Promise<Held> {
    const patience = new Patience(this.#session, this.#path, options);
    const { signal } = patience;
    const taking = PlaceInLine.take(this.#waiting, this.#data, signal);
    try {
      const turn = await unlessAborted(signal, taking);
      await turn.untilFirst(signal);
      return await this.#lease(signal);
    } finally {
      patience.end();
      // Not waited for: the lease is held already, or the error is to be told.
      taking.then((turn) => turn.leave()).catch(() => undefined);
    }
  }

  /** Null where it would have to wait. */
  async tryAcquire(): Promise<Held | null> {
    const turn = await PlaceInLine.take(this.#waiting, this.#data);
    try {
      if (!(await turn.isFirst())) return null;
      const place = await PlaceInLine.take(this.#holding, this.#data);
      if ((await this.#areFew(place)) && this.#session.state !== 'lost') {
        return new Held(this.#client, place);
      }
      await place.leave();
      return null;
    } finally {
      await turn.leave();
    }
  }

  /** As with a lock: an error where the lease was lost before the work was done. */
  async run<T>(work: (held: Held) => Promise<T>, options: PatienceOptions = {}): Promise<T> {
    return workWhileHeld(await this.acquire(options), work);
  }

  /**
   * Its own lease counts from the moment that it is there, so that of two that come at once, whatever has become of the
   * line, the later one sees the earlier one: never too many see few enough.
   */
  async #lease(signal: AbortSignal): Promise<Held> {
    const taking = PlaceInLine.take(this.#holding, this.#data, signal);
    try {
      const place = await unlessAborted(signal, taking);
      await this.#untilFew(place, signal);
      return new Held(this.#client, place);
    } catch (error) {
      taking.then((place) => place.leave()).catch(() => undefined);
      throw error;
    }
  }

  async #untilFew(place: PlaceInLine, signal: AbortSignal): Promise<void> {
    const client = this.#session;
    do {
      if (await unlessAborted(signal, this.#areFew(place))) continue;
      // Nobody else adds leases meanwhile: what it is told of is releases.
      const look = async (): Promise<true | null> => (await this.#areFew(place)) || null;
      await untilFound(client, this.#holding.path, look, signal);
    } while (!(await isSure(client, signal)));
  }

  async #areFew({ name, path }: PlaceInLine): Promise<boolean> {
    const { path: leases, word } = this.#holding;
    const { children } = await untilAnswered(this.#session, undefined, () =>
      this.#session.list(leases),
    );
    if (!children.includes(name)) throw new PaddockError('noNode', path, `${path} was removed`);
    return contendersOf(children, word).length <= this.#leases;
  }
}

export function semaphore(client: Client, path: string, options: SemaphoreOptions): Semaphore {
  return new Semaphore(client, path, options);
}
