import { Discovery } from '@paddock/recipes';
import type { StrategyName } from '@paddock/recipes';
import type { StandardSchema } from '@paddock/client';
import type { World } from '../world.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';

const BASE = '/services';
const NAME = 'one';
const STRATEGIES: readonly [StrategyName, ...StrategyName[]] = [
  'roundRobin',
  'random',
  'sticky',
  'leastOutstanding',
];
const REST_MAX_MS = 300;
const REGISTER_MAX_MS = 20_000;

const ANYTHING: StandardSchema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'simulator', validate: (value) => ({ value }) },
};

/** Everybody offers a service for a while, and finds what it offers, as long as it does. */
class SimulatedDiscovery implements SimulatedRecipe {
  readonly expects = ['lockLost', 'guardFailed'];
  readonly #world: World;
  readonly #violated: (what: string) => void;
  #registrations = 0;

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#violated = violated;
  }

  begin({ application, random }: Life): Turn {
    const { client, name } = application;
    const services = new Discovery(client, BASE, ANYTHING, { now: () => this.#world.time.nowMs });
    const strategy = random.pick(STRATEGIES);
    const down = { threshold: 1, ms: random.between(1, 1000) };
    const pool = services.resolve(NAME, { strategy, down, random: () => random.real() });
    const id = name.slice(0, name.indexOf(' life'));
    const finds = (port: number): boolean => pool.instances.some((it) => it.port === port);
    const call = async (): Promise<void> => {
      await pool.call(async (instance) => {
        this.#world.count('discovery: called');
        if (!pool.instances.includes(instance)) this.#violated(`${name} calls who is not there`);
        await application.sleep(random.between(0, 20));
        if (!random.chance(0.2)) return;
        pool.failed(instance);
        if (pool.pick()?.id === instance.id) this.#violated(`${name} picks who is down`);
      });
    };
    return async () => {
      const port = ++this.#registrations;
      const timeoutMs = random.between(1, REGISTER_MAX_MS);
      const held = await services.register({ name: NAME, id, port }, { timeoutMs });
      try {
        await pool.synced();
        if (held.isHeld && !finds(port)) this.#violated(`${name} does not find itself, ${port}`);
        await application.sleep(random.between(0, REST_MAX_MS));
        await call();
      } finally {
        await held.release();
      }
      await pool.synced();
      if (finds(port)) this.#violated(`${name} finds what is gone, ${port}`);
      return true;
    };
  }
}

export function discoveryInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedDiscovery(world, violated);
}
