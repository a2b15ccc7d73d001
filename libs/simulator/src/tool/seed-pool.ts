import { Worker } from 'node:worker_threads';
import type { RecipeName } from '../recipes/all-recipes.ts';
import { NOTHING_OMITTED } from '../simulation.ts';
import type { SeedReport } from './seed-report.ts';
import type { SeedTask } from './seed-worker.ts';

export interface SeedPoolOptions {
  /** Each seed runs each of them; null is the whole service. */
  readonly recipes: readonly (RecipeName | null)[];
  readonly first: number;
  readonly count: number;
  readonly jobs: number;
  /** No seed is begun later, by the wall clock. */
  readonly maxMs: number;
  /** No seed is begun after one has failed. */
  readonly untilFailure: boolean;
  /** Failures whose smallest run is looked for; others are only named. */
  readonly smallestRuns: number;
}

/** Runs seeds on several threads, the next one on whichever is idle. */
export class SeedPool {
  readonly #options: SeedPoolOptions;
  readonly #told: (report: SeedReport) => void;
  readonly #endsAtMs: number;
  /** Runs that were begun. */
  #begun = 0;
  #failures = 0;

  constructor(options: SeedPoolOptions, told: (report: SeedReport) => void) {
    this.#options = options;
    this.#told = told;
    this.#endsAtMs = performance.now() + options.maxMs;
  }

  async run(): Promise<void> {
    const { count, recipes } = this.#options;
    const jobs = Math.min(this.#options.jobs, count * recipes.length);
    await Promise.all(Array.from({ length: jobs }, () => this.#work()));
  }

  #work(): Promise<void> {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url));
    return new Promise((resolve, reject) => {
      const proceed = (): void => {
        const task = this.#take();
        if (task !== null) {
          worker.postMessage(task);
          return;
        }
        void worker.terminate();
        resolve();
      };
      worker.on('message', (report: SeedReport) => {
        if (report.violations.length > 0) this.#failures++;
        this.#told(report);
        proceed();
      });
      worker.on('error', reject);
      proceed();
    });
  }

  #take(): SeedTask | null {
    const { first, count, recipes, smallestRuns, untilFailure } = this.#options;
    const isLate = performance.now() >= this.#endsAtMs;
    const isDone = untilFailure && this.#failures > 0;
    if (this.#begun >= count * recipes.length || isLate || isDone) return null;
    const findsSmallest = this.#failures < smallestRuns;
    const recipe = recipes[this.#begun % recipes.length] ?? null;
    const seed = first + Math.floor(this.#begun++ / recipes.length);
    return { seed, recipe, omit: NOTHING_OMITTED, findsSmallest };
  }
}
