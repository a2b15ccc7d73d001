import * as z from 'zod';
import { runNode } from './child.ts';
import type { PlantedFault } from './planted-fault.ts';
import type { WorkspaceCopy } from './workspace-copy.ts';

export interface SeedRange {
  readonly first: number;
  readonly seeds: number;
  readonly jobs: number;
}

/** Whose users the seeds are of: those of a recipe, or of the whole service. */
export type SimulatedUsers = Pick<PlantedFault, 'recipe'>;

export type SeedFinding =
  | { readonly kind: 'caught'; readonly seed: number; readonly checkers: readonly string[] }
  /** So many seeds, and every one of them keeps every promise. */
  | { readonly kind: 'missed'; readonly seeds: number }
  /** The first seed that breaks a promise does so without the fault. */
  | { readonly kind: 'unsound'; readonly seed: number; readonly checkers: readonly string[] }
  /** The simulator itself came to no verdict. */
  | { readonly kind: 'broken'; readonly reason: string };

const reportSchema = z.object({
  seeds: z.number(),
  failures: z.array(z.object({ seed: z.number(), violations: z.array(z.string()) })),
});

/** Run by one process: one that hangs is noticed before all the time is gone. */
const SEEDS_AT_ONCE = 10;
/** Of one seed, at the very most, on a busy machine. */
const SEED_PATIENCE_MS = 20_000;
const START_PATIENCE_MS = 60_000;

/** Runs seeds in the copy until one breaks a promise. */
export async function searchSeeds(
  copy: WorkspaceCopy,
  range: SeedRange,
  users: SimulatedUsers,
): Promise<SeedFinding> {
  const { seeds, jobs } = range;
  const end = range.first + seeds;
  for (let first = range.first; first < end; first += SEEDS_AT_ONCE) {
    const some = { first, seeds: Math.min(SEEDS_AT_ONCE, end - first), jobs };
    const finding = await searchSome(copy, some, users);
    if (finding.kind !== 'missed') return finding;
  }
  return { kind: 'missed', seeds };
}

async function searchSome(
  copy: WorkspaceCopy,
  range: SeedRange,
  { recipe }: SimulatedUsers,
): Promise<SeedFinding> {
  const { first, seeds, jobs } = range;
  const { code, output, errors } = await runNode(
    [
      ...['libs/simulator/src/main.ts', '--json', '--until-failure', '--smallest', '0'],
      ...(recipe === undefined ? [] : ['--recipes', recipe]),
      ...['--first', String(first), '--seeds', String(seeds), '--jobs', String(jobs)],
    ],
    { folder: copy.folder, patienceMs: START_PATIENCE_MS + seeds * SEED_PATIENCE_MS },
  );
  if (output === '') {
    const reason = code === null ? 'does not end' : lastLine(errors);
    return { kind: 'broken', reason: `the simulator, from seed ${first} on: ${reason}` };
  }
  const report = reportSchema.parse(JSON.parse(output));
  const [failure] = report.failures.toSorted((a, b) => a.seed - b.seed);
  if (failure === undefined) return { kind: 'missed', seeds };
  return {
    kind: 'caught',
    seed: failure.seed,
    checkers: [...new Set(failure.violations.map(checkerOf))].sort(),
  };
}

/** A violation begins with the name of its checker; what stages report of themselves does not. */
function checkerOf(violation: string): string {
  const [name = ''] = violation.split(':', 1);
  return /^[a-zA-Z]+$/.test(name) ? name : 'a stage reports an error';
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
