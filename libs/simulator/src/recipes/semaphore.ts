import { Semaphore } from '@paddock/recipes';
import type { Held } from '@paddock/recipes';
import type { World } from '../world.ts';
import { HoldersRecord } from './holders-record.ts';
import { workWith } from './holding.ts';
import type { SimulatedRecipe } from './simulated-recipe.ts';

const SEMAPHORE = '/semaphores/one';

/** There are fewer leases than users. */
export function semaphoreInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  const leases = world.random.fork('leases').between(1, Math.max(1, world.settings.clients - 1));
  const record = new HoldersRecord<'lease'>(world, violated, (ways) => ways.length <= leases);
  return {
    expects: ['lockLost', 'guardFailed'],
    begin: (life) => {
      const { application, random } = life;
      const { client, name } = application;
      const semaphore = new Semaphore(client, SEMAPHORE, { leases, data: name });
      const work = async (held: Held): Promise<void> => {
        record.granted(name, held, 'lease');
        await workWith(life, held, 'lease', record);
      };
      return async () => {
        const drawn = random.real();
        if (drawn < 0.1) {
          const held = await semaphore.tryAcquire();
          if (held === null) return false;
          await work(held).finally(() => held.release());
          return true;
        }
        const patience = drawn < 0.3 ? { timeoutMs: random.between(1, 2000) } : {};
        await semaphore.run(work, patience);
        return true;
      };
    },
    judge: () => record.judge(),
  };
}
