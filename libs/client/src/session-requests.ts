import type {
  ClientOptions,
  ClientState,
  ClientWatchEvent,
  Delivery,
  Submission,
} from '@paddock/client-core';
import { ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, OperationResult, SessionId, Zxid } from '@paddock/model';
import type { Timers } from '@paddock/ports';
import { isEnd } from './client-state.ts';
import type { ClientLimits, StateChange } from './client-state.ts';
import { SessionDriver } from './session-driver.ts';
import type { SessionDriverDependencies } from './session-driver.ts';
import { SessionLife } from './session-life.ts';

/** A request, until it is answered; and what is told of its watch behind that. */
export interface Pending {
  readonly operation: ClientOperation;
  /** Whether it may be given up. */
  readonly isRevocable: boolean;
  settle(zxid: Zxid, result: OperationResult, readOnly: boolean): void;
  fired(event: ClientWatchEvent): void;
  /** Told once, at once; what was sent is settled all the same. */
  givenUp(wasSent: boolean): void;
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
  readonly life = new SessionLife(() => {
    const { state, session, timeoutMs } = this.#driver.core;
    return { state, session, timeoutMs };
  });
  #waiting: Pending[] = [];
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
    if (isEnd(this.state)) return;
    if (this.session === null) {
      this.abandon('the client was closed before its session was open');
      return;
    }
    const { closeTimeoutMs } = this.#limits;
    const cancel = this.timers.after(closeTimeoutMs, () =>
      this.abandon(`the service did not answer the closing within ${closeTimeoutMs} ms`),
    );
    try {
      await new Promise<void>((resolve) =>
        this.#push({
          ...{ operation: { kind: 'closeSession' }, isRevocable: false, settle: () => resolve() },
          ...{ fired: () => undefined, givenUp: () => undefined },
        }),
      );
    } finally {
      cancel();
    }
  }

  /** Forgets the watch of an earlier request. */
  unwatch(tag: Pending): void {
    this.#driver.step({ kind: 'unwatch', tag });
  }

  submit(tag: Pending): void {
    const use = this.#driver.core.pending + this.#waiting.length;
    const { maxPending } = this.#limits;
    if (use >= maxPending) {
      const reason = `${maxPending} requests wait for their answers; await some`;
      const limit = { kind: 'outstanding', path: '', limit: maxPending, use, more: 1 } as const;
      tag.settle(ZXID_ZERO, { kind: 'failed', code: 'throttled', reason, limit }, false);
      return;
    }
    this.#push(tag);
  }

  #push(tag: Pending): void {
    // One submission a turn, however many calls it makes.
    if (this.#waiting.length === 0) this.timers.soon(() => this.#flush());
    this.#waiting.push(tag);
  }

  giveUp(tag: Pending): void {
    const index = this.#waiting.indexOf(tag);
    if (index === -1) {
      this.#driver.step({ kind: 'giveUp', tag });
      return;
    }
    this.#waiting.splice(index, 1);
    tag.givenUp(false);
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const submissions = this.#waiting.map((tag): Submission<Pending> => {
      return { tag, operation: tag.operation, revocable: tag.isRevocable };
    });
    this.#waiting = [];
    this.#driver.step({ kind: 'submit', submissions });
  }

  /** Listeners are called as microtasks, as promises are, so that the application sees all in the core's order. */
  #deliver(delivery: Delivery<Pending>): void {
    switch (delivery.kind) {
      case 'settled':
        delivery.tag.settle(delivery.zxid, delivery.result, delivery.readOnly);
        break;
      case 'givenUp':
        delivery.tag.givenUp(delivery.wasSent);
        break;
      case 'watchFired':
        delivery.tag.fired(delivery.event);
        break;
      case 'stateChanged': {
        const { state, reason, end, refusal } = delivery;
        const change: StateChange = {
          ...{ state, reason },
          ...(end && { end }),
          ...(refusal && { refusal }),
        };
        this.life.changed(change);
        break;
      }
    }
  }
}
