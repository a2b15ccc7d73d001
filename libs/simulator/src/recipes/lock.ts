import { Lock } from '@paddock/recipes';
import type { Held } from '@paddock/recipes';
import type { World } from '../world.ts';
import { HoldersRecord } from './holders-record.ts';
import { REGISTER, workWith } from './holding.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';

/** Some see all of the tree, and some only what is below this. */
const APP = '/app';
const LOCK = '/locks/one';

/** Everybody takes the lock again and again, and changes what it guards. */
export function lockInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  const record = new HoldersRecord<'alone'>(world, violated, (ways) => ways.length <= 1);
  return {
    expects: ['lockLost', 'guardFailed'],
    begin: (life) => turnsWith(life, record),
    judge: () => record.judge(),
  };
}

function turnsWith(life: Life, record: HoldersRecord<'alone'>): Turn {
  const { application, random } = life;
  const { name } = application;
  // Some do not wait long for what they write, or for anything.
  const bounds = random.chance(0.3) ? { deadlineMs: random.between(1, 1000) } : {};
  const client = application.client.with(bounds);
  const isView = random.chance(0.5);
  const top = isView ? '' : APP;
  const mutex = new Lock(isView ? client.chroot(APP) : client, `${top}${LOCK}`, { data: name });
  const work = async (held: Held): Promise<void> => {
    record.granted(name, held, 'alone');
    await workWith(life, held, 'alone', record, `${top}${REGISTER}`);
  };
  return async () => {
    const drawn = random.real();
    if (drawn < 0.1) {
      const held = await mutex.tryAcquire();
      if (held === null) return false;
      await work(held).finally(() => held.release());
      return true;
    }
    const patience = drawn < 0.3 ? { timeoutMs: random.between(1, 2000) } : {};
    await mutex.run(work, patience);
    return true;
  };
}
