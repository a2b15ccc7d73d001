import { ClientCore, ClientEffects } from '@paddock/client-core';
import type {
  ClientDependencies,
  ClientEvent,
  ClientOptions,
  Delivery,
} from '@paddock/client-core';
import type { Credential, SessionReply, SessionRequest } from '@paddock/model';
import type { CancelTimer, Link, LinkDialer, Timers } from '@paddock/ports';

export type SessionDialer = LinkDialer<SessionRequest[], readonly SessionReply[]>;

export interface SessionDriverDependencies extends ClientDependencies {
  readonly timers: Timers;
  readonly dialer: SessionDialer;
  /** Where a server is by now, each time that it is dialled; without it, where its name says. */
  readonly addressOf?: (server: string) => string | Promise<string>;
  /** Gets a credential for each connection, beside those of the core. */
  readonly credential?: () => Promise<Credential>;
  /** Called once, when the session is over and no link is left. */
  readonly release: () => void;
}

/** Runs a ClientCore: carries out what it wants, and tells it what happens. */
export class SessionDriver<Tag> {
  readonly core: ClientCore<Tag>;
  readonly #dependencies: SessionDriverDependencies;
  readonly #deliver: (delivery: Delivery<Tag>) => void;
  readonly #effects = new ClientEffects<Tag>();
  readonly #links = new Map<number, Link<SessionRequest[]>>();
  readonly #inbox: ClientEvent<Tag>[] = [];
  #lastLink = 0;
  #isStepping = false;
  #isReleased = false;
  #timer: CancelTimer = () => undefined;
  #timerMs = Infinity;

  constructor(
    options: ClientOptions,
    dependencies: SessionDriverDependencies,
    deliver: (delivery: Delivery<Tag>) => void,
  ) {
    this.core = new ClientCore(options, dependencies);
    this.#dependencies = dependencies;
    this.#deliver = deliver;
  }

  /** Also called from within a step, by a link that answers at once: that event then waits its turn. */
  step(event: ClientEvent<Tag>): void {
    this.#inbox.push(event);
    this.#run();
  }

  #run(): void {
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        this.core.step(next, this.#effects);
        this.#carryOut();
      }
    } finally {
      this.#isStepping = false;
    }
    this.#arm();
  }

  #carryOut(): void {
    const effects = this.#effects;
    if (effects.dial !== null) this.#dial(effects.dial);
    // What does not fit the link's buffer is bounded by the core's pipeline, so its answer is not needed.
    effects.requests.drain((link, batch) => this.#links.get(link)?.send(batch));
    for (const number of effects.hangUps) {
      this.#links.get(number)?.close({ cause: 'closed', reason: 'the client is done with it' });
      this.#links.delete(number);
    }
    for (const delivery of effects.deliveries) this.#deliver(delivery);
    effects.clear();
  }

  #dial(server: string): void {
    const number = ++this.#lastLink;
    const { addressOf, credential } = this.#dependencies;
    const address = addressOf?.(server) ?? server;
    if (credential === undefined && typeof address === 'string') {
      this.#connect(address, number);
      return;
    }
    Promise.all([address, credential?.()]).then(
      ([resolved, shown]) => this.#connect(resolved, number, shown === undefined ? [] : [shown]),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.step({ kind: 'connected', link: number });
        this.step({ kind: 'ended', link: number, end: { cause: 'lost', reason } });
      },
    );
  }

  #connect(address: string, number: number, credentials: readonly Credential[] = []): void {
    // While these were waited for the session may have ended.
    if (this.#isReleased) return;
    this.#inbox.push({ kind: 'connected', link: number, credentials });
    const link = this.#dependencies.dialer.dial(address, {
      received: (replies) => this.step({ kind: 'received', link: number, replies }),
      drained: () => undefined,
      ended: (end) => {
        this.#links.delete(number);
        this.step({ kind: 'ended', link: number, end });
      },
    });
    this.#links.set(number, link);
    this.#run();
  }

  #releaseIfOver(): void {
    const { state } = this.core;
    if (this.#isReleased || (state !== 'closed' && state !== 'expired')) return;
    this.#isReleased = true;
    this.#dependencies.release();
  }

  /** One timer: it is moved only forward, since one that fires early merely ticks. */
  #arm(): void {
    const { deadlineMs } = this.#effects;
    if (deadlineMs === Infinity) {
      this.#timer();
      this.#timerMs = Infinity;
      this.#releaseIfOver();
      return;
    }
    if (deadlineMs >= this.#timerMs) return;
    this.#timer();
    this.#timerMs = deadlineMs;
    const { clock, timers } = this.#dependencies;
    const delayMs = Math.max(0, Math.ceil(deadlineMs - clock.monotonicMs()));
    this.#timer = timers.after(delayMs, () => {
      this.#timerMs = Infinity;
      this.step({ kind: 'tick' });
    });
  }
}
