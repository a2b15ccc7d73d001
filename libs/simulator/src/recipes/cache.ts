import { step } from '@paddock/client';
import type { TransactionStep, Zxid } from '@paddock/client';
import { decodeText, formatZxid, ZXID_ZERO } from '@paddock/model';
import { TreeCache } from '@paddock/recipes';
import type { CachedZnode } from '@paddock/recipes';
import { describe } from '../record/describe.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { World } from '../world.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';
import { TreeRecord } from './tree-record.ts';

const TREE = '/tree';
const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
const LEVELS_MAX = 3;
const STEPS_MAX = 4;
const REST_MAX_MS = 200;

/** Everybody changes a tree, and looks at it by a cache: what that shows is the state at its zxid. */
class SimulatedCache implements SimulatedRecipe {
  readonly expects = ['nodeExists', 'notEmpty', 'noChildrenForEphemerals', 'quotaExceeded'];
  readonly #world: World;
  readonly #violated: (what: string) => void;
  readonly #record: TreeRecord;

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#violated = violated;
    this.#record = new TreeRecord(world, TREE, violated, textOf);
  }

  begin({ application, random }: Life): Turn {
    const { client, name } = application;
    const view = new TreeCache(client, TREE);
    let newest: Zxid = ZXID_ZERO;
    const look = (): void => {
      if (view.state === 'loading') return;
      const { zxid } = view;
      if (zxid < newest) this.#violated(`${name} goes back to ${formatZxid(zxid)}`);
      newest = zxid;
      const shown = [...view.entries()].map(([, it]) => ({
        text: textOf(it),
        mzxid: it.stat.mzxid,
      }));
      this.#record.shown(name, zxid, shown);
    };
    view.on('advance', () => {
      this.#world.count('cache: advance');
      if (random.chance(0.3)) look();
    });
    void this.#follow(view, name);
    return async () => {
      await application.sleep(random.between(0, REST_MAX_MS));
      const { zxid } = await client.transaction({ then: stepsOf(random) });
      if (random.chance(0.5)) return false;
      await view.synced();
      look();
      if (view.zxid < zxid) this.#violated(`${name} has not seen its own ${formatZxid(zxid)}`);
      return true;
    };
  }

  judge(): void {
    this.#record.judge();
  }

  /** What it is told of changes comes to what the cache shows, whenever there are no more of them. */
  async #follow(view: TreeCache, name: string): Promise<void> {
    const told = new Map<string, Zxid>();
    const changes = view.changes();
    try {
      for await (const { kind, znode } of changes) {
        if (kind === 'added' && told.has(znode.path)) this.#violated(`${name}: added twice`);
        if (kind !== 'added' && !told.has(znode.path)) {
          this.#violated(`${name}: ${kind} of nothing`);
        }
        if (kind === 'removed') told.delete(znode.path);
        else told.set(znode.path, znode.stat.mzxid);
        if (!changes.isUpToDate) continue;
        const shown = [...view.entries()].map(([path, { stat }]) => `${path} ${stat.mzxid}`);
        const heard = [...told].map(([path, mzxid]) => `${path} ${mzxid}`);
        if (shown.sort().join() === heard.sort().join()) continue;
        this.#violated(`${name} was told ${heard.join()}, where there is ${shown.join()}`);
      }
    } catch {
      this.#world.count('cache: ended');
    }
  }
}

function textOf({ path, data, stat }: CachedZnode): string {
  return `${path} "${decodeText(data)}" ${describe(stat)}`;
}

/** Some of them are refused. */
function stepsOf(random: SeededRandom): readonly TransactionStep<string>[] {
  return Array.from({ length: random.between(1, STEPS_MAX) }, () => {
    const names = Array.from({ length: random.between(1, LEVELS_MAX) }, () => random.pick(NAMES));
    const path = [TREE, ...names].join('/');
    const data = String(random.between(0, 999));
    const drawn = random.real();
    if (drawn < 0.35) return step.set(path, data, { upsert: true });
    if (drawn < 0.55) return step.create(path, data, { parents: true });
    if (drawn < 0.7) return step.create(path, data, { mode: 'ephemeral', parents: true });
    return step.delete(path, { recursive: random.chance(0.5) });
  });
}

export function cacheInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedCache(world, violated);
}
