/** The times at which something happened again and again, and what lies between them. */
export class Pace {
  readonly #times: number[] = [];

  happened(nowMs: number): void {
    this.#times.push(nowMs);
  }

  get count(): number {
    return this.#times.length;
  }

  /** The median, ms; 0 where there is none. */
  get usualMs(): number {
    const gaps = this.#gapsAfter(-Infinity).sort((a, b) => a - b);
    return gaps[Math.floor(gaps.length / 2)] ?? 0;
  }

  /** Of those that ended after `sinceMs`. */
  longestMs(sinceMs: number): number {
    return Math.max(0, ...this.#gapsAfter(sinceMs));
  }

  #gapsAfter(sinceMs: number): number[] {
    const gaps: number[] = [];
    for (const [index, time] of this.#times.entries()) {
      const before = this.#times[index - 1];
      if (before !== undefined && time > sinceMs) gaps.push(time - before);
    }
    return gaps;
  }
}
