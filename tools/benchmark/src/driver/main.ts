// The load driver: a process of its own, so that its work is not the servers' nor the benchmark's.
import { BenchmarkError } from '../benchmark-error.ts';
import type { DriverAnswer, DriverRequest } from './driver-messages.ts';
import { LoadRun } from './load-run.ts';
import { carryOut } from './preparation.ts';
import { SessionConnection } from './session-connection.ts';
import { Workloads } from './workload.ts';

interface Opened {
  readonly connection: SessionConnection;
  readonly workloads: Workloads;
}

const opened = new Map<string, Opened>();

function named(name: string): Opened {
  const found = opened.get(name);
  if (found === undefined) throw new BenchmarkError(`no connection ${name}`);
  return found;
}

async function open(name: string, address: string, prepares: boolean): Promise<void> {
  const connection = await SessionConnection.open(address);
  const workloads = new Workloads(name);
  opened.set(name, { connection, workloads });
  if (!prepares) return;
  const operations = workloads.preparation();
  await carryOut(connection, operations.length, (i) => operations[i] ?? new Uint8Array(0));
}

async function answer(request: DriverRequest): Promise<DriverAnswer> {
  switch (request.kind) {
    case 'open':
      await open(request.name, request.address, request.prepares);
      return { kind: 'done' };
    case 'fill': {
      const { connection, workloads } = named(request.name);
      const source = workloads.source('create');
      await carryOut(connection, request.znodes, () => source.next());
      return { kind: 'done' };
    }
    case 'load': {
      const { connection, workloads } = named(request.name);
      const source = workloads.source(request.plan.workload);
      return { kind: 'loaded', result: await LoadRun.over(connection, source, request.plan) };
    }
    case 'close':
      named(request.name).connection.close();
      opened.delete(request.name);
      return { kind: 'done' };
  }
}

process.on('message', (request: DriverRequest) => {
  answer(request)
    .catch((error: unknown): DriverAnswer => ({ kind: 'failed', reason: String(error) }))
    .then((it) => process.send?.(it))
    .catch(() => process.exit(1));
});
// Whoever asks is gone.
process.on('disconnect', () => process.exit(0));
