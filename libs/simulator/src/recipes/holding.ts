import type { Held } from '@paddock/recipes';
import type { HoldersRecord } from './holders-record.ts';
import type { Life } from './simulated-recipe.ts';

export const REGISTER = '/register';
const STEPS_MAX = 6;

/** Works for a while with what is held, behind its fence, and tells the record. */
export async function workWith<Way extends string>(
  { application, random }: Life,
  held: Held,
  way: Way,
  record: HoldersRecord<Way>,
  register = REGISTER,
): Promise<void> {
  const { name: who } = application;
  const { token } = held;
  const steps = random.between(0, STEPS_MAX);
  for (let i = 0; i < steps; i++) {
    record.believed(who, held);
    const write = held.client.set(register, String(token), { upsert: true });
    const told = write.then(({ zxid }) => record.accepted({ who, token, way, zxid }));
    if (random.chance(0.5)) await told;
    else told.catch(() => undefined);
    // A process that is stopped long enough has lost it when it goes on, before it can hear that.
    if (random.chance(0.02)) application.pause(random.between(500, 12_000));
    await application.sleep(random.between(0, 60));
  }
}
