import type { LinkEnd } from '@paddock/ports';
import type { Chance, SimulatedTime } from './simulated-time.ts';

export interface EndHandlers<Receive> {
  received(batch: Receive): void;
  ended(end: LinkEnd): void;
}

const LOST: LinkEnd = { cause: 'lost', reason: 'the network lost it' };

/** One direction of a link: first in, first out, each after some time. */
class Direction<Batch> {
  readonly from: number;
  readonly to: number;
  handlers: EndHandlers<Batch> | null = null;
  readonly queue: (() => void)[] = [];
  isOpen = true;

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }
}

/** A link between two replicas as its two ends hold it. */
export class LinkPair<Up, Down> {
  readonly up: Direction<Up>;
  readonly down: Direction<Down>;
  readonly #network: SimulatedLinks;

  constructor(network: SimulatedLinks, from: number, to: number) {
    this.#network = network;
    this.up = new Direction<Up>(from, to);
    this.down = new Direction<Down>(to, from);
  }

  sendUp(batch: Up): void {
    this.#network.carry(this.up, () => this.up.handlers?.received(batch));
  }

  sendDown(batch: Down): void {
    this.#network.carry(this.down, () => this.down.handlers?.received(batch));
  }

  /** Ends it: the other sides hear of it where the network lets them. */
  end(end: LinkEnd = LOST): void {
    for (const direction of [this.up, this.down]) {
      if (!direction.isOpen) continue;
      this.#network.carry(direction, () => {
        const { handlers } = direction;
        direction.handlers = null;
        handlers?.ended(end);
      });
      direction.isOpen = false;
    }
  }
}

/** What carries everything between replicas, with delays, losses of links, and directions that are blocked. */
export class SimulatedLinks {
  readonly #time: SimulatedTime;
  readonly #chance: Chance;
  readonly #blocked = new Set<string>();
  /** Once for each batch that waits for its direction to be healed. */
  #held: Direction<never>[] = [];
  delayMs: number;

  constructor(time: SimulatedTime, chance: Chance, delayMs: number) {
    this.#time = time;
    this.#chance = chance;
    this.delayMs = delayMs;
  }

  isBlocked(from: number, to: number): boolean {
    return this.#blocked.has(`${from}>${to}`);
  }

  block(from: number, to: number): void {
    this.#blocked.add(`${from}>${to}`);
  }

  heal(): void {
    this.#blocked.clear();
    const held = this.#held;
    this.#held = [];
    for (const direction of held) this.#time.after(0, () => this.#arrive(direction));
  }

  carry(direction: Direction<never>, deliver: () => void): void {
    if (!direction.isOpen) return;
    direction.queue.push(deliver);
    const delay = direction.from === direction.to ? 0.05 : this.#chance.real() * this.delayMs;
    this.#time.after(delay, () => this.#arrive(direction));
  }

  /** What is blocked waits until it is not: nothing of a stream is lost while it lives. */
  #arrive(direction: Direction<never>): void {
    if (this.isBlocked(direction.from, direction.to)) this.#held.push(direction);
    else direction.queue.shift()?.();
  }
}
