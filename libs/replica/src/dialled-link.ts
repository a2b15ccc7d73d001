import type { CancelTimer, Link, LinkDialer, LinkEnd, Timers } from '@paddock/ports';

export interface DialledLinkHandlers<Send, Receive> {
  /** A link has been opened; what it carries first is the core's business. */
  connected(link: Link<Send>): void;
  received(batch: Receive): void;
  /** After a send that returned false. */
  drained?(): void;
  ended(end: LinkEnd): void;
}

export interface RedialTiming {
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
}

/**
 * A link to one neighbour that is dialled again whenever it ends: stages start in any order. The back-off starts
 * anew once something has been received.
 */
export class DialledLink<Send, Receive> {
  readonly #timers: Timers;
  readonly #dialer: LinkDialer<Send, Receive>;
  readonly #timing: RedialTiming;
  readonly #handlers: DialledLinkHandlers<Send, Receive>;
  #address: string;
  #link: Link<Send> | undefined;
  #timer: CancelTimer | undefined;
  #settling: CancelTimer | undefined;
  #delayMs: number;
  #stopped = false;
  #proven = false;
  #settled = false;

  constructor(
    address: string,
    timing: RedialTiming,
    dependencies: {
      readonly timers: Timers;
      readonly dialer: LinkDialer<Send, Receive>;
      readonly handlers: DialledLinkHandlers<Send, Receive>;
    },
  ) {
    this.#address = address;
    this.#timing = timing;
    this.#timers = dependencies.timers;
    this.#dialer = dependencies.dialer;
    this.#handlers = dependencies.handlers;
    this.#delayMs = timing.reconnectMs;
  }

  get address(): string {
    return this.#address;
  }

  get link(): Link<Send> | undefined {
    return this.#link;
  }

  /** Something has been received on the present link: the neighbour is there, not merely dialled. */
  get isProven(): boolean {
    return this.#proven;
  }

  /** Proven, or held for so long that the neighbour is there, though it has nothing to say. */
  get isStanding(): boolean {
    return this.#link !== undefined && (this.#proven || this.#settled);
  }

  dial(): void {
    if (this.#stopped || this.#link !== undefined) return;
    const link = this.#dialer.dial(this.#address, {
      received: (batch) => {
        this.#delayMs = this.#timing.reconnectMs;
        this.#proven = true;
        this.#handlers.received(batch);
      },
      drained: () => this.#handlers.drained?.(),
      ended: (end) => {
        if (this.#link !== link) return;
        this.#link = undefined;
        this.#proven = false;
        this.#settled = false;
        this.#settling?.();
        this.#handlers.ended(end);
        this.#redial();
      },
    });
    this.#link = link;
    this.#settling = this.#timers.after(this.#timing.reconnectMaxMs, () => {
      this.#settled = true;
    });
    this.#handlers.connected(link);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
    this.#settling?.();
    const link = this.#link;
    this.#link = undefined;
    link?.close({ cause: 'closed', reason: 'the stage stops' });
  }

  #redial(): void {
    if (this.#stopped) return;
    const delay = this.#delayMs;
    this.#delayMs = Math.min(2 * delay, this.#timing.reconnectMaxMs);
    this.#timer = this.#timers.after(delay, () => this.dial());
  }
}
