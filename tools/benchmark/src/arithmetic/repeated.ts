/** One figure of several rounds: what a machine with neighbours does to it shows in the range. */
export interface Repeated {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function repeated(values: readonly number[]): Repeated {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? 0);
  return {
    median: (lower + upper) / 2,
    least: sorted[0] ?? 0,
    most: sorted.at(-1) ?? 0,
  };
}
