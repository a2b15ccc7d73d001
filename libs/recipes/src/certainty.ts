import type { Client } from '@paddock/client';
import { unlessAborted } from './abort.ts';

/** False, after a while, where the session might have been over for all that the client knew (H17): look again. */
export async function isSure(client: Client, signal?: AbortSignal): Promise<boolean> {
  if (client.state !== 'lost') return true;
  let stop = (): void => undefined;
  const changed = new Promise<void>((resolve) => {
    stop = client.on('state', () => resolve());
  });
  await unlessAborted(signal, changed).finally(stop);
  return false;
}
