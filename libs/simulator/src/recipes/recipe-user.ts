import type { FaultyUser } from '../faults/faulty-user.ts';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { World } from '../world.ts';
import { Application } from './application.ts';
import type { SimulatedRecipe } from './simulated-recipe.ts';

/** What any use of a session may be refused, or end, by. */
const EXPECTED: readonly string[] = [
  'noNode',
  'sessionExpired',
  'connectionLoss',
  'operationTimeout',
];
const REST_MAX_MS = 100;

/** Uses a recipe again and again, in processes of which one follows the other. */
export class RecipeUser implements FaultyUser {
  readonly #name: string;
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #random: SeededRandom;
  readonly #recipe: SimulatedRecipe;
  #lives = 0;
  #isCalm = false;
  #application: Application | null = null;
  /** Those that have come to their end. */
  turns = 0;

  constructor(name: string, world: World, ensemble: SimulatedEnsemble, recipe: SimulatedRecipe) {
    this.#name = name;
    this.#world = world;
    this.#ensemble = ensemble;
    this.#random = world.random.fork(name);
    this.#recipe = recipe;
  }

  get client(): Application | null {
    return this.#application;
  }

  get condition(): string {
    const client = this.#application?.client;
    return `${this.#name} is ${client?.state} and has had ${this.turns} turns (${client?.lastFailure})`;
  }

  /** From now on no process of it dies by itself. */
  calmDown(): void {
    this.#isCalm = true;
  }

  /** Lives and dies, life after life. */
  start(): void {
    this.#lives++;
    const name = `${this.#name} life ${this.#lives}`;
    const application = new Application(name, {
      world: this.#world,
      ensemble: this.#ensemble,
      random: this.#random,
    });
    this.#application = application;
    const next = (): void => {
      if (this.#application === application) this.start();
    };
    // A process that has died does not say so.
    const vanishMs = this.#random.between(2000, 40_000);
    this.#world.time.after(vanishMs, () => {
      if (this.#isCalm || !application.isAlive) return;
      application.vanish();
      next();
    });
    void this.#live(application).then(next, (error: unknown) =>
      this.#world.violated(`${name} ends by ${describeError(error)}`),
    );
  }

  async #live(application: Application): Promise<void> {
    const isCalm = (): boolean => this.#isCalm;
    const turn = this.#recipe.begin({
      application,
      random: this.#random,
      get isCalm() {
        return isCalm();
      },
    });
    while (application.isAlive) {
      try {
        if (await turn()) this.turns++;
      } catch (error) {
        if (!this.#isExpected(error)) throw error;
        this.#world.count(`turn: ${error.code}`);
        this.#world.trace.tell(application.name, `fails: ${error.message}`);
      }
      await application.sleep(this.#random.between(0, REST_MAX_MS));
    }
  }

  #isExpected(error: unknown): error is Error & { readonly code: string } {
    return (
      error instanceof Error &&
      'code' in error &&
      typeof error.code === 'string' &&
      (EXPECTED.includes(error.code) || this.#recipe.expects.includes(error.code))
    );
  }
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
