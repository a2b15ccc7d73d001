// `paddock serve` as a user starts it, on ports of the system's choice.
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { BenchmarkError } from '../benchmark-error.ts';
import type { Children } from './children.ts';
import { Inspectors } from './profiler.ts';
import type { Target } from './target.ts';

export type Topology = 'fused' | 'split';

const START_MS = 60_000;
const COMMAND = '../../../apps/cli/src/main.ts';

const serving = z.object({
  event: z.literal('serving'),
  replicas: z.tuple([
    z.object({
      endpoints: z.record(z.string(), z.string()),
      admin: z.string(),
      processes: z.array(z.object({ name: z.string(), pid: z.number() })),
    }),
  ]),
});

const counters = z.object({ entries: z.number(), syncs: z.number(), bytes: z.number() });

/** Of the log's own account, as the status of a replica shows it. */
const status = z.object({
  replicas: z.tuple([
    z.object({
      stages: z.record(z.string(), z.object({ log: counters.optional() })),
    }),
  ]),
});

export type LogCounters = Readonly<z.infer<typeof counters>>;

export interface PaddockTarget extends Target {
  readonly admin: string;
  logCounters(): Promise<LogCounters>;
}

export interface PaddockOptions {
  readonly topology: Topology;
  readonly data: string;
  readonly nodeArgs?: readonly string[];
}

async function logCounters(admin: string): Promise<LogCounters> {
  const response = await fetch(`http://${admin}/status`);
  const answer = status.parse(await response.json());
  const log = answer.replicas[0].stages['zab-broadcaster']?.log;
  if (log === undefined) throw new BenchmarkError('the status has no account of the log');
  return log;
}

/** Resolves when it serves. The process that supervises the stages is not among its processes. */
export function startPaddock(children: Children, options: PaddockOptions): Promise<PaddockTarget> {
  const { topology, data, nodeArgs = [] } = options;
  const split = topology === 'split' ? ['--split'] : [];
  const ports = ['--replicas', '1', '--grpc-port', '0', '--admin-port', '0'];
  const child = children.start({
    script: COMMAND,
    args: ['serve', '--json', '--no-restart', ...ports, '--data', data, ...split],
    nodeArgs,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const inspectors = new Inspectors(child);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new BenchmarkError(`paddock serve ${why}\n${said.slice(-20).join('')}`));
    };
    const timer = setTimeout(() => fail(`does not serve within ${START_MS} ms`), START_MS);
    child.once('exit', (code) => fail(`has ended with code ${code}`));
    if (child.stdout === null) return fail('has no output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = serving.safeParse(JSON.parse(line));
      if (!message.success) return;
      clearTimeout(timer);
      const [replica] = message.data.replicas;
      resolve({
        name: topology,
        address: replica.endpoints['client'] ?? '',
        admin: replica.admin,
        processes: replica.processes,
        inspectors,
        stop: () => children.stop(child),
        logCounters: () => logCounters(replica.admin),
      });
    });
  });
}
