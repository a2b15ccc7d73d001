/** Choices that the seed decides, in the place of `Math.random`. */
export interface SeededChoice {
  /** 0 ≤ value < 1. */
  real(): number;
  /** Whole, 0 ≤ value < bound. */
  below(bound: number): number;
  /** Whole, from `low` to `high`, both possible. */
  between(low: number, high: number): number;
  /** True as often as the probability says. */
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
}
