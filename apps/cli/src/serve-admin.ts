import { startAdminServer, STAGE_NAMES } from '@paddock/node-runtime';
import type { AdminHandlers, AdminServer, HealthReport } from '@paddock/node-runtime';
import { z } from 'zod';
import type { ServedProcess } from './serve-process.ts';
import type { ServedReplica } from './serve-replica.ts';
import { accountsIn } from './status-account.ts';
import type { ReplicaAccount, StageAccount } from './status-account.ts';
import { describeEnsemble } from './status-ensemble.ts';
import type { EnsembleStatus } from './status-ensemble.ts';

const ASK_MS = 2000;

const healthSchema = z.object({ serving: z.boolean(), waitingFor: z.array(z.string()) });

/** Undefined where it does not answer, of which its caller makes what it is; why is in the process's own log. */
async function ask(served: ServedProcess, path: string): Promise<unknown> {
  if (served.admin === undefined) return undefined;
  try {
    const response = await fetch(`http://${served.admin}${path}`, {
      signal: AbortSignal.timeout(ASK_MS),
    });
    return await response.json();
  } catch {
    return undefined;
  }
}

async function health(replica: ServedReplica): Promise<HealthReport> {
  const reports = await Promise.all(
    replica.processes.map(async (served) => {
      if (served.admin === undefined) return notServing(`${served.name}: its start`);
      const report = healthSchema.safeParse(await ask(served, '/health'));
      return report.success ? report.data : notServing(`${served.name}: an answer of its process`);
    }),
  );
  const waitingFor = reports.flatMap((it) => it.waitingFor);
  return { serving: reports.every(({ serving }) => serving), waitingFor };
}

function notServing(...waitingFor: readonly string[]): HealthReport {
  return { serving: false, waitingFor };
}

async function stagesOf(served: ServedProcess): Promise<readonly [string, StageAccount][]> {
  const { pid, restarts } = served;
  const told = accountsIn(await ask(served, '/status'))?.[0]?.stages ?? {};
  const names = served.stage === undefined ? STAGE_NAMES : [served.stage];
  return names.map((name) => {
    const stage = told[name] ?? {
      serving: false,
      waitingFor: [`${name}: an answer of its process`],
    };
    return [name, { ...stage, pid: pid ?? null, restarts }];
  });
}

async function accountOf(replica: ServedReplica, admin: string): Promise<ReplicaAccount> {
  const stages = await Promise.all(replica.processes.map(stagesOf));
  return {
    id: replica.replica,
    endpoints: { ...replica.addresses, admin },
    stages: Object.fromEntries(stages.flat()),
  };
}

/** What the admin ports of a served ensemble answer: health, each of its own replica; status, all of the whole. */
export class EnsembleAdmin {
  readonly #replicas: readonly ServedReplica[];
  readonly #servers: AdminServer[] = [];

  constructor(replicas: readonly ServedReplica[]) {
    this.#replicas = replicas;
  }

  /** For the next replica, in their order. */
  async listen(address: string): Promise<void> {
    const replica = this.#replicas[this.#servers.length];
    if (replica === undefined) return;
    const handlers: AdminHandlers = {
      health: () => health(replica),
      status: () => this.status(),
    };
    this.#servers.push(await startAdminServer(address, handlers));
  }

  addressOf(replica: ServedReplica): string {
    return this.#servers[this.#replicas.indexOf(replica)]?.address ?? '';
  }

  health(replica: ServedReplica): Promise<HealthReport> {
    return health(replica);
  }

  async status(): Promise<EnsembleStatus> {
    const accounts = this.#replicas.map((it) => accountOf(it, this.addressOf(it)));
    return describeEnsemble(await Promise.all(accounts));
  }

  /** Who leads, by the broadcasters alone. */
  async leadership(): Promise<Pick<EnsembleStatus, 'leader' | 'epoch'>> {
    const accounts = this.#replicas.map(async ({ replica, processes }) => {
      // The broadcaster's is the first of four.
      const stages = await Promise.all(processes.slice(0, 1).map(stagesOf));
      return { id: replica, endpoints: {}, stages: Object.fromEntries(stages.flat()) };
    });
    return describeEnsemble(await Promise.all(accounts));
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }
}
