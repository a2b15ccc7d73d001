import type { RecipeName } from '../recipes/all-recipes.ts';
import type { Omissions, SimulationResult } from '../simulation.ts';

/** What one run came to, as one thread tells the other. */
export interface SeedReport {
  readonly seed: number;
  /** Null: the whole service. */
  readonly recipe: RecipeName | null;
  readonly omit: Omissions;
  readonly virtualMs: number;
  readonly violations: readonly string[];
  readonly counts: readonly (readonly [what: string, times: number])[];
  /** The smallest run that still breaks the same; null: nothing was broken, or it was not looked for. */
  readonly smallest: SmallestRun | null;
}

export interface SmallestRun {
  readonly omit: Omissions;
  readonly violations: readonly string[];
  /** What is left: its faults in order, its users, how long they work. */
  readonly faults: readonly string[];
  readonly users: number;
  readonly workMs: number;
  readonly tries: number;
}

/** Whose violation it is. */
export function checkerOf(violation: string): string {
  return violation.slice(0, Math.max(0, violation.indexOf(':'))) || violation;
}

export function replayCommand(
  seed: number,
  recipe: RecipeName | null,
  { faults, users, workMs }: Omissions,
): string {
  const parts = [`npx nx run simulator:run -- --seed ${seed} --trace`];
  if (recipe !== null) parts.push(`--recipes ${recipe}`);
  if (faults.length > 0) parts.push(`--without-faults ${faults.join(',')}`);
  if (users.length > 0) parts.push(`--without-users ${users.join(',')}`);
  if (workMs !== null) parts.push(`--work-ms ${workMs}`);
  return parts.join(' ');
}

export function reportOf(
  { seed, virtualMs, violations, counts }: SimulationResult,
  recipe: RecipeName | null,
  omit: Omissions,
  smallest: SmallestRun | null,
): SeedReport {
  return { seed, recipe, omit, virtualMs, violations, counts: [...counts], smallest };
}
