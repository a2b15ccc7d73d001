// A process that does jobs of a queue, and counts under a lock, until it is told to stop.
import { setTimeout as pause } from 'node:timers/promises';
import { connect, decodeText, PaddockError, step } from '@paddock/client';
import type { Client } from '@paddock/client';
import { lock, LockLostError, queue } from '@paddock/recipes';
import { JOBS, LOCK, SUM } from './recipe-paths.ts';

const WORK_MS = 5;
const PASSING: readonly string[] = ['lockLost', 'guardFailed', 'noNode', 'operationTimeout'];

const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());

/** Reads, works, writes: wrong where somebody else writes between. */
async function count(client: Client): Promise<void> {
  const mutex = lock(client, LOCK);
  while (!stopping.signal.aborted) {
    await unlessLost(() =>
      mutex.run(async (held) => {
        const { data } = await client.get(SUM);
        await pause(WORK_MS);
        await held.client.set(SUM, String(Number(decodeText(data)) + 1));
      }),
    );
  }
}

async function work(client: Client): Promise<void> {
  const jobs = queue(client, JOBS, { deliveriesMax: 100 });
  while (!stopping.signal.aborted) {
    await unlessLost(async () => {
      for await (const job of jobs.consume({ signal: stopping.signal })) {
        await pause(WORK_MS);
        // Refused where somebody has done it before.
        await job.ack([step.create(`/done/${decodeText(job.data)}`)]);
      }
    });
  }
}

async function unlessLost(attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    const isKnown = error instanceof PaddockError || error instanceof LockLostError;
    if (!isKnown || !PASSING.includes(error.code)) throw error;
  }
}

/** One session after the other: who has stood still too long begins anew. */
async function live(servers: string): Promise<void> {
  const client = await connect({ servers, sessionTimeoutMs: 4000, connectTimeoutMs: 60_000 });
  try {
    await Promise.all([count(client), work(client)]);
    await client.close();
  } catch (error) {
    if (!(error instanceof PaddockError) || error.code !== 'sessionExpired') throw error;
    await live(servers);
  }
}

await live(process.argv[2] ?? '');
