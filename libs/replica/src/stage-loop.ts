import { InvariantError } from '@paddock/model';
import type { CancelTimer, Timers } from '@paddock/ports';

export interface StageLoopHandlers<Event> {
  step(event: Event): void;
  /** Carries out what the steps want done. */
  carryOut(): void;
  /** The stage can't go on: a broken invariant, or an effect that says so. */
  failed(reason: string): void;
}

/**
 * Gives a core its events one by one. `take` carries the effects out right behind the event, for events that are
 * batches already; `gather` waits until the loop has read all its sockets, so that many small senders make one batch.
 */
export class StageLoop<Event> {
  readonly #timers: Timers;
  readonly #handlers: StageLoopHandlers<Event>;
  #waiting: Event[] = [];
  #running = false;
  #scheduled: CancelTimer | undefined;
  #stopped = false;

  constructor(timers: Timers, handlers: StageLoopHandlers<Event>) {
    this.#timers = timers;
    this.#handlers = handlers;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  take(event: Event): void {
    if (this.#stopped) return;
    // An effect may end a link at once, which is an event: it waits until this round is done.
    this.#waiting.push(event);
    if (!this.#running) this.#run();
  }

  gather(event: Event): void {
    if (this.#stopped) return;
    this.#waiting.push(event);
    if (this.#running) return;
    this.#scheduled ??= this.#timers.soon(() => {
      this.#scheduled = undefined;
      if (!this.#running && !this.#stopped) this.#run();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#scheduled?.();
  }

  #run(): void {
    this.#running = true;
    try {
      while (this.#waiting.length > 0) {
        const events = this.#waiting;
        this.#waiting = [];
        for (const event of events) this.#handlers.step(event);
        this.#handlers.carryOut();
      }
    } catch (error) {
      this.stop();
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#handlers.failed(
        error instanceof InvariantError ? `broken invariant: ${reason}` : reason,
      );
    } finally {
      this.#running = false;
    }
  }
}
