import type { VirtualTime } from './virtual-time.ts';

/** Where a process runs: a replica's number, one machine each. */
export type Place = number;

/** Where clients run; nothing that is said of two replicas holds for it. */
export const OUTSIDE: Place = 0;

const PLACES = 1024;

/** What lies between places at the moment, one direction at a time. */
export class NetworkConditions {
  readonly #time: VirtualTime;
  readonly #silentUntilMs = new Map<number, number>();
  readonly #cutUntilMs = new Map<number, number>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** What is sent this way arrives when it is over: nobody is told, links hold. */
  silence(from: Place, to: Place, durationMs: number): void {
    this.#extend(this.#silentUntilMs, from, to, durationMs);
  }

  /** No link comes about between the two, whoever dials. */
  cut(one: Place, other: Place, durationMs: number): void {
    this.#extend(this.#cutUntilMs, one, other, durationMs);
    this.#extend(this.#cutUntilMs, other, one, durationMs);
  }

  /** From now on all is well; what was held back until a later time stays so. */
  heal(): void {
    this.#silentUntilMs.clear();
    this.#cutUntilMs.clear();
  }

  /** A time that has passed where nothing is in the way. */
  silentUntilMs(from: Place, to: Place): number {
    if (this.#silentUntilMs.size === 0) return 0;
    return this.#silentUntilMs.get(from * PLACES + to) ?? 0;
  }

  isCut(one: Place, other: Place): boolean {
    if (this.#cutUntilMs.size === 0) return false;
    return (this.#cutUntilMs.get(one * PLACES + other) ?? 0) > this.#time.nowMs;
  }

  #extend(map: Map<number, number>, from: Place, to: Place, durationMs: number): void {
    const key = from * PLACES + to;
    map.set(key, Math.max(map.get(key) ?? 0, this.#time.nowMs + durationMs));
  }
}
