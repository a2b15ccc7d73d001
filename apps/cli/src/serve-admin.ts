import type { AdminHandlers, HealthReport, StageName } from '@paddock/node-runtime';
import { z } from 'zod';
import type { ServedProcess } from './serve-process.ts';
import type { ServedReplica } from './serve-replica.ts';

const ASK_MS = 2000;

const healthSchema = z.object({ serving: z.boolean(), waitingFor: z.array(z.string()) });
const statusSchema = z.looseObject({
  stages: z.record(
    z.string(),
    z.looseObject({
      phase: z.string().optional(),
      epoch: z.number().optional(),
      applied: z.string().optional(),
    }),
  ),
});

/** What a replica is to its ensemble, by the phase of its broadcaster. */
const ROLES: Readonly<Record<string, string>> = { broadcast: 'leader' };

async function ask<T>(
  served: ServedProcess,
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  if (served.admin === undefined) return undefined;
  try {
    const response = await fetch(`http://${served.admin}${path}`, {
      signal: AbortSignal.timeout(ASK_MS),
    });
    const body: unknown = await response.json();
    return schema.parse(body);
  } catch {
    // A process that does not answer is reported as such by its caller; why is in its own log.
    return undefined;
  }
}

async function health(replica: ServedReplica): Promise<HealthReport> {
  const reports = await Promise.all(
    replica.processes.map(async (served) => ({
      served,
      report: await ask(served, '/health', healthSchema),
    })),
  );
  const waitingFor = reports.flatMap(({ served, report }) =>
    report === undefined ? [`${served.name}: does not answer`] : report.waitingFor,
  );
  return {
    serving: waitingFor.length === 0 && reports.every(({ report }) => report?.serving === true),
    waitingFor,
  };
}

async function status(replica: ServedReplica): Promise<unknown> {
  const answers = await Promise.all(
    replica.processes.map(async (served) => ({
      served,
      answer: await ask(served, '/status', statusSchema),
    })),
  );
  const stages = answers.flatMap(({ served, answer }) =>
    Object.entries(answer?.stages ?? {}).map(([stage, detail]): [string, unknown] => [
      stage,
      { pid: served.pid, restarts: served.restarts, ...detail },
    ]),
  );
  const stageNamed = (name: StageName) =>
    answers.map(({ answer }) => answer?.stages[name]).find((stage) => stage !== undefined);
  const broadcaster = stageNamed('zab-broadcaster');
  const report = await health(replica);
  return {
    replicas: [
      {
        id: replica.replica,
        role:
          broadcaster === undefined ? 'unknown' : (ROLES[broadcaster.phase ?? ''] ?? 'electing'),
        epoch: broadcaster?.epoch ?? null,
        zxid: stageNamed('replicated-database')?.applied ?? null,
        pid: replica.processes[0]?.pid ?? null,
        endpoints: replica.addresses,
        ...report,
        stages: Object.fromEntries<unknown>(stages),
      },
    ],
  };
}

/** What one replica's admin port answers, gathered from its process or its four. */
export function replicaAdmin(replica: ServedReplica): AdminHandlers {
  return { health: () => health(replica), status: () => status(replica) };
}
