import type { Client, ClientState, Zxid } from '@paddock/client';
import type { Claim } from './claim.ts';
import { FencedClient } from './fenced-client.ts';
import { LockLostError } from './lock-lost-error.ts';

/** States in which the session may be over for the service. */
const IS_OVER: readonly ClientState[] = ['lost', 'expired', 'closed'];

/**
 * What is held, until it is released or lost. The service gives it to somebody else only when this session is over, and
 * the signal fires before that can be: it counts from the last sign of life that the leader has acknowledged. A process
 * that is stopped hears nothing meanwhile, which is what the fenced client is for.
 */
export class Held implements AsyncDisposable {
  /** Fires when it is lost, with a LockLostError, and when it is released. */
  readonly signal: AbortSignal;
  /** Grows from holder to holder: whoever is given it refuses lower ones than it has seen. */
  readonly token: Zxid;
  /** The znode that stands for it. */
  readonly path: string;
  /** Writes that fail once it is lost. */
  readonly client: FencedClient;
  protected readonly session: Client;
  readonly #claim: Claim;
  readonly #controller = new AbortController();
  readonly #stopListening: () => void;
  #released: Promise<void> | null = null;

  constructor(client: Client, claim: Claim) {
    this.session = client.with({});
    this.#claim = claim;
    this.path = claim.path;
    this.token = claim.token;
    this.signal = this.#controller.signal;
    this.client = new FencedClient(client, claim);
    this.#stopListening = client.on('state', ({ state, reason }) => {
      if (IS_OVER.includes(state)) this.endsBecause(reason);
    });
    if (!this.isHeld) return;
    for (const path of [claim.path, ...claim.alsoNeeds]) void this.#watch(path);
  }

  /** Whether it is held, for all that this process knows, by its clock at this moment. */
  get isHeld(): boolean {
    const { state } = this.session;
    if (IS_OVER.includes(state)) this.endsBecause(`the session is ${state}`);
    return !this.signal.aborted;
  }

  /** Throws where it is lost or released. */
  throwIfLost(): void {
    if (!this.isHeld) this.signal.throwIfAborted();
  }

  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #release(): Promise<void> {
    this.endsBecause('it was released');
    await this.#claim.leave();
  }

  /** Given back, or lost; the first reason stays. */
  protected endsBecause(why: string): void {
    this.#stopListening();
    if (!this.signal.aborted) this.#controller.abort(new LockLostError(this.path, why));
  }

  /** Somebody may have removed a znode of it. */
  async #watch(path: string): Promise<void> {
    try {
      const { stat } = await this.session.exists(path, {
        watch: ({ kind }) => {
          if (this.signal.aborted) return;
          if (kind === 'nodeDeleted') this.endsBecause('its znode was deleted');
          else if (kind !== 'sessionEnded') void this.#watch(path);
        },
      });
      if (stat === null) this.endsBecause('its znode was deleted');
    } catch (error) {
      this.endsBecause(error instanceof Error ? error.message : String(error));
    }
  }
}
