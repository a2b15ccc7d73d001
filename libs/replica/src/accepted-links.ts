import type { ProvedIdentities } from '@paddock/model';
import type { Link, LinkAcceptor, LinkEnd } from '@paddock/ports';

export interface AcceptedLinkHandlers<Receive> {
  /** `identities`: who the connection is. */
  connected(number: number, identities: ProvedIdentities): void;
  received(number: number, batch: Receive): void;
  ended(number: number, end: LinkEnd): void;
  /** The other side does not read: the link holds more than its bound. */
  slow?(number: number, bufferedBytes: number): void;
  drained?(number: number): void;
  /** Reading of all links has stopped, or goes on; told of each link, also of one that comes meanwhile. */
  readingPaused?(number: number, paused: boolean): void;
}

/** The links that neighbours of one kind have opened to a stage, by the numbers under which its core knows them. */
export class AcceptedLinks<Send, Receive> {
  readonly #handlers: AcceptedLinkHandlers<Receive>;
  readonly #links = new Map<number, Link<Send>>();
  readonly #paused = new Set<number>();
  /** Those that have said nothing yet. */
  readonly #silent = new Set<number>();
  #next = 1;
  #allPaused = false;
  #hearsFirst = false;

  constructor(handlers: AcceptedLinkHandlers<Receive>) {
    this.#handlers = handlers;
  }

  get size(): number {
    return this.#links.size;
  }

  readonly accept: LinkAcceptor<Send, Receive> = (link) => {
    const number = this.#next++;
    this.#links.set(number, link);
    this.#silent.add(number);
    if (this.#isPaused(number)) link.pause();
    this.#handlers.connected(number, link.identities);
    if (this.#allPaused) this.#handlers.readingPaused?.(number, true);
    return {
      received: (batch) => {
        if (!this.#links.has(number)) return;
        if (this.#silent.delete(number) && this.#isPaused(number)) link.pause();
        this.#handlers.received(number, batch);
      },
      drained: () => this.#handlers.drained?.(number),
      ended: (end) => {
        this.#paused.delete(number);
        this.#silent.delete(number);
        if (this.#links.delete(number)) this.#handlers.ended(number, end);
      },
    };
  };

  send(number: number, batch: Send): void {
    const link = this.#links.get(number);
    if (link === undefined || link.send(batch)) return;
    this.#handlers.slow?.(number, link.bufferedBytes);
  }

  /** Ends a link that the core has given up; nothing more is heard of it. */
  close(number: number, end: LinkEnd): void {
    const link = this.#links.get(number);
    this.#links.delete(number);
    this.#paused.delete(number);
    this.#silent.delete(number);
    link?.close(end);
  }

  closeAll(end: LinkEnd): void {
    for (const number of [...this.#links.keys()]) this.close(number, end);
  }

  /** Stops or restarts reading one link. */
  read(number: number, paused: boolean): void {
    const link = this.#links.get(number);
    if (link === undefined) return;
    if (paused) this.#paused.add(number);
    else this.#paused.delete(number);
    this.#apply(number, link);
  }

  /**
   * Stops or restarts reading all links, also those to come; a link paused by itself stays so. With `hearsFirst` the
   * first batch of each is read all the same: who it is, and that it lives.
   */
  readAll(paused: boolean, hearsFirst = false): void {
    const wasPaused = this.#allPaused;
    if (paused === wasPaused && hearsFirst === this.#hearsFirst) return;
    this.#allPaused = paused;
    this.#hearsFirst = hearsFirst;
    for (const [number, link] of this.#links) {
      this.#apply(number, link);
      if (paused !== wasPaused) this.#handlers.readingPaused?.(number, paused);
    }
  }

  #isPaused(number: number): boolean {
    if (this.#paused.has(number)) return true;
    return this.#allPaused && !(this.#hearsFirst && this.#silent.has(number));
  }

  #apply(number: number, link: Link<Send>): void {
    if (this.#isPaused(number)) link.pause();
    else link.resume();
  }
}
