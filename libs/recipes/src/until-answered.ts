import { PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { after } from './after.ts';
import { unthrottled } from './unthrottled.ts';

const PAUSE_MS = 100;

/**
 * Asks again, for as long as the session lives, where the service has refused for its rate, or its replica was not far
 * enough in time to show what this session has seen. For what may be asked twice.
 */
export async function untilAnswered<T>(
  client: Client,
  signal: AbortSignal | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await unthrottled(client, signal, ask);
    } catch (error) {
      const isPassing = error instanceof PaddockError && error.code === 'operationTimeout';
      if (!isPassing) throw error;
      await unlessAborted(signal, after(client, PAUSE_MS));
    }
  }
}
