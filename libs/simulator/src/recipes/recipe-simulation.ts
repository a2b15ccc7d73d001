import { DEFAULT_LIMITS } from '@paddock/model';
import { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import { Faults } from '../faults/faults.ts';
import { RunsInCircles } from '../kernel/virtual-time.ts';
import type { Settings } from '../settings.ts';
import { NOTHING_OMITTED } from '../simulation.ts';
import type { Omissions, SimulationOptions, SimulationResult } from '../simulation.ts';
import { World } from '../world.ts';
import { RECIPES } from './all-recipes.ts';
import type { RecipeName } from './all-recipes.ts';
import { RecipeUser } from './recipe-user.ts';
import type { SimulatedRecipe } from './simulated-recipe.ts';

/** Once nothing breaks any more, everybody has two turns within so long. */
const RECOVERY_MS = 90_000;
const TURNS_TO_RECOVER = 2;

/** An ensemble under faults, and users of one recipe, with the client and the library that are shipped. */
export class RecipeSimulation {
  readonly #world: World;
  readonly #omit: Omissions;
  readonly #ensemble: SimulatedEnsemble;
  readonly #recipe: SimulatedRecipe;
  readonly #users: readonly RecipeUser[];
  readonly #faults: Faults;

  constructor(name: RecipeName, seed: number, options: SimulationOptions = {}) {
    const { read = null, omit = NOTHING_OMITTED, settings = {} } = options;
    const world = new World(seed, { read, settings, adapt: withRoomForRecipes });
    this.#world = world;
    this.#omit = omit;
    this.#ensemble = new SimulatedEnsemble(world, {
      crashed: (replica) => this.#faults.powerCut(replica),
      removed: (replica) => this.#faults.removed(replica),
      databaseDies: () => undefined,
      frontendDied: () => undefined,
    });
    const recipe = RECIPES[name](world, (what) => world.violated(`${name}: ${what}`));
    this.#recipe = recipe;
    const numbers = Array.from({ length: world.settings.clients }, (_, i) => i + 1);
    this.#users = numbers
      .filter((number) => !omit.users.includes(number))
      .map((number) => new RecipeUser(`user ${number}`, world, this.#ensemble, recipe));
    this.#faults = new Faults(world, this.#ensemble, this.#users);
  }

  async run(): Promise<SimulationResult> {
    const { counts, seed, settings, time, trace, violations } = this.#world;
    trace.tell('settings', JSON.stringify(settings));
    try {
      await this.#live();
    } catch (error) {
      if (!(error instanceof RunsInCircles)) throw error;
      this.#world.violated(`liveness: ${error.message}`);
    }
    this.#recipe.judge?.();
    counts.set(
      'operations on recipes',
      this.#users.reduce((sum, { turns }) => sum + turns, 0),
    );
    const { planned } = this.#faults;
    const traceHash = trace.hash;
    return { seed, violations, traceHash, virtualMs: time.nowMs, counts, planned, settings };
  }

  async #live(): Promise<void> {
    const { settings, time, trace } = this.#world;
    for (const replica of this.#ensemble.replicas) this.#faults.startAll(replica, 1000);
    for (const user of this.#users) user.start();
    this.#faults.plan(this.#omit.faults);
    await time.runAsync(this.#omit.workMs ?? settings.workMs);
    trace.tell('simulation', 'nothing breaks any more');
    this.#faults.end();
    for (const user of this.#users) user.calmDown();
    await this.#recover();
  }

  /** Nobody waits for somebody who is gone, and nobody has missed that it is their turn. */
  async #recover(): Promise<void> {
    const { time } = this.#world;
    const goals = new Map(this.#users.map((it) => [it, it.turns + TURNS_TO_RECOVER]));
    const stuck = (): string[] => {
      const users = [...goals].filter(([it, turns]) => it.turns < turns);
      if (users.length > 0) return users.map(([it]) => it.condition);
      return [this.#recipe.missing?.() ?? ''].filter((it) => it !== '');
    };
    const isWell = (): boolean => stuck().length === 0;
    if (await time.runAsync(time.nowMs + RECOVERY_MS, isWell)) return;
    this.#world.violated(`liveness: ${stuck().join('; ')}`);
  }
}

/** What recipes stand on are ephemeral znodes, children and watches. */
function withRoomForRecipes(drawn: Settings): Settings {
  const { childrenPerZnode, ephemeralBytesPerSession, watchesPerSession } = DEFAULT_LIMITS;
  const room = { childrenPerZnode, ephemeralBytesPerSession, watchesPerSession };
  // All users share it, and one turn of some recipes takes dozens of requests: there has to be time for everybody's.
  const requestsPerSecond = 8 * drawn.limits.requestsPerSecond;
  return { ...drawn, limits: { ...drawn.limits, ...room, requestsPerSecond } };
}
