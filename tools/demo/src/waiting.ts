import type { Client } from '@paddock/client';

/** Creates a persistent znode unless it is there. */
export async function ensure(client: Client, path: string): Promise<void> {
  const { stat } = await client.exists(path);
  if (stat !== null) return;
  // Another worker may be faster, which is as good.
  await client.create(path).catch(async (error: unknown) => {
    if ((await client.exists(path)).stat === null) throw error;
  });
}
