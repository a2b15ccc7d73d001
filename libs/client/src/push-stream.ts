/** What is pushed, for `for await`, kept until it is taken. Leaving the loop ends it. */
export class PushStream<T extends object> implements AsyncIterableIterator<T, undefined> {
  readonly #mostKept: number;
  readonly #kept: T[] = [];
  readonly #waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #isDone = false;

  constructor(mostKept: number) {
    this.#mostKept = mostKept;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#kept.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the stream; what is still to come is dropped. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#kept.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  protected keep(value: T): void {
    if (this.#isDone) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) {
      reader({ done: false, value });
      return;
    }
    const isFull = this.#kept.length >= this.#mostKept;
    this.#kept.push(isFull ? this.overflown(this.#kept, value) : value);
  }

  /** The reader has fallen far behind: makes room, and says so in what is left. Returns what is kept of the next. */
  protected overflown(kept: T[], next: T): T {
    kept.length = 0;
    return next;
  }

  /** What is kept can still be taken. */
  protected end(): void {
    this.#isDone = true;
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined });
  }
}
