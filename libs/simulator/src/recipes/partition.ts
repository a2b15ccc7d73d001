import { Partitioner } from '@paddock/recipes';
import type { Held } from '@paddock/recipes';
import type { World } from '../world.ts';
import { HoldersRecord } from './holders-record.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';

const PATH = '/partitions';
const PARTS = ['a', 'b', 'c', 'd', 'e'];
const STEP_MAX_MS = 300;

type Records = ReadonlyMap<string, HoldersRecord<'alone'>>;

/** Everybody works on some of the parts, each on those that nobody else works on. */
class SimulatedPartition implements SimulatedRecipe {
  readonly expects = ['lockLost', 'guardFailed'];
  readonly #world: World;
  readonly #records: Records;
  readonly #living = new Set<Partitioner>();

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#records = new Map(
      PARTS.map((part) => [
        part,
        new HoldersRecord<'alone'>(
          world,
          (what) => violated(`${part}: ${what}`),
          (ways) => ways.length <= 1,
        ),
      ]),
    );
  }

  begin(life: Life): Turn {
    const { application, random } = life;
    const start = (): Partitioner => {
      const partitioner = new Partitioner(application.client, PATH, {
        parts: PARTS,
        id: application.name,
        work: (part, held, leave) => this.#work(life, part, held, leave),
      });
      this.#living.add(partitioner);
      const end = (): void => void this.#living.delete(partitioner);
      partitioner.ended.then(end, end);
      return partitioner;
    };
    let partitioner = start();
    return async () => {
      await application.sleep(random.between(0, 2000));
      if (!life.isCalm && random.chance(0.1)) {
        await partitioner.close();
        this.#world.count('partition: closed');
        partitioner = start();
        return false;
      }
      const isOver = await Promise.race([
        partitioner.ended.then(() => true),
        application.sleep(1).then(() => false),
      ]);
      return !isOver && partitioner.owned.length > 0;
    };
  }

  /** Each part is worked on. */
  missing(): string {
    const owned = new Set([...this.#living].flatMap((it) => it.owned));
    return PARTS.filter((part) => !owned.has(part))
      .map((part) => `nobody works on ${part}`)
      .join('; ');
  }

  judge(): void {
    for (const record of this.#records.values()) record.judge();
  }

  async #work(
    { application, random }: Life,
    part: string,
    held: Held,
    leave: AbortSignal,
  ): Promise<void> {
    const { name: who } = application;
    const record = this.#records.get(part);
    if (record === undefined) throw new TypeError(`there is no ${part}`);
    record.granted(who, held, 'alone');
    const { token } = held;
    while (!leave.aborted && held.isHeld) {
      record.believed(who, held);
      const write = held.client.set(`/register-${part}`, String(token), { upsert: true });
      write.then(
        ({ zxid }) => record.accepted({ who, token, way: 'alone', zxid }),
        () => undefined,
      );
      if (random.chance(0.01)) application.pause(random.between(500, 12_000));
      await application.sleep(random.between(0, STEP_MAX_MS));
    }
  }
}

export function partitionInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedPartition(world, violated);
}
