import type { Client } from '@paddock/client';
import { ensure } from './waiting.ts';

/** Where the workers meet. */
export const LAYOUT = {
  root: '/demo',
  members: '/demo/members',
  election: '/demo/election',
  lock: '/demo/lock',
  configuration: '/demo/configuration',
  counter: '/demo/counter',
} as const;

/** The least that the service grants, so that a killed worker is noticed soon. */
export const SESSION_TIMEOUT_MS = 4000;

export async function layOut(client: Client): Promise<void> {
  for (const path of Object.values(LAYOUT)) await ensure(client, path);
}
