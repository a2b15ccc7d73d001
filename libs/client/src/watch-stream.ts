import type { ClientWatchEvent } from '@paddock/client-core';

/** Events that wait for the application. */
const EVENTS_MAX = 100_000;

export type WatchListener = (event: ClientWatchEvent) => void;

/**
 * The events of any number of one-shot watches, for `for await`: give the same stream to each read that sets a watch
 * anew. It ends by itself when the session does, after an event `sessionEnded`.
 */
export class WatchStream implements AsyncIterableIterator<ClientWatchEvent, undefined> {
  readonly #events: ClientWatchEvent[] = [];
  readonly #waiting: ((result: IteratorResult<ClientWatchEvent, undefined>) => void)[] = [];
  #isDone = false;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ClientWatchEvent, undefined>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the stream; events that are still to come are dropped. */
  return(): Promise<IteratorResult<ClientWatchEvent, undefined>> {
    this.#events.length = 0;
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Called by the client. */
  push(event: ClientWatchEvent): void {
    if (this.#isDone) return;
    const reader = this.#waiting.shift();
    if (reader === undefined) this.#keep(event);
    else reader({ done: false, value: event });
    if (event.kind === 'sessionEnded') this.#end();
  }

  /** A reader that has fallen far behind is told that it has, in place of all that it has missed. */
  #keep(event: ClientWatchEvent): void {
    if (this.#events.length >= EVENTS_MAX) {
      const { path, zxid } = event;
      this.#events.length = 0;
      this.#events.push({ kind: 'compacted', path, zxid });
    }
    this.#events.push(event);
  }

  #end(): void {
    this.#isDone = true;
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined });
  }
}
