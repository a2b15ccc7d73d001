import type { Random } from '@paddock/ports';

const GOLDEN = 0x9e3779b9;

/** All that is drawn in one run: the same seed draws the same, and each part draws from a stream of its own. */
export class SeededRandom implements Random {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = mix(this.#seed ^ GOLDEN);
  }

  /** A stream of its own, by name. */
  fork(name: string): SeededRandom {
    let hash = this.#seed;
    for (let i = 0; i < name.length; i++) hash = mix(hash ^ name.charCodeAt(i));
    return new SeededRandom(hash);
  }

  /** 0 ≤ value < 1. */
  real(): number {
    this.#state = (this.#state + GOLDEN) >>> 0;
    return mix(this.#state) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.real() * bound);
  }

  /** Whole, from `low` to `high`, both possible. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.real() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    const shuffled: T[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.below(left.length), 1));
    return shuffled;
  }

  safeInteger(): number {
    return 1 + this.below(2 ** 21) * 2 ** 31 + this.below(2 ** 31 - 1);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** The finalizer of murmur3. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
