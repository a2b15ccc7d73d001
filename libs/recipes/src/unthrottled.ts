import { PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { unlessAborted } from './abort.ts';

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

function after({ timers }: Client, delayMs: number): Promise<void> {
  return new Promise((resolve) => timers.after(delayMs, resolve));
}
