import type { Client } from '@paddock/client';

/** Resolves so many milliseconds later, by the client's timers. */
export function after({ timers }: Client, delayMs: number): Promise<void> {
  return new Promise((resolve) => timers.after(delayMs, resolve));
}
