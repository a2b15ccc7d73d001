import { WatchStream } from '@paddock/client';
import type { Client } from '@paddock/client';

/** Waits, without asking again and again, until there is no such znode: an exists watch (paper 2.3). */
export async function untilGone(client: Client, path: string): Promise<void> {
  for (;;) {
    const watch = new WatchStream();
    const { stat } = await client.exists(path, { watch });
    if (stat === null) return;
    const event = await watch.next();
    if (event.done === true) return;
  }
}

/** Creates a persistent znode unless it is there. */
export async function ensure(client: Client, path: string): Promise<void> {
  const { stat } = await client.exists(path);
  if (stat !== null) return;
  // Another worker may be faster, which is as good.
  await client.create(path).catch(async (error: unknown) => {
    if ((await client.exists(path)).stat === null) throw error;
  });
}
