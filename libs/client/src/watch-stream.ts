import type { ClientWatchEvent } from '@paddock/client-core';
import { PushStream } from './push-stream.ts';

/** Events that wait for the application. */
const EVENTS_MAX = 100_000;

export type WatchListener = (event: ClientWatchEvent) => void;

/**
 * The events of any number of one-shot watches, for `for await`: give the same stream to each read that sets a watch
 * anew. It ends by itself when the session does, after an event `sessionEnded`.
 */
export class WatchStream extends PushStream<ClientWatchEvent> {
  constructor() {
    super(EVENTS_MAX);
  }

  /** Called by the client. */
  push(event: ClientWatchEvent): void {
    this.keep(event);
    if (event.kind === 'sessionEnded') this.end();
  }

  /** A reader that has fallen far behind is told that it has, in place of all that it has missed. */
  protected override overflown(kept: ClientWatchEvent[], next: ClientWatchEvent): ClientWatchEvent {
    const { path, zxid } = next;
    kept.splice(0, kept.length, { kind: 'compacted', path, zxid });
    return next;
  }
}
