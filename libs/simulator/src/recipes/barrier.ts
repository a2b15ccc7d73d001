import { Barrier } from '@paddock/recipes';
import type { World } from '../world.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';
import { SubtreeHistory } from './subtree-history.ts';
import type { PastState } from './subtree-history.ts';

const BARRIER = '/barriers/one';

interface Waited {
  readonly who: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Some set it and remove it again, the others wait. */
class SimulatedBarrier implements SimulatedRecipe {
  readonly expects = [];
  readonly #world: World;
  readonly #violated: (what: string) => void;
  /** When somebody was told that it is set. */
  readonly #setMs: number[] = [];
  readonly #waited: Waited[] = [];

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#violated = violated;
  }

  begin(life: Life): Turn {
    const { application, random } = life;
    const { client, name: who } = application;
    const barrier = new Barrier(client, BARRIER);
    const { time } = this.#world;
    return async () => {
      // In the end nobody sets it any more.
      if (life.isCalm) await barrier.remove();
      else if (random.chance(0.4)) {
        await barrier.set();
        this.#setMs.push(time.nowMs);
        await application.sleep(random.between(0, 1500));
        await barrier.remove();
        return true;
      }
      const fromMs = time.nowMs;
      // Whoever has set it may have died, and all others may wait.
      await barrier.wait({ timeoutMs: random.chance(0.5) ? random.between(1, 4000) : 20_000 });
      this.#waited.push({ who, fromMs, toMs: time.nowMs });
      this.#world.count('barrier: passed');
      return true;
    };
  }

  judge(): void {
    const { states } = new SubtreeHistory(this.#world.log, BARRIER);
    states.forEach((state, i) => {
      if (state.znodes.has(BARRIER)) this.#judgeWhile(state, states[i + 1]);
    });
  }

  /** Nobody is through who has begun to wait when somebody knew that it is set, before it was removed. */
  #judgeWhile({ deliveredMs }: PastState, next: PastState | undefined): void {
    const goneMs = next?.deliveredMs ?? Infinity;
    const setMs = this.#setMs.find((it) => it >= deliveredMs) ?? Infinity;
    for (const { who, fromMs, toMs } of this.#waited) {
      if (fromMs >= setMs && toMs < goneMs) {
        this.#violated(
          `${who} came at ${fromMs} ms and was through at ${toMs} ms, though it was set`,
        );
      }
    }
  }
}

export function barrierInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedBarrier(world, violated);
}
