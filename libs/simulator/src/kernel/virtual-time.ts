import type { CancelTimer } from '@paddock/ports';
import type { SeededRandom } from './seeded-random.ts';

interface Task {
  readonly atMs: number;
  /** Among tasks of one moment the seed decides, not the order in which they were asked for. */
  readonly tie: number;
  readonly run: () => void;
  isCancelled: boolean;
}

const ASK_EVERY_MS = 20;
/** No run needs a tenth of it. */
const TASKS_MAX = 10_000_000;

/** Something goes on and on without an end. */
export class RunsInCircles extends Error {
  override readonly name = 'RunsInCircles';

  constructor(nowMs: number) {
    super(`more than ${TASKS_MAX} tasks were run by ${nowMs} ms`);
  }
}

/** The one clock and the one ordered queue of a simulation: whatever happens is a task of it. */
export class VirtualTime {
  readonly #random: SeededRandom;
  readonly #heap: Task[] = [];
  #nowMs = 0;
  #tasks = 0;
  #askAtMs = 0;
  #hasSettled = false;
  #sooner: () => void = () => undefined;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** When the next task is due; Infinity: never. */
  get nextMs(): number {
    return this.#heap[0]?.atMs ?? Infinity;
  }

  /** Tells from now on whenever something is due earlier than all that was. */
  onSooner(told: () => void): void {
    this.#sooner = told;
  }

  after(delayMs: number, run: () => void): CancelTimer {
    const task: Task = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      tie: this.#random.real(),
      run,
      isCancelled: false,
    };
    this.#push(task);
    return () => {
      task.isCancelled = true;
    };
  }

  /** Runs what is due until `untilMs`, or until `isDone`, which is asked now and then, says so; true if it did. */
  run(untilMs: number, isDone: () => boolean = () => false): boolean {
    this.#askAtMs = this.#nowMs;
    for (let task = this.#next(untilMs, isDone); task !== null;) {
      task.run();
      task = this.#next(untilMs, isDone);
    }
    return isDone();
  }

  /** As `run`, for processes that use promises: a task has ended once those that it has settled are heard. */
  async runAsync(untilMs: number, isDone: () => boolean = () => false): Promise<boolean> {
    this.#askAtMs = this.#nowMs;
    for (let task = this.#next(untilMs, isDone); task !== null;) {
      task.run();
      if (this.#hasSettled) await allHeard();
      this.#hasSettled = false;
      task = this.#next(untilMs, isDone);
    }
    return isDone();
  }

  /** What runs now may settle promises. */
  settles(): void {
    this.#hasSettled = true;
  }

  /** Null once it is `untilMs`, or done. */
  #next(untilMs: number, isDone: () => boolean): Task | null {
    for (;;) {
      if (this.#nowMs >= this.#askAtMs) {
        this.#askAtMs = this.#nowMs + ASK_EVERY_MS;
        if (isDone()) return null;
      }
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      if (next.isCancelled) continue;
      if (++this.#tasks > TASKS_MAX) throw new RunsInCircles(this.#nowMs);
      this.#nowMs = next.atMs;
      return next;
    }
    this.#nowMs = untilMs;
    return null;
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(task, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = task;
    if (at === 0) this.#sooner();
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let below = heap[child];
      if (below === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, below)) {
        child++;
        below = right;
      }
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie);
}

/** Promises are heard before the next turn of the event loop. */
function allHeard(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
