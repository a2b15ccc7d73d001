import { step, when } from '@paddock/client';
import type { Client, TransactionOutcome, TransactionStep, Zxid } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import type { Claim } from './claim.ts';
import { Held } from './held.ts';
import { workWhileHeld } from './line-lock.ts';
import type { AcquireOptions, LockOptions } from './line-lock.ts';
import { PlaceInLine } from './line.ts';
import type { Line } from './line.ts';
import { Patience } from './patience.ts';
import { isGone } from './until-gone.ts';
import { unthrottled } from './unthrottled.ts';

/**
 * Several locks as one: all of them, or none. Their places are taken in one transaction, so that of two that share some
 * locks one is before the other in the line of each. No two of them wait for each other, whatever the order of their
 * paths, and neither do they and somebody who holds one lock and asks for no other. Who asks for a lock while holding
 * another one by itself can still be waited for, and wait, for ever. The lines are those of `lock`.
 */
export class MultiLock {
  readonly #client: Client;
  /** Without bounds: nobody would leave a place that nobody knows of. */
  readonly #session: Client;
  readonly #lines: readonly Line[];
  readonly #options: LockOptions;

  constructor(client: Client, paths: readonly string[], options: LockOptions = {}) {
    if (paths.length === 0) throw new RangeError('a multi-lock is of one lock or more');
    const word = 'lock-';
    const session = client.with({});
    this.#client = client;
    this.#session = session;
    this.#lines = [...new Set(paths)].map((path) => ({
      client: session,
      path,
      word,
      waitsFor: [word],
    }));
    this.#options = options;
  }

  /**
   * Waits until it holds all of them. What is held is lost when one of them is; its token is one and the same for all,
   * and writes of its fenced client need all of them.
   */
  async acquire(options: AcquireOptions = {}): Promise<Held> {
    const patience = new Patience(this.#session, this.#name, options);
    const { signal } = patience;
    const taking = this.#take(signal);
    try {
      const claim = await unlessAborted(signal, taking);
      // Where it is first it stays first.
      for (const place of claim.places) await place.untilFirst(signal, options.waitingFor);
      return new Held(this.#client, claim);
    } catch (error) {
      taking.then((claim) => claim.leave()).catch(() => undefined);
      throw error;
    } finally {
      patience.end();
    }
  }

  /** Null where it would have to wait for one of them. */
  async tryAcquire(): Promise<Held | null> {
    const claim = await this.#take();
    try {
      const areFirst = await Promise.all(claim.places.map((place) => place.isFirst()));
      if (!areFirst.includes(false)) return new Held(this.#client, claim);
    } catch (error) {
      await claim.leave();
      throw error;
    }
    await claim.leave();
    return null;
  }

  /** As with a lock: an error where one of them was lost before the work was done. */
  async run<T>(work: (held: Held) => Promise<T>, options: AcquireOptions = {}): Promise<T> {
    return workWhileHeld(await this.acquire(options), work);
  }

  get #name(): string {
    return this.#lines.map(({ path }) => path).join(', ');
  }

  async #take(signal?: AbortSignal): Promise<ClaimOfMany> {
    const data = this.#options.data ?? '';
    const taking = this.#lines.map((line) => PlaceInLine.taking(line, data));
    for (;;) {
      const { succeeded, results } = await this.#transact(taking, signal);
      if (succeeded) {
        const places = this.#lines.map((line, i) => PlaceInLine.taken(line, results[i]));
        return new ClaimOfMany(this.#session, places);
      }
      await this.#found(signal);
    }
  }

  #transact(
    taking: readonly TransactionStep<string>[],
    signal?: AbortSignal,
  ): Promise<TransactionOutcome> {
    const areThere = this.#lines.map(({ path }) => when.exists(path));
    return unthrottled(this.#session, signal, () =>
      this.#session.transaction({ when: areThere, then: taking }),
    );
  }

  /** Those that are missing. A container that stays empty goes again. */
  async #found(signal?: AbortSignal): Promise<void> {
    for (const line of this.#lines) {
      await unthrottled(this.#session, signal, () =>
        this.#session.transaction({
          when: [when.absent(line.path)],
          then: [PlaceInLine.founding(line)],
        }),
      );
    }
  }
}

/** Places that were taken together. */
class ClaimOfMany implements Claim {
  readonly places: readonly PlaceInLine[];
  readonly path: string;
  readonly czxid: Zxid;
  readonly token: Zxid;
  readonly alsoNeeds: readonly string[];
  readonly #client: Client;

  constructor(client: Client, places: readonly PlaceInLine[]) {
    const [first, ...others] = places;
    if (first === undefined) throw new TypeError('a multi-lock has no place');
    this.#client = client;
    this.places = places;
    this.path = first.path;
    this.czxid = first.czxid;
    this.token = first.token;
    this.alsoNeeds = others.map(({ path }) => path);
  }

  /** The last one first, in one transaction; where one of them is gone, each by itself. */
  async leave(): Promise<void> {
    const places = this.places.toReversed();
    try {
      const then = places.map(({ path }) => step.delete(path));
      await unthrottled(this.#client, undefined, () => this.#client.transaction({ then }));
    } catch (error) {
      if (!isGone(error)) throw error;
      for (const place of places) await place.leave();
    }
  }
}

/** Of one client: what is held together ends together. */
export function multiLock(
  client: Client,
  paths: readonly string[],
  options: LockOptions = {},
): MultiLock {
  return new MultiLock(client, paths, options);
}
