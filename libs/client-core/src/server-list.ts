import { assert } from '@paddock/model';
import type { Random } from '@paddock/ports';

export interface BackOff {
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
}

/**
 * Which server is dialled next, and after how long: in an order drawn for this client, so that those who lose a server
 * spread over the others, and at once, until every server was tried.
 */
export class ServerList {
  readonly #servers: string[];
  readonly #backOff: BackOff;
  #next = 0;
  #delayMs: number;
  /** Servers to be dialled before the next delay. */
  #untried: number;

  constructor(servers: readonly string[], backOff: BackOff, random: Random) {
    assert(servers.length > 0, 'a client is given at least one server');
    this.#servers = shuffled(servers, random);
    this.#backOff = backOff;
    this.#delayMs = backOff.reconnectMs;
    this.#untried = servers.length;
  }

  next(): string {
    const server = this.#servers[this.#next];
    assert(server !== undefined, 'the next server is one of the list');
    this.#next = (this.#next + 1) % this.#servers.length;
    this.#untried--;
    return server;
  }

  /**
   * None while there is a server that was not tried. Then it doubles from round to round, and is drawn between half and
   * the whole, so that many clients do not come back as one; `mostMs` is what the session's life allows.
   */
  delayMs(random: Random, mostMs: number): number {
    if (this.#untried > 0) return 0;
    this.#untried = this.#servers.length;
    const delayMs = Math.min(this.#delayMs, mostMs);
    this.#delayMs = Math.min(this.#delayMs * 2, this.#backOff.reconnectMaxMs);
    return delayMs / 2 + random.below(Math.ceil(delayMs / 2) + 1);
  }

  /** The server just dialled has taken the session. */
  succeeded(): void {
    this.#delayMs = this.#backOff.reconnectMs;
  }

  /** It has served for a while: the others are worth a try at once when it is gone. */
  served(): void {
    this.#untried = this.#servers.length - 1;
  }
}

function shuffled(servers: readonly string[], random: Random): string[] {
  const order = servers.slice();
  for (let last = order.length - 1; last > 0; last--) {
    const drawn = random.below(last + 1);
    const kept = order[last];
    const moved = order[drawn];
    if (kept === undefined || moved === undefined) continue;
    order[last] = moved;
    order[drawn] = kept;
  }
  return order;
}
