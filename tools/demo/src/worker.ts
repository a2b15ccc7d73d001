// One worker process: joins, follows the configuration, counts under a lock, and stands for leader.
import { setTimeout as pause } from 'node:timers/promises';
import { connect, decodeText, formatSessionId } from '@paddock/client';
import type { Client } from '@paddock/client';
import { Election, Lock } from '@paddock/recipes';
import { join } from './group-membership.ts';
import { LAYOUT, SESSION_TIMEOUT_MS } from './layout.ts';
import type { Report } from './report.ts';
import { followConfiguration } from './shared-configuration.ts';

const WORK_MS = 40;
const CONFIGURATION_MS = 1500;

function tell(report: Report): void {
  process.send?.(report);
}

/** Reads, works, writes: wrong without the lock, since others would write between. */
async function countUnderLock(client: Client, name: string): Promise<void> {
  const lock = new Lock(client, LAYOUT.lock, { data: name });
  while (!resting.signal.aborted) {
    const value = await countOnce(client, lock);
    tell({ kind: 'counted', value });
  }
  tell({ kind: 'counting ended' });
}

async function countOnce(client: Client, lock: Lock): Promise<number> {
  await using held = await lock.acquire();
  const { data } = await client.get(LAYOUT.counter);
  const next = Number(decodeText(data)) + 1;
  await pause(WORK_MS);
  await held.client.set(LAYOUT.counter, String(next));
  return next;
}

async function lead(client: Client, name: string): Promise<void> {
  await new Election(client, LAYOUT.election, { data: name }).campaign({
    waitingFor: (predecessor) => tell({ kind: 'follows', predecessor: predecessor.name }),
  });
  tell({ kind: 'leads' });
  for (let round = 1; ; round++) {
    await client.set(LAYOUT.configuration, `"batch ${round * 100}, says ${name}"`);
    await pause(CONFIGURATION_MS, undefined, { signal: stopping.signal });
  }
}

const resting = new AbortController();
const stopping = new AbortController();
const [servers = '', name = ''] = process.argv.slice(2);
const client = await connect({ servers, sessionTimeoutMs: SESSION_TIMEOUT_MS });
client.on('state', ({ state }) => tell({ kind: 'state', state }));
const { session } = client;
tell({ kind: 'joined', session: session === null ? '' : formatSessionId(session) });
await join(client, LAYOUT.members, name);

async function stop(): Promise<void> {
  stopping.abort();
  await client.close();
  process.disconnect();
}
process.on('message', (message) => {
  resting.abort();
  if (message === 'stop') void stop();
});

// Closing the session ends what still waits in it.
await Promise.all([
  followConfiguration(client, LAYOUT.configuration, (text, version) => {
    if (version > 0) tell({ kind: 'configured', text, version });
  }),
  countUnderLock(client, name),
  lead(client, name),
]).catch((error: unknown) => {
  if (!stopping.signal.aborted) throw error;
});
