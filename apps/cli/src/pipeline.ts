/**
 * Lets many requests be under way at once, and no more than `limit`. The first failure stops it: every
 * method then throws it.
 */
export class Pipeline {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts the task, once there is room for it. */
  async run(task: () => Promise<void>): Promise<void> {
    while (this.#running >= this.#limit && this.#failure === null) await this.#change();
    this.#check();
    this.#running++;
    task()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running--;
        for (const wake of this.#waiting.splice(0)) wake();
      });
  }

  /** Waits for all that was started. */
  async drain(): Promise<void> {
    while (this.#running > 0 && this.#failure === null) await this.#change();
    this.#check();
  }

  /** Waits until a task has ended; false if none is under way. */
  async oneEnded(): Promise<boolean> {
    this.#check();
    if (this.#running === 0) return false;
    await this.#change();
    this.#check();
    return true;
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
