import { DoubleBarrier } from '@paddock/recipes';
import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { World } from '../world.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';
import { SubtreeHistory } from './subtree-history.ts';
import type { PastState } from './subtree-history.ts';

const BARRIER = '/barriers/double';
const READY = `${BARRIER}/ready`;

/** One who was told that it has entered; or, later, that all have left. */
interface Passage {
  readonly who: string;
  readonly path: string;
  readonly token: Zxid;
  readonly atMs: number;
}

/** All enter and leave, round after round. */
class SimulatedDoubleBarrier implements SimulatedRecipe {
  readonly expects = ['lockLost'];
  readonly #world: World;
  readonly #violated: (what: string) => void;
  readonly #size: number;
  readonly #entered: Passage[] = [];
  readonly #left: Passage[] = [];

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#violated = violated;
    this.#size = world.random.fork('size').between(1, world.settings.clients);
  }

  begin({ application, random }: Life): Turn {
    const { client, name: who } = application;
    const barrier = new DoubleBarrier(client, BARRIER, { size: this.#size });
    const { time } = this.#world;
    return async () => {
      const membership = await barrier.enter(
        random.chance(0.1) ? { timeoutMs: random.between(1, 3000) } : {},
      );
      const { path, token } = membership;
      this.#entered.push({ who, path, token, atMs: time.nowMs });
      this.#world.count('double barrier: entered');
      await application.sleep(random.between(0, 500));
      await membership.leave();
      this.#left.push({ who, path, token, atMs: time.nowMs });
      return true;
    };
  }

  judge(): void {
    const { states } = new SubtreeHistory(this.#world.log, BARRIER);
    for (const it of this.#entered) this.#judgeEntrance(it, states);
    for (const it of this.#left) this.#judgeLeave(it, states);
  }

  /** So many were there at one time, and one of those or of later ones all the while until it came. */
  #judgeEntrance({ who, path, token, atMs }: Passage, states: readonly PastState[]): void {
    let isOpen = false;
    for (const { znodes, deliveredMs } of states) {
      const members = membersIn(znodes);
      if (deliveredMs > atMs) break;
      isOpen = members.length >= this.#size || (isOpen && members.length > 0);
      if (isOpen && znodes.get(path)?.czxid === token) return;
    }
    this.#violated(`${who} was let in by ${formatZxid(token)} before there were ${this.#size}`);
  }

  /** All who were there when it left are gone. */
  #judgeLeave({ who, path, token, atMs }: Passage, states: readonly PastState[]): void {
    const left = states.findIndex(
      ({ zxid, znodes }) => zxid > token && znodes.get(path)?.czxid !== token,
    );
    const others = membersIn(states[left]?.znodes ?? new Map());
    for (const other of others) {
      const goneMs = states.slice(left).find(({ znodes }) => !znodes.has(other))?.deliveredMs;
      if ((goneMs ?? Infinity) <= atMs) continue;
      this.#violated(`${who} was told at ${atMs} ms that all have left, and ${other} had not`);
    }
  }
}

function membersIn(znodes: PastState['znodes']): readonly string[] {
  return [...znodes.keys()].filter((it) => it !== BARRIER && it !== READY);
}

export function doubleBarrierInWorld(
  world: World,
  violated: (what: string) => void,
): SimulatedRecipe {
  return new SimulatedDoubleBarrier(world, violated);
}
