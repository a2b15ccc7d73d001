import { ReadWriteLock } from '@paddock/recipes';
import type { World } from '../world.ts';
import { HoldersRecord } from './holders-record.ts';
import { workWith } from './holding.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';

const LOCK = '/locks/of-readers';

type Way = 'read' | 'write';

/** Some read and some write, and some who have written go on reading. */
export function readWriteLockInWorld(
  world: World,
  violated: (what: string) => void,
): SimulatedRecipe {
  const record = new HoldersRecord<Way>(
    world,
    violated,
    (ways) => ways.length <= 1 || !ways.includes('write'),
  );
  return {
    expects: ['lockLost', 'guardFailed'],
    begin: (life) => turnsWith(life, record),
    judge: () => record.judge(),
  };
}

function turnsWith(life: Life, record: HoldersRecord<Way>): Turn {
  const { application, random } = life;
  const { client, name } = application;
  const locks = new ReadWriteLock(client, LOCK, { data: name });
  const read = async (): Promise<void> => {
    await using held = await locks.read.acquire(patienceOf(life));
    record.granted(name, held, 'read');
    await workWith(life, held, 'read', record);
  };
  const write = async (): Promise<void> => {
    await using held = await locks.write.acquire(patienceOf(life));
    record.granted(name, held, 'write');
    await workWith(life, held, 'write', record);
    if (random.chance(0.5)) return;
    await using reading = await held.downgrade();
    record.exchanged(name, reading, 'read');
    await workWith(life, reading, 'read', record);
  };
  return async () => {
    await (random.chance(0.6) ? read() : write());
    return true;
  };
}

function patienceOf({ random }: Life): { timeoutMs?: number } {
  return random.chance(0.2) ? { timeoutMs: random.between(1, 2000) } : {};
}
