import { Lock } from '@paddock/recipes';
import type { Held } from '@paddock/recipes';
import type { World } from '../world.ts';
import { LockRecord } from './lock-record.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';

/** Some see all of the tree, and some only what is below this. */
const APP = '/app';
const LOCK = '/locks/one';
const REGISTER = '/register';
const STEPS_MAX = 6;

/** Everybody takes the lock again and again, and changes what it guards. */
class SimulatedLock implements SimulatedRecipe {
  readonly expects = ['lockLost', 'guardFailed'];
  readonly #world: World;
  readonly #record: LockRecord;

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#record = new LockRecord(world.log, violated);
  }

  begin(life: Life): Turn {
    const { application, random } = life;
    const { name } = application;
    // Some do not wait long for what they write, or for anything.
    const bounds = random.chance(0.3) ? { deadlineMs: random.between(1, 1000) } : {};
    const client = application.client.with(bounds);
    const isView = random.chance(0.5);
    const top = isView ? '' : APP;
    const mutex = new Lock(isView ? client.chroot(APP) : client, `${top}${LOCK}`, { data: name });
    return () => this.#takeTurn(life, mutex, `${top}${REGISTER}`);
  }

  async #takeTurn(life: Life, mutex: Lock, register: string): Promise<boolean> {
    const { random } = life;
    const drawn = random.real();
    if (drawn < 0.1) {
      const held = await mutex.tryAcquire();
      if (held === null) return false;
      await this.#work(life, held, register).finally(() => held.release());
    } else {
      const timeoutMs = drawn < 0.3 ? random.between(1, 2000) : undefined;
      const patience = timeoutMs === undefined ? {} : { timeoutMs };
      await mutex.run((held) => this.#work(life, held, register), patience);
    }
    return true;
  }

  async #work({ application, random }: Life, held: Held, register: string): Promise<void> {
    const { name } = application;
    this.#world.count('lock: granted');
    this.#world.trace.tell(name, `holds the lock by ${held.token}`);
    this.#record.granted(name, held.token);
    const steps = random.between(0, STEPS_MAX);
    for (let i = 0; i < steps; i++) {
      if (held.isHeld) this.#record.believed(name, held.token);
      const write = held.client.set(register, String(held.token), { upsert: true });
      if (random.chance(0.5)) {
        const { zxid } = await write;
        this.#record.wrote(name, held.token, zxid);
      } else {
        write.then(
          ({ zxid }) => this.#record.wrote(name, held.token, zxid),
          () => undefined,
        );
      }
      // A process that is stopped long enough has lost the lock when it goes on, before it can hear that.
      if (random.chance(0.02)) application.pause(random.between(500, 12_000));
      await application.sleep(random.between(0, 60));
    }
  }
}

export function lockInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedLock(world, violated);
}
