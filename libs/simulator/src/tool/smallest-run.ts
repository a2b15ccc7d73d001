import { Simulation } from '../simulation.ts';
import type { Omissions, SimulationResult } from '../simulation.ts';
import type { RecipeName } from '../recipes/all-recipes.ts';
import { RecipeSimulation } from '../recipes/recipe-simulation.ts';
import type { TraceLine } from '../kernel/trace.ts';
import { checkerOf } from './seed-report.ts';
import type { SmallestRun } from './seed-report.ts';

/** Runs that are tried, at most. */
const TRIES_MAX = 80;
/** Of the time that users work, at first. */
const SHARES_OF_TIME = [0.3, 0.5, 0.7, 0.85, 0.95];

export type RunOne = (omit: Omissions) => Promise<SimulationResult>;

/** Of the whole service, or of one recipe. */
export function runOf(
  seed: number,
  recipe: RecipeName | null,
  read?: (line: TraceLine) => void,
): RunOne {
  const reading = read === undefined ? {} : { read };
  return async (omit) =>
    recipe === null
      ? new Simulation(seed, { omit, ...reading }).run()
      : new RecipeSimulation(recipe, seed, { omit, ...reading }).run();
}

/**
 * Tells the story of a failure again with fewer faults, fewer users and less time, as long as the same checker is
 * broken. What is left out is left out of what the seed draws; the rest stays, so the result is a run like any other.
 */
export class SmallestRunSearch {
  readonly #run: RunOne;
  readonly #checkers: ReadonlySet<string>;
  #best: SimulationResult;
  #omit: Omissions;
  #tries = 0;

  constructor(failed: SimulationResult, omit: Omissions, run: RunOne) {
    this.#run = run;
    this.#checkers = new Set(failed.violations.map(checkerOf));
    this.#best = failed;
    this.#omit = omit;
  }

  async find(): Promise<SmallestRun> {
    for (let before = -1; before !== this.#size;) {
      before = this.#size;
      await this.#shortenTime();
      await this.#dropFaults();
      await this.#dropUsers();
      if (this.#tries >= TRIES_MAX) break;
    }
    const { planned, settings, violations } = this.#best;
    const { faults, users, workMs } = this.#omit;
    const left = planned
      .filter((it) => !faults.includes(it.number) && it.atMs <= (workMs ?? Infinity))
      .sort((a, b) => a.atMs - b.atMs);
    return {
      omit: this.#omit,
      violations,
      faults: left.map((it) => `${it.number} ${it.kind} at ${it.atMs.toFixed(0)} ms`),
      users: settings.clients - users.length,
      workMs: workMs ?? settings.workMs,
      tries: this.#tries,
    };
  }

  get #size(): number {
    const { planned, settings } = this.#best;
    const { faults, users, workMs } = this.#omit;
    return planned.length - faults.length + settings.clients - users.length + (workMs ?? 1e6);
  }

  async #shortenTime(): Promise<void> {
    const longest = this.#omit.workMs ?? this.#best.settings.workMs;
    for (const share of SHARES_OF_TIME) {
      const workMs = Math.round(longest * share);
      if (await this.#keepsFailing({ ...this.#omit, workMs })) return;
    }
  }

  /** Half of them at once, then a quarter, and in the end one by one. */
  async #dropFaults(): Promise<void> {
    for (
      let size = Math.ceil(this.#faultsLeft().length / 2);
      size >= 1;
      size = Math.floor(size / 2)
    ) {
      for (let from = 0; from < this.#faultsLeft().length;) {
        const dropped = this.#faultsLeft().slice(from, from + size);
        const faults = [...this.#omit.faults, ...dropped].sort((a, b) => a - b);
        if (!(await this.#keepsFailing({ ...this.#omit, faults }))) from += size;
      }
    }
  }

  #faultsLeft(): number[] {
    const { workMs, faults } = this.#omit;
    return this.#best.planned
      .filter((it) => !faults.includes(it.number) && it.atMs <= (workMs ?? Infinity))
      .map((it) => it.number);
  }

  async #dropUsers(): Promise<void> {
    for (let user = 1; user <= this.#best.settings.clients; user++) {
      if (this.#omit.users.includes(user)) continue;
      const users = [...this.#omit.users, user];
      if (users.length < this.#best.settings.clients) {
        await this.#keepsFailing({ ...this.#omit, users });
      }
    }
  }

  async #keepsFailing(omit: Omissions): Promise<boolean> {
    if (this.#tries >= TRIES_MAX) return false;
    this.#tries++;
    const result = await this.#run(omit);
    if (!result.violations.some((it) => this.#checkers.has(checkerOf(it)))) return false;
    this.#best = result;
    this.#omit = omit;
    return true;
  }
}
