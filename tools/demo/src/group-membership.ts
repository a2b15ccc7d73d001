import { WatchStream } from '@paddock/client';
import type { Client } from '@paddock/client';

/** Registers a member for as long as its session lives (paper 2.4, "Group Membership"). */
export async function join(client: Client, group: string, name: string): Promise<void> {
  await client.create(`${group}/${name}`, String(process.pid), { mode: 'ephemeral' });
}

/** Tells of the members now and after each change, until the session ends. */
export async function followMembers(
  client: Client,
  group: string,
  changed: (members: readonly string[]) => void,
): Promise<void> {
  const watch = new WatchStream();
  changed((await client.list(group, { watch })).children);
  for await (const event of watch) {
    if (event.kind === 'sessionEnded') return;
    changed((await client.list(group, { watch })).children);
  }
}
