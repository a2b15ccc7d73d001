import type { Client } from '@paddock/client';
import { QueuePlace } from './queue-place.ts';

/** Runs the work while no other process holds the lock; a process that dies lets go of it. */
export async function withLock<T>(
  client: Client,
  path: string,
  owner: string,
  work: () => Promise<T>,
): Promise<T> {
  const place = await QueuePlace.take(client, path, owner);
  await place.untilFirst();
  try {
    return await work();
  } finally {
    await place.leave();
  }
}
