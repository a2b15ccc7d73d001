import type { Delivery, DeliveryOrder } from '@paddock/link-memory';
import type { NetworkConditions, Place } from './network-conditions.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualProcess } from './virtual-process.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface LinkOrderDependencies {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  /** Most deliveries take up to so long, a few take many times as long. */
  readonly delayMs: number;
  /** Of the whole network, and of the boundary alone. */
  readonly conditions: readonly NetworkConditions[];
}

const SLOW_CHANCE = 0.02;
const SLOW_FACTOR = 20;
/** Between stages of one machine, and of one process. */
const WITHIN_MACHINE = 0.4;
const WITHIN_PROCESS = 0.02;

interface Lane {
  owner: VirtualProcess | null;
  from: Place;
  to: Place;
  lastMs: number;
}

/**
 * Delivers to each end of one link in order and with delays of its own, while the process that has the end runs, and
 * no earlier than what lies between the two lets it through.
 */
export class LinkOrder implements DeliveryOrder {
  readonly #dependencies: LinkOrderDependencies;
  readonly #toDialler: Lane;
  readonly #toAcceptor: Lane = { owner: null, from: -1, to: -1, lastMs: 0 };
  #dialler: Delivery | null = null;
  #acceptor: Delivery | null = null;
  /** Each link is faster or slower than others. */
  readonly #delayMs: number;
  #isWithinProcess = false;

  constructor(process: VirtualProcess, dependencies: LinkOrderDependencies) {
    const { random, delayMs } = dependencies;
    this.#dependencies = dependencies;
    this.#toDialler = { owner: process, from: -1, to: process.place, lastMs: 0 };
    this.#toAcceptor.from = process.place;
    this.#delayMs = delayMs * random.pick([0.5, 1, 1, 2]);
  }

  join(dialler: Delivery, acceptor: Delivery): void {
    this.#dialler = dialler;
    this.#acceptor = acceptor;
  }

  /** The link has arrived at a process. */
  accepted(process: VirtualProcess): void {
    this.#toAcceptor.owner = process;
    this.#toAcceptor.to = process.place;
    this.#toDialler.from = process.place;
    this.#isWithinProcess = process === this.#toDialler.owner;
  }

  drawDelayMs(): number {
    const { random } = this.#dependencies;
    if (this.#isWithinProcess) return random.real() * WITHIN_PROCESS;
    const { from, to } = this.#toAcceptor;
    const most = this.#delayMs * (from === to ? WITHIN_MACHINE : 1);
    return random.real() * (random.chance(SLOW_CHANCE) ? most * SLOW_FACTOR : most);
  }

  add(delivery: Delivery): void {
    const { time } = this.#dependencies;
    const lane = this.#laneOf(delivery);
    const earliestMs = Math.max(time.nowMs + this.drawDelayMs(), lane.lastMs);
    lane.lastMs = Math.max(earliestMs, this.#silentUntilMs(lane));
    time.after(lane.lastMs - time.nowMs, () => {
      const { owner } = lane;
      if (owner === null) delivery.deliver();
      else owner.run(() => delivery.deliver());
    });
  }

  /** What is told about the link, and not over it, goes to the sender's end. */
  #laneOf(delivery: Delivery): Lane {
    if (delivery === this.#dialler) return this.#toDialler;
    if (delivery === this.#acceptor) return this.#toAcceptor;
    return { ...this.#toDialler, owner: null };
  }

  #silentUntilMs({ from, to }: Lane): number {
    let untilMs = 0;
    for (const it of this.#dependencies.conditions) {
      untilMs = Math.max(untilMs, it.silentUntilMs(from, to));
    }
    return untilMs;
  }
}
