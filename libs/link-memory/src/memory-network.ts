import type { Link, LinkAcceptor, LinkDialer, LinkHandlers } from '@paddock/ports';
import {
  memoryLinkPair,
  type MemoryLink,
  type MemoryLinkOptions,
  type MemoryLinkPair,
} from './memory-link.ts';
import type { Delivery } from './turn.ts';

/**
 * One boundary within a process: acceptors by address, and the dialler that reaches them. Addresses look like
 * "memory:request-processor", so that a processor's address can be announced whatever carries the links.
 */
export class MemoryNetwork<Up, Down> implements LinkDialer<Up, Down> {
  readonly #options: MemoryLinkOptions<Up, Down>;
  readonly #acceptors = new Map<string, LinkAcceptor<Down, Up>>();

  constructor(options: MemoryLinkOptions<Up, Down>) {
    this.#options = options;
  }

  /** Links that are dialled from now on go to the acceptor, until the returned function is called. */
  listen(address: string, acceptor: LinkAcceptor<Down, Up>): () => void {
    this.#acceptors.set(address, acceptor);
    return () => {
      if (this.#acceptors.get(address) === acceptor) this.#acceptors.delete(address);
    };
  }

  dial(address: string, handlers: LinkHandlers<Down>): Link<Up> {
    const pair = memoryLinkPair(this.#options);
    pair.dialler.attach(handlers);
    this.#options.turn.add(new Arrival(pair, address, this.#acceptors));
    return pair.dialler;
  }
}

/** A link reaches its acceptor in its turn, as a connection would. */
class Arrival<Up, Down> implements Delivery {
  readonly #dialler: MemoryLink<Up, Down>;
  readonly #acceptor: MemoryLink<Down, Up>;
  readonly #address: string;
  readonly #acceptors: ReadonlyMap<string, LinkAcceptor<Down, Up>>;

  constructor(
    pair: MemoryLinkPair<Up, Down>,
    address: string,
    acceptors: ReadonlyMap<string, LinkAcceptor<Down, Up>>,
  ) {
    this.#dialler = pair.dialler;
    this.#acceptor = pair.acceptor;
    this.#address = address;
    this.#acceptors = acceptors;
  }

  deliver(): void {
    const accept = this.#acceptors.get(this.#address);
    if (accept === undefined) {
      const reason = `nobody listens at ${this.#address}`;
      this.#acceptor.end({ cause: 'lost', reason });
      this.#dialler.end({ cause: 'lost', reason });
      return;
    }
    this.#acceptor.attach(accept(this.#acceptor));
  }
}
