import { Counter } from '@paddock/recipes';
import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { World } from '../world.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';
import { SubtreeHistory } from './subtree-history.ts';

const COUNTER = '/counts/one';

/** What the service has answered. */
interface Told {
  readonly who: string;
  readonly before: bigint;
  readonly value: bigint;
}

/** Everybody adds numbers that nobody else adds, so that each change shows whose it is. */
class SimulatedCounter implements SimulatedRecipe {
  readonly expects = [];
  readonly #world: World;
  readonly #violated: (what: string) => void;
  readonly #changes = new Map<Zxid, Told>();
  readonly #reads: { readonly who: string; readonly zxid: Zxid; readonly value: bigint }[] = [];
  /** Numbers that were to be added, and have not been told of. */
  readonly #untold = new Set<bigint>();
  #numbers = 0n;

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#violated = violated;
  }

  begin({ application, random }: Life): Turn {
    const { client, name: who } = application;
    const counter = new Counter(client, COUNTER, { initial: 1000n });
    return async () => {
      const drawn = random.real();
      if (drawn < 0.2) {
        const { value, zxid } = await counter.get();
        this.#reads.push({ who, zxid, value });
      } else if (drawn < 0.4) {
        const delta = this.#newNumber();
        const { value } = await counter.get();
        if (!(await counter.compareAndSet(value, value + delta))) this.#untold.delete(delta);
        this.#world.count('counter: compared');
      } else {
        const several = Array.from({ length: random.between(1, 3) }, () => this.#add(who, counter));
        await Promise.all(several);
      }
      return true;
    };
  }

  async #add(who: string, counter: Counter): Promise<void> {
    const delta = this.#newNumber();
    const { before, value, zxid } = await counter.add(delta);
    this.#untold.delete(delta);
    if (this.#changes.has(zxid)) this.#violated(`two were told that ${formatZxid(zxid)} is theirs`);
    this.#changes.set(zxid, { who, before, value });
    this.#world.count('counter: added');
  }

  #newNumber(): bigint {
    const number = ++this.#numbers;
    this.#untold.add(number);
    return number;
  }

  /** Each change is one that somebody was told of, or nobody knows of; and none takes effect twice. */
  judge(): void {
    const history = new SubtreeHistory(this.#world.log, COUNTER);
    let before = 1000n;
    const seen = new Set<Zxid>();
    const { states } = history;
    for (const { zxid, isRestored, znodes } of states) {
      const value = valueIn(znodes.get(COUNTER)?.data);
      if (value !== before && !isRestored) this.#judgeChange(zxid, before, value);
      seen.add(zxid);
      before = value;
    }
    for (const [zxid, { who }] of this.#changes) {
      if (!seen.has(zxid)) this.#violated(`${who} was told of ${formatZxid(zxid)}, which is none`);
    }
    for (const { who, zxid, value } of this.#reads) {
      const was = valueIn(history.at(zxid)?.znodes.get(COUNTER)?.data);
      if (was !== value) {
        this.#violated(`${who} was shown ${value} at ${formatZxid(zxid)}, where it was ${was}`);
      }
    }
  }

  #judgeChange(zxid: Zxid, before: bigint, value: bigint): void {
    const told = this.#changes.get(zxid);
    if (told === undefined) {
      // One that nobody was told of, each at most once.
      if (this.#untold.delete(value - before)) return;
      this.#violated(`${formatZxid(zxid)} adds ${value - before}, which nobody has asked for then`);
    } else if (told.before !== before || told.value !== value) {
      const was = `${before} to ${value}`;
      this.#violated(`${told.who} was told ${told.before} to ${told.value}, where it was ${was}`);
    }
  }
}

function valueIn(data: Uint8Array | undefined): bigint {
  if (data === undefined) return 1000n;
  return new DataView(data.buffer, data.byteOffset).getBigInt64(0);
}

export function counterInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedCounter(world, violated);
}
