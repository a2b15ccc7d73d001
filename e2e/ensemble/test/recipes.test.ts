import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import { queue } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { eventually } from '../src/eventually.ts';
import { noteStarted } from '../src/left-running.ts';
import { JOBS, SUM } from '../src/recipe-paths.ts';

const WORKER = fileURLToPath(new URL('../src/recipe-worker.ts', import.meta.url));
const JOB_COUNT = 150;
const PATIENCE_MS = 150_000;

function startWorker(ensemble: EnsembleUnderTest): ChildProcess {
  const servers = ensemble.servers().join(',');
  const args = ['--conditions=@paddock/source', WORKER, servers];
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  return noteStarted(spawn(process.execPath, args, { stdio: [...stdio] }));
}

async function sumOf(client: Client): Promise<number> {
  return Number(decodeText((await client.get(SUM)).data));
}

async function untilMore(client: Client, more: number): Promise<void> {
  const goal = (await sumOf(client)) + more;
  await eventually(
    `the sum is ${goal}`,
    async () => {
      await client.sync();
      expect(await sumOf(client)).toBeGreaterThanOrEqual(goal);
    },
    PATIENCE_MS,
  );
}

describe('a queue and a lock, of processes that are killed and stopped', () => {
  const shared = EnsembleUnderTest.shared({ voters: 3 });

  it('have each job done once, and every count counted, while the leader is killed as well', async () => {
    const ensemble = shared();
    const client = await ensemble.connect();
    await client.create(SUM, '0');
    await client.create('/done');
    const jobs = queue(client, JOBS);
    await Promise.all(Array.from({ length: JOB_COUNT }, (_, i) => jobs.put(`job-${i}`)));
    const [killed, stopped, ...others] = Array.from({ length: 4 }, () => startWorker(ensemble));
    if (killed === undefined || stopped === undefined) throw new Error('there are no workers');
    await untilMore(client, 10);

    killed.kill('SIGKILL');
    stopped.kill('SIGSTOP');
    await untilMore(client, 10);
    const leader = await ensemble.leader();
    await leader.end('SIGKILL');
    await untilMore(client, 10);
    stopped.kill('SIGCONT');
    await leader.start();
    await eventually(
      'all jobs are done',
      async () => {
        await client.sync();
        expect(await jobs.size()).toBe(0);
      },
      PATIENCE_MS,
    );
    await untilMore(client, 10);

    for (const worker of [stopped, ...others]) {
      worker.kill('SIGTERM');
      if (worker.exitCode === null) await once(worker, 'exit');
      expect(worker.exitCode).toBe(0);
    }
    await client.sync();
    expect((await client.list('/done')).children).toHaveLength(JOB_COUNT);
    expect(await jobs.dead()).toEqual([]);
    // Each set has found what the one before it has left.
    const { data, stat } = await client.get(SUM);
    expect(Number(decodeText(data))).toBe(stat.version);
    await ensemble.untilServing();
    await ensemble.untilEqual();
  }, 600_000);
});
