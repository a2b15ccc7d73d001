// What an observer adds to reads, and what it takes from writes.
import { loadavg } from 'node:os';
import { repeated } from '../arithmetic/repeated.ts';
import type { Repeated } from '../arithmetic/repeated.ts';
import { figure, tableLines } from '../arithmetic/table.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import type { LoadPlan } from '../driver/load.ts';
import type { Children } from '../processes/children.ts';
import { withProcesses } from '../processes/with-processes.ts';
import { Driver } from '../processes/driver.ts';
import { EnsembleProcesses } from './ensemble-processes.ts';
import type { ReplicaProcess } from './ensemble-processes.ts';

export interface ObserversOptions {
  readonly voters: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly data: string | undefined;
}

/** One round: both kinds of load, one after the other. */
interface Measured {
  readonly readsPerSecond: number;
  readonly cpuPerRead: number;
  /** Of one processor, by the busiest of the replicas that are read. */
  readonly busy: number;
  readonly writesPerSecond: number;
  readonly cpuPerWrite: number;
}

interface Row {
  readonly name: string;
  readonly rounds: Measured[];
}

interface Reader {
  readonly driver: Driver;
  readonly replica: ReplicaProcess;
}

const ROUNDS = 3;
const MEASURED_MS = 3000;

function plan(workload: 'get' | 'set', replicas: readonly ReplicaProcess[]): LoadPlan {
  return {
    workload,
    outstanding: 1000,
    batch: 1000,
    perSecond: 0,
    warmUpMs: 500,
    warmUpOperations: 20_000,
    measuredMs: MEASURED_MS,
    pids: replicas.map(({ running }) => running.pid),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, it) => total + it, 0);
}

async function measureOnce(
  ensemble: EnsembleProcesses,
  writer: Driver,
  readers: readonly Reader[],
): Promise<Measured> {
  for (const { driver, replica } of readers) await driver.open('reads', replica.client, false);
  const reads = await Promise.all(
    readers.map(({ driver, replica }) => driver.load('reads', plan('get', [replica]))),
  );
  for (const { driver } of readers) await driver.close('reads');
  const running = ensemble.replicas.filter(({ isRunning }) => isRunning);
  const writes = await writer.load('writes', plan('set', running));
  const cpuOfReads = reads.map(({ serverCpuMicroseconds: [cpu = 0] }) => cpu);
  return {
    readsPerSecond: sum(reads.map(({ operations, seconds }) => operations / seconds)),
    cpuPerRead: sum(cpuOfReads) / sum(reads.map(({ operations }) => operations)),
    busy: Math.max(...reads.map(({ seconds }, i) => (cpuOfReads[i] ?? 0) / 1e6 / seconds)),
    writesPerSecond: writes.operations / writes.seconds,
    cpuPerWrite: sum(writes.serverCpuMicroseconds) / writes.operations,
  };
}

async function measure(
  ensemble: EnsembleProcesses,
  children: Children,
  rounds: number,
): Promise<Row[]> {
  const observer = ensemble.replicas.at(-1);
  const leader = await ensemble.leader();
  const [follower] = ensemble.others(leader);
  if (observer === undefined || follower === undefined) throw new BenchmarkError('too few');
  const writer = new Driver(children);
  await writer.open('writes', leader.client);
  const readers = [follower, observer].map((replica) => ({
    driver: new Driver(children),
    replica,
  }));
  const without: Row = { name: 'without', rounds: [] };
  const withIt: Row = { name: 'with', rounds: [] };
  for (let round = 0; round < rounds; round++) {
    withIt.rounds.push(await measureOnce(ensemble, writer, readers));
    await observer.kill();
    without.rounds.push(await measureOnce(ensemble, writer, readers.slice(0, 1)));
    await observer.start();
    await ensemble.untilServing();
  }
  return [without, withIt];
}

function lines(voters: number, rows: readonly Row[]): string[] {
  const ranged = ({ median, least, most }: Repeated): string =>
    `${figure(median)} (${figure(least)}–${figure(most)})`;
  const of = (row: Row, key: keyof Measured): string =>
    ranged(repeated(row.rounds.map((it) => it[key])));
  return [
    `${voters} voters, and an observer: reads by a session of a follower, and by another one of the observer where`,
    'there is one, each with a driver of its own; then writes by a session of the leader. A thousand outstanding.',
    'All of it shares the processors of this machine: what a replica can do alone is reads/s divided by busy.',
    `Load average of the machine: ${(loadavg()[0] ?? 0).toFixed(1)}`,
    '',
    ...tableLines([
      ['observer', 'reads/s', 'CPU µs a read', 'busiest reader', 'writes/s', 'CPU µs a write, all'],
      ...rows.map((row) => [
        row.name,
        of(row, 'readsPerSecond'),
        of(row, 'cpuPerRead'),
        of(row, 'busy'),
        of(row, 'writesPerSecond'),
        of(row, 'cpuPerWrite'),
      ]),
    ]),
  ];
}

export async function benchmarkObservers(options: ObserversOptions): Promise<void> {
  const { voters, quick, json } = options;
  await withProcesses(options.data, async (children, directory) => {
    const ensemble = await EnsembleProcesses.start(children, directory, { voters, observers: 1 });
    const rows = await measure(ensemble, children, quick ? 1 : ROUNDS);
    console.log(json ? JSON.stringify({ voters, rows }) : lines(voters, rows).join('\n'));
  });
}
