import { PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { after } from './after.ts';

/** Asks again where the service has refused for its rate, after as long as it has said; unless told to stop. */
export async function unthrottled<T>(
  client: Client,
  signal: AbortSignal | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const retryAfterMs = error instanceof PaddockError ? error.retryAfterMs : null;
      if (retryAfterMs === null) throw error;
      await unlessAborted(signal, after(client, retryAfterMs));
    }
  }
}
