import type { Client } from '@paddock/client';
import { QueuePlace } from './queue-place.ts';

/** Returns once this process leads; it leads until its session ends. `follows` hears whom it waits for. */
export async function untilLeader(
  client: Client,
  path: string,
  name: string,
  follows: (predecessor: string) => void,
): Promise<void> {
  const place = await QueuePlace.take(client, path, name);
  await place.untilFirst(follows);
}
