import type { ClientWatchEvent } from '@paddock/client-core';
import type { Stat, Zxid } from '@paddock/model';
import type { CallOptions } from './call-options.ts';
import { WatchStream } from './watch-stream.ts';
import type { WatchListener } from './watch-stream.ts';

export interface WatcherOptions extends CallOptions {
  /** Whether all below the znode is watched with it; then no list of children is told of. */
  readonly recursive?: boolean;
  /** Called with each event, in order with the results of calls; nothing is left for `for await` then. */
  readonly listener?: WatchListener;
}

/**
 * The events of a persistent watch, for `for await`, until it is closed or the session ends: every change, once and in
 * order, also those during a lost connection. `compacted` says that there were changes of which the service cannot tell
 * any more: read again; later ones follow. Leaving the loop closes it.
 */
export class Watcher extends WatchStream {
  /** When it was set; null where there was no such znode. */
  readonly stat: Stat | null;
  /** Its events are all that came behind. */
  readonly zxid: Zxid;
  readonly #remove: () => void;

  constructor(start: { readonly stat: Stat | null; readonly zxid: Zxid }, remove: () => void) {
    super();
    this.stat = start.stat;
    this.zxid = start.zxid;
    this.#remove = remove;
  }

  /** Removes the watch; events that were not taken are dropped. */
  close(): void {
    this.#remove();
    void super.return();
  }

  override return(): Promise<IteratorResult<ClientWatchEvent, undefined>> {
    this.#remove();
    return super.return();
  }
}
