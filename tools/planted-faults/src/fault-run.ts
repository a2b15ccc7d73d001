import type { PlantedFault } from './planted-fault.ts';
import type { Sighting } from './record.ts';
import { searchSeeds } from './seed-search.ts';
import type { SeedFinding, SeedRange, SimulatedUsers } from './seed-search.ts';
import { failsAsItShould } from './test-run.ts';
import type { WorkspaceCopy } from './workspace-copy.ts';

export interface FaultRun {
  readonly id: string;
  readonly seeds: SeedFinding;
  /** Null: no test is named. */
  readonly testFails: boolean | null;
  readonly wallMs: number;
}

/** By a seed or by a test; a test that is named and does not fail is no test. */
export function isCaught({ seeds, testFails }: FaultRun): boolean {
  return testFails === null
    ? seeds.kind === 'caught'
    : testFails && (seeds.kind === 'caught' || seeds.kind === 'missed');
}

/** Plants faults one after the other in a copy of the sources. */
export class FaultRuns {
  readonly #copy: WorkspaceCopy;
  readonly #range: SeedRange;
  /** What seeds come to without any fault: a promise that is broken anyway shows nothing. */
  readonly #sound = new Map<string, boolean>();

  constructor(copy: WorkspaceCopy, range: SeedRange) {
    this.#copy = copy;
    this.#range = range;
  }

  /** Looks for the first seed of the range that shows the fault; then runs its test. */
  run(fault: PlantedFault): Promise<FaultRun> {
    return this.#measured(fault, () => searchSeeds(this.#copy, this.#range, fault));
  }

  /** The same at the seed that was recorded, and from the first one on only where that seed no longer shows it. */
  verify(fault: PlantedFault, sighting: Sighting | undefined): Promise<FaultRun> {
    return this.#measured(fault, async () => {
      const range = this.#range;
      if (sighting === undefined) return searchSeeds(this.#copy, range, fault);
      if ('missedBy' in sighting) return { kind: 'missed', seeds: sighting.missedBy };
      const again = await searchSeeds(
        this.#copy,
        { ...range, first: sighting.seed, seeds: 1 },
        fault,
      );
      return again.kind === 'missed' ? searchSeeds(this.#copy, range, fault) : again;
    });
  }

  async #measured(fault: PlantedFault, search: () => Promise<SeedFinding>): Promise<FaultRun> {
    const startedMs = performance.now();
    const { id, test } = fault;
    const { found, testFails } = await this.#copy.with(fault, async () => ({
      found: await search(),
      testFails: test === undefined ? null : await failsAsItShould(this.#copy, test),
    }));
    const seeds = await this.#withoutFault(fault, found);
    return { id, seeds, testFails, wallMs: Math.round(performance.now() - startedMs) };
  }

  async #withoutFault(users: SimulatedUsers, found: SeedFinding): Promise<SeedFinding> {
    if (found.kind !== 'caught') return found;
    const { seed, checkers } = found;
    const key = `${users.recipe ?? ''} ${seed}`;
    let isSound = this.#sound.get(key);
    if (isSound === undefined) {
      const range = { ...this.#range, first: seed, seeds: 1 };
      const bare = await searchSeeds(this.#copy, range, users);
      if (bare.kind === 'broken') return bare;
      isSound = bare.kind === 'missed';
      this.#sound.set(key, isSound);
    }
    return isSound ? found : { kind: 'unsound', seed, checkers };
  }
}

/** What is to be recorded of a run; undefined: it came to nothing. */
export function sightingOf({ seeds }: FaultRun): Sighting | undefined {
  switch (seeds.kind) {
    case 'caught':
      return { seed: seeds.seed, checkers: seeds.checkers.join(', ') };
    case 'missed':
      return { missedBy: seeds.seeds };
    case 'unsound':
    case 'broken':
      return undefined;
  }
}
