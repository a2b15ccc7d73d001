import type { Client, ClientState, ZnodeData } from '@paddock/client';
import { unlessAborted, untilAborted } from '../abort.ts';
import { after } from '../after.ts';
import type { Held } from '../held.ts';

export interface StandingOptions {
  /** Unique among the members: under it it comes back. */
  readonly id: string;
  readonly data?: ZnodeData;
  /** Opens another session where the last one has ended. */
  readonly reconnect: () => Promise<Client>;
  /** Is told of each membership, the first too. */
  readonly joined?: (held: Held) => void;
  /** Is told of what has kept it from being a member; it tries again. */
  readonly failed?: (error: unknown) => void;
}

const IS_OVER: readonly ClientState[] = ['expired', 'closed'];
const PAUSE_MS = 1000;

/**
 * A member that comes back: where its session has ended it joins again by another one, and where its znode was removed
 * by the same. Others see it go and come. The sessions that it has opened are its own, and closed with it.
 */
export class StandingMember implements AsyncDisposable {
  readonly #first: Client;
  readonly #join: (client: Client, signal: AbortSignal) => Promise<Held>;
  readonly #options: Omit<StandingOptions, 'id' | 'data'>;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #held: Held | null = null;

  /** `join`: as a client would, under the id. */
  constructor(
    client: Client,
    join: (client: Client, signal: AbortSignal) => Promise<Held>,
    options: Omit<StandingOptions, 'id' | 'data'>,
  ) {
    this.#first = client;
    this.#join = join;
    this.#options = options;
    this.#ended = this.#stay();
  }

  /** Null while it is no member. */
  get held(): Held | null {
    return this.#held?.isHeld === true ? this.#held : null;
  }

  /** Leaves. */
  async close(): Promise<void> {
    this.#closing.abort(new DOMException('the member leaves', 'AbortError'));
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #stay(): Promise<void> {
    const { signal } = this.#closing;
    const { failed = (): void => undefined, reconnect } = this.#options;
    let client = this.#first;
    const isClosed = (): boolean => signal.aborted;
    while (!isClosed()) {
      try {
        if (IS_OVER.includes(client.state)) client = await reconnect();
        await this.#beMember(client, signal);
      } catch (error) {
        if (isClosed()) break;
        failed(error);
        await pause(client, signal);
      }
    }
    if (client !== this.#first) await client.close().catch(() => undefined);
  }

  /** Until it is lost, or to be given up. */
  async #beMember(client: Client, signal: AbortSignal): Promise<void> {
    const { joined = (): void => undefined } = this.#options;
    const held = await this.#join(client, signal);
    this.#held = held;
    try {
      joined(held);
      await untilAborted(AbortSignal.any([held.signal, signal]));
    } finally {
      // Also of a session that was given up too early, and lives: it would wait for itself.
      await held.release();
    }
  }
}

async function pause(client: Client, signal: AbortSignal): Promise<void> {
  await unlessAborted(signal, after(client, PAUSE_MS)).catch(() => undefined);
}
