// Pipelined writes on an ensemble: how many, and what each costs in syncs, messages and bytes between replicas.
import { loadavg } from 'node:os';
import { repeated } from '../arithmetic/repeated.ts';
import type { Repeated } from '../arithmetic/repeated.ts';
import { figure, tableLines } from '../arithmetic/table.ts';
import { DATA_BYTES } from '../driver/workload.ts';
import type { Children } from '../processes/children.ts';
import { withProcesses } from '../processes/with-processes.ts';
import { Driver } from '../processes/driver.ts';
import { EnsembleProcesses } from './ensemble-processes.ts';
import { costBetween } from './ensemble-status.ts';

export interface EnsembleWritesOptions {
  readonly voters: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly data: string | undefined;
}

/** Everything but the first three is for one write. */
const COLUMNS = [
  'writes/s',
  'p50 ms',
  'p99 ms',
  'CPU µs, all',
  'syncs, leader',
  'syncs, follower',
  'messages out',
  'messages in',
  'bytes out',
  'bytes in',
] as const;

type Figures = Readonly<Record<(typeof COLUMNS)[number], number>>;

interface Row {
  readonly outstanding: number;
  /** In the order of COLUMNS. */
  readonly figures: readonly Repeated[];
}

const OUTSTANDING = [1, 30, 1000];
const ROUNDS = 3;
const MEASURED_MS = 4000;

async function measureOnce(
  ensemble: EnsembleProcesses,
  driver: Driver,
  outstanding: number,
): Promise<Figures> {
  const leader = await ensemble.leader();
  const [follower = leader] = ensemble.others(leader);
  const before = [await leader.broadcaster(), await follower.broadcaster()] as const;
  const result = await driver.load('writes', {
    workload: 'set',
    outstanding,
    batch: 1000,
    perSecond: 0,
    warmUpMs: 500,
    warmUpOperations: 0,
    measuredMs: MEASURED_MS,
    pids: ensemble.replicas.map(({ running }) => running.pid),
  });
  const after = [await leader.broadcaster(), await follower.broadcaster()] as const;
  const entries = after[0].log.entries - before[0].log.entries;
  const ofLeader = costBetween(before[0], after[0]);
  const ofFollower = costBetween(before[1], after[1]);
  const cpu = result.serverCpuMicroseconds.reduce((sum, it) => sum + it, 0);
  return {
    'writes/s': result.operations / result.seconds,
    'p50 ms': result.writes.p50 / 1000,
    'p99 ms': result.writes.p99 / 1000,
    'CPU µs, all': cpu / result.operations,
    'syncs, leader': ofLeader.syncs / entries,
    'syncs, follower': ofFollower.syncs / entries,
    'messages out': ofLeader.messagesSent / entries,
    'messages in': ofLeader.messagesReceived / entries,
    'bytes out': ofLeader.bytesSent / entries,
    'bytes in': ofLeader.bytesReceived / entries,
  };
}

async function measure(
  ensemble: EnsembleProcesses,
  children: Children,
  rounds: number,
): Promise<Row[]> {
  const driver = new Driver(children);
  await driver.open('writes', (await ensemble.leader()).client);
  const measured = new Map<number, Figures[]>(OUTSTANDING.map((it) => [it, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [outstanding, figures] of measured) {
      figures.push(await measureOnce(ensemble, driver, outstanding));
    }
  }
  await driver.close('writes');
  return [...measured].map(([outstanding, all]) => ({
    outstanding,
    figures: COLUMNS.map((column) => repeated(all.map((it) => it[column]))),
  }));
}

function lines(voters: number, rows: readonly Row[]): string[] {
  return [
    `Writes of ${DATA_BYTES} bytes by one session of the leader of ${voters} voters. Syncs, messages and bytes are`,
    'those of one write; messages and bytes as the leader sends them to all its followers, and receives them.',
    `Load average of the machine: ${(loadavg()[0] ?? 0).toFixed(1)}`,
    '',
    ...tableLines([
      ['outstanding', ...COLUMNS],
      ...rows.map(({ outstanding, figures }) => [
        String(outstanding),
        ...figures.map(({ median }) => figure(median)),
      ]),
    ]),
  ];
}

export async function benchmarkEnsembleWrites(options: EnsembleWritesOptions): Promise<void> {
  const { voters, quick, json } = options;
  await withProcesses(options.data, async (children, directory) => {
    const ensemble = await EnsembleProcesses.start(children, directory, { voters, observers: 0 });
    const rows = await measure(ensemble, children, quick ? 1 : ROUNDS);
    console.log(
      json ? JSON.stringify({ voters, columns: COLUMNS, rows }) : lines(voters, rows).join('\n'),
    );
  });
}
