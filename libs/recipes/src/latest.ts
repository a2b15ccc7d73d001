/**
 * Values of which the newest counts, for `for await`: who takes them slowly is given the newest, and not those before
 * it. So no more than one waits.
 */
export class Latest<T> implements AsyncIterableIterator<T, undefined> {
  readonly #stopped: (latest: Latest<T>) => void;
  #waiting: { readonly value: T } | null = null;
  #end: { readonly error: Error | null } | null = null;
  #wake: () => void = () => undefined;

  constructor(stopped: (latest: Latest<T>) => void) {
    this.#stopped = stopped;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const waiting = this.#waiting;
      this.#waiting = null;
      if (waiting !== null) return { done: false, value: waiting.value };
      if (this.#end !== null) return this.#ended(this.#end.error);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#waiting = null;
    this.end(null);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Called by whoever has the values. */
  put(value: T): void {
    if (this.#end !== null) return;
    this.#waiting = { value };
    this.#wake();
  }

  /** What waits is still given. */
  end(error: Error | null): void {
    this.#stopped(this);
    this.#end ??= { error };
    this.#wake();
  }

  /** An error is thrown once. */
  #ended(error: Error | null): IteratorResult<T, undefined> {
    this.#end = { error: null };
    if (error !== null) throw error;
    return { done: true, value: undefined };
  }
}
