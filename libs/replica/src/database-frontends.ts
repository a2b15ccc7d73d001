import type { DatabaseReply, DatabaseRequest } from '@paddock/model';
import type { LinkAcceptor, LinkEnd, Timers } from '@paddock/ports';
import type { DatabaseEvent } from '@paddock/tree-core';
import { AcceptedLinks } from './accepted-links.ts';

export interface DatabaseFrontendsDependencies {
  readonly timers: Timers;
  readonly slowReaderBytes: number;
  /** Why nobody is served now; null: everybody is. */
  absence(): LinkEnd | null;
  take(event: DatabaseEvent): void;
}

/** The front-ends of a database. Back-pressure acts on their requests only (H16). */
export class DatabaseFrontends {
  readonly #dependencies: DatabaseFrontendsDependencies;
  readonly #links: AcceptedLinks<DatabaseReply[], DatabaseRequest[]>;
  /** Those that are sent more than their link holds, and those whose requests wait for that. */
  readonly #full = new Set<number>();
  readonly #held = new Set<number>();

  constructor(dependencies: DatabaseFrontendsDependencies) {
    this.#dependencies = dependencies;
    const { slowReaderBytes } = dependencies;
    this.#links = new AcceptedLinks({
      connected: (link) => {
        const absence = dependencies.absence();
        if (absence === null) dependencies.take({ kind: 'frontendConnected', link });
        else this.#links.close(link, absence);
      },
      received: (link, messages) => dependencies.take({ kind: 'frontendReceived', link, messages }),
      ended: (link, end) => {
        this.#forget(link);
        dependencies.take({ kind: 'frontendEnded', link, end });
      },
      slow: (link, bufferedBytes) => {
        this.#full.add(link);
        if (bufferedBytes > slowReaderBytes) dependencies.take({ kind: 'frontendSlow', link });
      },
      drained: (link) => {
        this.#full.delete(link);
        this.#resume(link);
      },
    });
  }

  get accept(): LinkAcceptor<DatabaseReply[], DatabaseRequest[]> {
    return this.#links.accept;
  }

  send(link: number, batch: DatabaseReply[]): void {
    this.#links.send(link, batch);
  }

  /** Its requests wait until what it was sent has left. */
  hold(link: number): void {
    this.#held.add(link);
    this.#links.read(link, true);
    this.#resume(link);
  }

  close(link: number, end: LinkEnd): void {
    this.#forget(link);
    this.#links.close(link, end);
  }

  closeAll(end: LinkEnd): void {
    this.#links.closeAll(end);
    this.#full.clear();
    this.#held.clear();
  }

  /** Those behind large answers go on when these have left. */
  #resume(link: number): void {
    if (!this.#held.has(link) || this.#full.has(link)) return;
    this.#held.delete(link);
    this.#dependencies.timers.soon(() => {
      this.#links.read(link, false);
      this.#dependencies.take({ kind: 'frontendResumed', link });
    });
  }

  #forget(link: number): void {
    this.#full.delete(link);
    this.#held.delete(link);
  }
}
