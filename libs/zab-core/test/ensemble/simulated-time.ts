/** A seeded generator (mulberry32): the same seed gives the same run. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  real(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.real() * bound);
  }

  pick<T>(values: readonly T[]): T | undefined {
    return values[this.below(values.length)];
  }
}

interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** The one queue of everything that will happen. */
export class SimulatedTime {
  nowMs = 0;
  #order = 0;
  #tasks: Task[] = [];

  after(delayMs: number, run: () => void): void {
    const task = { atMs: this.nowMs + delayMs, order: this.#order++, run };
    let low = 0;
    let high = this.#tasks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#tasks[middle];
      const isLater =
        other !== undefined &&
        (other.atMs > task.atMs || (other.atMs === task.atMs && other.order > task.order));
      if (isLater) low = middle + 1;
      else high = middle;
    }
    this.#tasks.splice(low, 0, task);
  }

  /** Runs until then, or until `isDone`; true if it was done. */
  run(untilMs: number, isDone: () => boolean = () => false): boolean {
    for (;;) {
      if (isDone()) return true;
      const next = this.#tasks[this.#tasks.length - 1];
      if (next === undefined || next.atMs > untilMs) break;
      this.#tasks.pop();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
    return false;
  }
}
