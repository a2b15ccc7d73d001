import { step } from '@paddock/client';
import type { StandardSchema, Zxid } from '@paddock/client';
import { decodeText, formatZxid, ZXID_ZERO } from '@paddock/model';
import { ConfigCell } from '@paddock/recipes';
import { editsOf } from '../record/edits.ts';
import type { World } from '../world.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';

const PATH = '/configuration';
const UNFIT = ['', 'none', '{}', '{"limit":-1}', '{"limit":"7"}'] as const;
const REST_MAX_MS = 300;

interface Limit {
  readonly limit: number;
}

/** As a library for schemas would have it: one that takes its time, where it must. */
const SCHEMA: StandardSchema<unknown, Limit> = {
  '~standard': {
    version: 1,
    vendor: 'simulator',
    validate: async (value) => {
      await Promise.resolve();
      const limit = typeof value === 'object' && value !== null && 'limit' in value && value.limit;
      if (typeof limit === 'number' && limit >= 0) return { value: { limit } };
      return { issues: [{ message: 'a number from 0 on', path: ['limit'] }] };
    },
  },
};

/** Everybody writes a configuration, now and then one that nobody can use, and reads it. */
class SimulatedConfig implements SimulatedRecipe {
  readonly expects = [];
  readonly #world: World;
  readonly #violated: (what: string) => void;
  /** What was served, by the write that it is of. */
  readonly #served = new Map<Zxid, string>();

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#violated = violated;
  }

  begin({ application, random }: Life): Turn {
    const { client, name } = application;
    const cell = new ConfigCell(client, PATH, SCHEMA, {
      rejected: () => this.#world.count('config: rejected'),
    });
    let newest: Zxid = ZXID_ZERO;
    const look = (): void => {
      if (cell.zxid === null) return;
      const { zxid, current } = cell;
      if (zxid < newest) this.#violated(`${name} goes back to ${formatZxid(zxid)}`);
      newest = zxid;
      this.#serve(name, zxid, JSON.stringify(current));
    };
    void this.#follow(cell, look);
    return async () => {
      await application.sleep(random.between(0, REST_MAX_MS));
      look();
      if (random.chance(0.3)) {
        await client.transaction({ then: [step.set(PATH, random.pick(UNFIT), { upsert: true })] });
        return false;
      }
      if (random.chance(0.1)) {
        await client.delete(PATH);
        return false;
      }
      const { zxid } = await cell.set({ limit: random.between(0, 999) });
      await cell.synced();
      look();
      // Or somebody else has written behind it what is of no use.
      if (Math.max(newest, cell.rejected?.zxid ?? ZXID_ZERO) >= zxid) return true;
      this.#violated(`${name} does not serve its own ${formatZxid(zxid)}`);
      return false;
    };
  }

  /** What was served was written, and is of use. */
  judge(): void {
    for (const { zxid, change } of this.#world.log.transactions()) {
      const served = this.#served.get(zxid);
      if (served === undefined) continue;
      const written = editsOf(change).flatMap((it) =>
        (it.kind === 'createZnode' || it.kind === 'setZnodeData') && it.path === PATH
          ? [decodeText(it.data)]
          : [],
      );
      if (written.at(-1) !== served) {
        this.#violated(`${served} is served of ${formatZxid(zxid)}, which has ${written.join()}`);
      }
    }
  }

  #serve(who: string, zxid: Zxid, value: string): void {
    const before = this.#served.get(zxid) ?? value;
    if (before !== value) this.#violated(`${who} is served ${value}, and others ${before}`);
    this.#served.set(zxid, value);
  }

  async #follow(cell: ConfigCell<Limit>, look: () => void): Promise<void> {
    try {
      for await (const { limit } of cell) {
        look();
        if (!(limit >= 0)) this.#violated(`${limit} is served, which cannot be used`);
      }
    } catch {
      this.#world.count('config: ended');
    }
  }
}

export function configInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedConfig(world, violated);
}
