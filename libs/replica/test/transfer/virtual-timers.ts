import type { Timers } from '@paddock/ports';

interface Task {
  readonly atMs: number;
  readonly number: number;
  readonly owner: object;
  readonly run: () => void;
}

/** One clock and one queue for all that happens; what a process that has died had asked for never happens. */
export class VirtualTimers {
  nowMs = 0;
  #tasks: Task[] = [];
  #count = 0;
  readonly #dead = new WeakSet<object>();

  of(owner: object): Timers {
    return {
      after: (delayMs, run) => this.#add(owner, delayMs, run),
      soon: (run) => this.#add(owner, 0, run),
      every: (periodMs, run) => {
        let cancel = (): void => undefined;
        const again = (): void => {
          cancel = this.#add(owner, periodMs, () => {
            again();
            run();
          });
        };
        again();
        return () => cancel();
      },
    };
  }

  forget(owner: object): void {
    this.#dead.add(owner);
  }

  /** Runs the next task, if it is due by then. */
  runNext(untilMs: number): boolean {
    const next = this.#tasks[0];
    if (next === undefined || next.atMs > untilMs) return false;
    this.#tasks.shift();
    this.nowMs = Math.max(this.nowMs, next.atMs);
    if (!this.#dead.has(next.owner)) next.run();
    return true;
  }

  #add(owner: object, delayMs: number, run: () => void): () => void {
    const task = { atMs: this.nowMs + delayMs, number: this.#count++, owner, run };
    const at = this.#tasks.findIndex((it) => it.atMs > task.atMs);
    this.#tasks.splice(at < 0 ? this.#tasks.length : at, 0, task);
    return () => {
      this.#tasks = this.#tasks.filter((it) => it !== task);
    };
  }
}
