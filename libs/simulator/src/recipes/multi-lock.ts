import { Lock, MultiLock } from '@paddock/recipes';
import type { Held } from '@paddock/recipes';
import type { World } from '../world.ts';
import { HoldersRecord } from './holders-record.ts';
import { workWith } from './holding.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';

const PATHS: readonly string[] = ['/locks/a', '/locks/b', '/locks/c'];

type Records = ReadonlyMap<string, HoldersRecord<'alone'>>;

/** Everybody takes some of the locks, in any order, by one alone or by several together. */
export function multiLockInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  const records: Records = new Map(
    PATHS.map((path) => [path, new HoldersRecord(world, violated, (ways) => ways.length <= 1)]),
  );
  return {
    expects: ['lockLost', 'guardFailed'],
    begin: (life) => turnsWith(life, records),
    judge: () => {
      for (const record of records.values()) record.judge();
    },
  };
}

function turnsWith(life: Life, records: Records): Turn {
  const { application, random } = life;
  const { client, name } = application;
  return async () => {
    const paths = random.shuffled(PATHS).slice(0, random.between(1, PATHS.length));
    const [first = ''] = paths;
    const locks = paths.length === 1 ? new Lock(client, first) : new MultiLock(client, paths);
    const work = async (held: Held): Promise<void> => {
      const concerned = paths.flatMap((path) => records.get(path) ?? []);
      for (const record of concerned) record.granted(name, held, 'alone');
      for (const record of concerned) await workWith(life, held, 'alone', record);
    };
    const patience = random.chance(0.2) ? { timeoutMs: random.between(1, 2000) } : {};
    await locks.run(work, patience);
    return true;
  };
}
