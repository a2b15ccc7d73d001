import { decodeText, WatchStream } from '@paddock/client';
import type { Client } from '@paddock/client';

/** Tells of the configuration now and after each change, until the session ends (paper 2.4, "Configuration"). */
export async function followConfiguration(
  client: Client,
  path: string,
  changed: (text: string, version: number) => void,
): Promise<void> {
  const watch = new WatchStream();
  const read = async (): Promise<void> => {
    const { data, stat } = await client.get(path, { watch });
    changed(decodeText(data), stat.version);
  };
  await read();
  for await (const event of watch) {
    if (event.kind === 'sessionEnded') return;
    await read();
  }
}
