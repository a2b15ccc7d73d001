import { assert } from '@paddock/model';
import type { Random } from '@paddock/ports';

export interface BackOff {
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
}

/** Which server is dialled next, and after how long. */
export class ServerList {
  readonly #servers: readonly string[];
  readonly #backOff: BackOff;
  readonly #random: Random;
  #next: number;
  #delayMs: number;

  constructor(servers: readonly string[], backOff: BackOff, random: Random) {
    assert(servers.length > 0, 'a client is given at least one server');
    this.#servers = servers;
    this.#backOff = backOff;
    this.#random = random;
    this.#next = random.below(servers.length);
    this.#delayMs = backOff.reconnectMs;
  }

  next(): string {
    const server = this.#servers[this.#next];
    assert(server !== undefined, 'the next server is one of the list');
    this.#next = (this.#next + 1) % this.#servers.length;
    return server;
  }

  /** Doubles with each failure; drawn between half and the whole, so that many clients do not come back as one. */
  delayMs(): number {
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(delayMs * 2, this.#backOff.reconnectMaxMs);
    return delayMs / 2 + this.#random.below(Math.ceil(delayMs / 2) + 1);
  }

  succeeded(): void {
    this.#delayMs = this.#backOff.reconnectMs;
  }
}
