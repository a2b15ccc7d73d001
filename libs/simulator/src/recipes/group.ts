import { decodeText, formatZxid } from '@paddock/model';
import { Group } from '@paddock/recipes';
import type { Held, Member } from '@paddock/recipes';
import type { World } from '../world.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';
import { TreeRecord } from './tree-record.ts';

const PATH = '/group';
const JOIN_MAX_MS = 20_000;
const LOOK_MS = 20;

/** Everybody comes and goes under a name of its own, and sees who is there. */
class SimulatedGroup implements SimulatedRecipe {
  readonly expects = ['lockLost', 'guardFailed'];
  readonly #world: World;
  readonly #violated: (what: string) => void;
  readonly #record: TreeRecord;

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#violated = violated;
    this.#record = new TreeRecord(world, PATH, violated, ({ path, data, stat }) => {
      const id = path.slice(PATH.length + 1);
      const member = { id, path, data, since: stat.czxid, changed: stat.mzxid };
      return id === '' ? null : textOf(member);
    });
  }

  begin({ application, random }: Life): Turn {
    const { client, name } = application;
    const members = new Group(client, PATH);
    const seen = new Map<string, Member>();
    let membership: Held | null = null;
    void this.#follow(members, name, seen);
    const id = name.slice(0, name.indexOf(' life'));
    return async () => {
      if (membership?.isHeld !== true) {
        // What was lost for all that was known may still be there.
        await membership?.release();
        const timeoutMs = random.between(1, JOIN_MAX_MS);
        membership = await members.join(name, { id, timeoutMs });
        this.#world.count('group: joined');
      }
      const { path, token } = membership;
      if (random.chance(0.3)) await membership.client.set(path, `${name} ${random.between(0, 99)}`);
      while (membership.isHeld && (seen.get(id)?.since ?? 0) < token) {
        await application.sleep(LOOK_MS);
      }
      if (random.chance(0.3)) {
        await membership.release();
        membership = null;
        return true;
      }
      return membership.isHeld;
    };
  }

  judge(): void {
    this.#record.judge();
  }

  /** What comes and goes comes to all who are there. */
  async #follow(members: Group, name: string, seen: Map<string, Member>): Promise<void> {
    try {
      for await (const { added, removed, updated, all, zxid } of members.watch()) {
        for (const { id, since } of removed) {
          if (seen.get(id)?.since !== since) {
            this.#violated(`${name}: ${id} goes without having come`);
          }
          seen.delete(id);
        }
        for (const it of [...added, ...updated]) {
          const isThere = seen.get(it.id)?.since === it.since;
          if (isThere !== updated.includes(it)) this.#violated(`${name}: ${it.id} comes twice`);
          seen.set(it.id, it);
        }
        const told = [...seen.values()].map(textOf).sort().join('; ');
        const shown = all.map(textOf).sort().join('; ');
        if (told !== shown) this.#violated(`${name} was told ${told}, where there is ${shown}`);
        const znodes = all.map((it) => ({ text: textOf(it), mzxid: it.changed }));
        this.#record.shown(name, zxid, znodes);
      }
    } catch (error) {
      this.#world.trace.tell(name, `watches no more: ${String(error)}`);
      this.#world.count('group: ended');
    }
  }
}

export function groupInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedGroup(world, violated);
}

function textOf({ id, data, since, changed }: Member): string {
  return `${id} "${decodeText(data)}" since ${formatZxid(since)}, ${formatZxid(changed)}`;
}
