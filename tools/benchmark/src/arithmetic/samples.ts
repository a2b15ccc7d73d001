/** Numbers that arrive one by one, without an allocation for each. */
export class Samples {
  #values = new Float64Array(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  clear(): void {
    this.#length = 0;
  }

  /** A view of what is held; a later push may leave it behind. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }
}
