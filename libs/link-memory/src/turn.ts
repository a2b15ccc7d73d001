/** Runs a task later: setImmediate in a server, the simulator's own queue in a simulation. */
export type Scheduler = (task: () => void) => void;

/** Something that waits for its place in the order. */
export interface Delivery {
  deliver(): void;
}

/** When what has been sent is delivered: once for each delivery added, those of one link's end in their order. */
export interface DeliveryOrder {
  add(delivery: Delivery): void;
}

export interface TurnOptions {
  /** Deliveries made before others get a turn: sockets, timers. */
  readonly deliveriesPerTurn: number;
}

const DEFAULT_OPTIONS: TurnOptions = { deliveriesPerTurn: 256 };

/**
 * The order in which the links of one process deliver: first sent, first delivered, one at a time. A delivery never
 * happens inside a call to `send`, so that a stage is never entered while it is in the middle of a step. Deliveries
 * that deliveries cause run in the same turn, until there are none or the budget is spent.
 */
export class Turn implements DeliveryOrder {
  readonly #schedule: Scheduler;
  readonly #deliveriesPerTurn: number;
  #waiting: Delivery[] = [];
  #head = 0;
  #isScheduled = false;

  constructor(schedule: Scheduler, options: TurnOptions = DEFAULT_OPTIONS) {
    this.#schedule = schedule;
    this.#deliveriesPerTurn = options.deliveriesPerTurn;
  }

  add(delivery: Delivery): void {
    this.#waiting.push(delivery);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(this.#run);
  }

  readonly #run = (): void => {
    try {
      this.#deliver();
    } finally {
      // Also when a delivery has thrown: the others are not lost with it.
      this.#isScheduled = this.#head < this.#waiting.length;
      if (this.#isScheduled) this.#schedule(this.#run);
    }
  };

  #deliver(): void {
    for (let left = this.#deliveriesPerTurn; left > 0; left--) {
      const delivery = this.#waiting[this.#head];
      if (delivery === undefined) break;
      this.#head++;
      delivery.deliver();
    }
    this.#waiting = this.#head === this.#waiting.length ? [] : this.#waiting.slice(this.#head);
    this.#head = 0;
  }
}
