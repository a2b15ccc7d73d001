import type { ClientOptions, ClientState, Delivery, Submission } from '@paddock/client-core';
import type { ClientOperation, OperationResult, SessionId, Zxid } from '@paddock/model';
import type { Timers } from '@paddock/ports';
import type { ClientLimits, StateChange, StateListener } from './client-state.ts';
import { PaddockError, requestError } from './paddock-error.ts';
import type { Watch } from './reading.ts';
import { SessionDriver } from './session-driver.ts';
import type { SessionDriverDependencies } from './session-driver.ts';
import { WatchStream } from './watch-stream.ts';

const READ_ONLY = { readOnly: true } as const;

export interface Pending {
  readonly operation: ClientOperation;
  readonly watch: Watch | null;
  readonly settle: (zxid: Zxid, result: OperationResult, readOnly: boolean) => void;
}

/**
 * The requests of one session with the service, in the order of the calls, and what comes back. All calls of one turn
 * of the event loop travel together.
 */
export class SessionRequests {
  readonly #driver: SessionDriver<Pending>;
  readonly #limits: ClientLimits;
  /** Of the process it runs in, or of a simulation. */
  readonly timers: Timers;
  readonly #listeners = new Set<StateListener>();
  #submissions: Submission<Pending>[] = [];
  #closing: Promise<void> | null = null;

  /** Use `connect`, which waits until the session is open. */
  constructor(
    options: ClientOptions,
    limits: ClientLimits,
    dependencies: SessionDriverDependencies,
  ) {
    this.#limits = limits;
    this.timers = dependencies.timers;
    this.#driver = new SessionDriver(options, dependencies, (delivery) => this.#deliver(delivery));
    this.#driver.step({ kind: 'tick' });
  }

  get state(): ClientState {
    return this.#driver.core.state;
  }

  /** The session's public name; null before it is open. */
  get session(): SessionId | null {
    return this.#driver.core.session;
  }

  /** Whether it is a local one: its name changes with its connection, and the first write makes it a global one. */
  get isLocal(): boolean {
    return this.#driver.core.isLocal;
  }

  /** Milliseconds, as granted. */
  get sessionTimeoutMs(): number {
    return this.#driver.core.timeoutMs;
  }

  /** Why the last connection ended or did not come about; empty when none has. */
  get lastFailure(): string {
    return this.#driver.core.lastFailure;
  }

  /** Tells of each change of the state, in order with results and watch events. Returns what stops it. */
  on(_event: 'state', listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the session, and with it its ephemeral znodes; a service that cannot be told finds out by expiry. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the client here and now; what is not answered fails as `connectionLoss`. */
  abandon(reason: string): void {
    this.#flush();
    this.#driver.step({ kind: 'abandon', reason });
  }

  async #close(): Promise<void> {
    if (this.state === 'expired' || this.state === 'closed') return;
    if (this.session === null) {
      this.abandon('the client was closed before its session was open');
      return;
    }
    const { closeTimeoutMs } = this.#limits;
    const cancel = this.timers.after(closeTimeoutMs, () =>
      this.abandon(`the service did not answer the closing within ${closeTimeoutMs} ms`),
    );
    try {
      await this.request({ kind: 'closeSession' }, null, () => true);
    } finally {
      cancel();
    }
  }

  /** Forgets the watch of an earlier request. */
  protected unwatch(tag: Pending): void {
    this.#driver.step({ kind: 'unwatch', tag });
  }

  /** `made` is told the tag of the request before it goes. */
  protected request<T>(
    operation: ClientOperation,
    watch: Watch | null | undefined,
    convert: (zxid: Zxid, result: OperationResult) => T | null,
    made: (tag: Pending) => void = () => undefined,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const use = this.#driver.core.pending + this.#submissions.length;
      const { maxPending } = this.#limits;
      if (use >= maxPending) {
        const reason = `${maxPending} requests wait for their answers; await some`;
        const limit = { kind: 'outstanding', path: '', limit: maxPending, use, more: 1 } as const;
        reject(requestError(operation, { kind: 'failed', code: 'throttled', reason, limit }));
        return;
      }
      const settle = (zxid: Zxid, result: OperationResult, readOnly: boolean): void => {
        const value = convert(zxid, result);
        if (readOnly && typeof value === 'object' && value !== null) {
          resolve(Object.assign(value, READ_ONLY));
        } else if (value !== null) resolve(value);
        else if (result.kind === 'failed') reject(requestError(operation, result));
        else {
          reject(new PaddockError('systemError', '', `a ${operation.kind} has no ${result.kind}`));
        }
      };
      const tag: Pending = { operation, watch: watch ?? null, settle };
      made(tag);
      // One submission a turn, however many calls it makes.
      if (this.#submissions.length === 0) this.timers.soon(() => this.#flush());
      this.#submissions.push({ tag, operation });
    });
  }

  #flush(): void {
    if (this.#submissions.length === 0) return;
    const submissions = this.#submissions;
    this.#submissions = [];
    this.#driver.step({ kind: 'submit', submissions });
  }

  /** Listeners are called as microtasks, as promises are, so that the application sees all in the core's order. */
  #deliver(delivery: Delivery<Pending>): void {
    switch (delivery.kind) {
      case 'settled':
        delivery.tag.settle(delivery.zxid, delivery.result, delivery.readOnly);
        break;
      case 'watchFired': {
        const { watch } = delivery.tag;
        const { event } = delivery;
        if (watch instanceof WatchStream) watch.push(event);
        else if (watch !== null) queueMicrotask(() => watch(event));
        break;
      }
      case 'stateChanged': {
        const { state, reason, end, refusal } = delivery;
        const change: StateChange = {
          ...{ state, reason },
          ...(end && { end }),
          ...(refusal && { refusal }),
        };
        for (const listener of this.#listeners) queueMicrotask(() => listener(change));
        break;
      }
    }
  }
}
