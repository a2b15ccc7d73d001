// Front-ends are stateless: reads a second through one of them and through two, on one database.
import { repeated } from './arithmetic/repeated.ts';
import type { Repeated } from './arithmetic/repeated.ts';
import { figure, tableLines } from './arithmetic/table.ts';
import type { LoadPlan, LoadResult } from './driver/load.ts';
import type { Children } from './processes/children.ts';
import { withProcesses } from './processes/with-processes.ts';
import { Driver } from './processes/driver.ts';
import { startForeground } from './processes/foreground.ts';
import type { Addresses, Foreground } from './processes/foreground.ts';

export interface TwoFrontendsOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly data: string | undefined;
}

interface Served {
  readonly frontends: readonly [Foreground, Foreground];
  readonly database: Foreground;
}

interface Row {
  readonly frontends: number;
  readonly perSecond: Repeated;
  /** Of one processor, while it was measured. */
  readonly frontendBusy: Repeated;
  readonly databaseBusy: Repeated;
  readonly cpuPerRead: Repeated;
}

const ROUNDS = 3;
const QUICK_ROUNDS = 2;

/** The broadcaster, the database and the processor, and then two front-ends, each told of those before. */
async function serve(children: Children, directory: string): Promise<Served> {
  let addresses: Addresses = {};
  const start = async (stage: string): Promise<Foreground> => {
    const served = await startForeground(children, { directory, addresses, stage });
    if (stage !== 'session-frontend') addresses = { ...addresses, ...served.addresses };
    return served;
  };
  await start('zab-broadcaster');
  const database = await start('replicated-database');
  await start('request-processor');
  const frontends = [await start('session-frontend'), await start('session-frontend')] as const;
  for (const frontend of frontends) await frontend.untilServing();
  return { frontends, database };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function rowOf(frontends: number, rounds: readonly (readonly LoadResult[])[]): Row {
  const busy = (cpu: number, seconds: number): number => cpu / 1e6 / seconds;
  const perSecond = rounds.map((round) => sum(round.map((it) => it.operations / it.seconds)));
  // The plan's first process is the front-end, its second the database, which all share.
  const frontendBusy = rounds.map((round) =>
    Math.max(...round.map((it) => busy(it.serverCpuMicroseconds[0] ?? 0, it.seconds))),
  );
  const databaseBusy = rounds.map((round) =>
    Math.max(...round.map((it) => busy(it.serverCpuMicroseconds[1] ?? 0, it.seconds))),
  );
  const cpuPerRead = rounds.map((round) => {
    const frontend = sum(round.map((it) => it.serverCpuMicroseconds[0] ?? 0));
    const database = Math.max(...round.map((it) => it.serverCpuMicroseconds[1] ?? 0));
    return (frontend + database) / sum(round.map((it) => it.operations));
  });
  return {
    frontends,
    perSecond: repeated(perSecond),
    frontendBusy: repeated(frontendBusy),
    databaseBusy: repeated(databaseBusy),
    cpuPerRead: repeated(cpuPerRead),
  };
}

async function measure(served: Served, children: Children, quick: boolean): Promise<Row[]> {
  const drivers = [new Driver(children), new Driver(children)] as const;
  await drivers[0].open('a', served.frontends[0].addresses.client ?? '');
  await drivers[1].open('b', served.frontends[1].addresses.client ?? '', false);
  const plan = (frontend: Foreground, round: number): LoadPlan => ({
    workload: 'get',
    outstanding: 1000,
    batch: 1000,
    perSecond: 0,
    warmUpMs: 400,
    warmUpOperations: round === 0 ? 50_000 : 0,
    measuredMs: quick ? 1500 : 3000,
    pids: [frontend.pid, served.database.pid],
  });
  const one: LoadResult[][] = [];
  const two: LoadResult[][] = [];
  for (let round = 0; round < (quick ? QUICK_ROUNDS : ROUNDS); round++) {
    const plans = [plan(served.frontends[0], round), plan(served.frontends[1], round)] as const;
    one.push([await drivers[0].load('a', plans[0])]);
    two.push(await Promise.all([drivers[0].load('a', plans[0]), drivers[1].load('b', plans[1])]));
  }
  return [rowOf(1, one), rowOf(2, two)];
}

function lines(rows: readonly Row[]): string[] {
  const ranged = ({ median, least, most }: Repeated): string =>
    `${figure(median)} (${figure(least)}–${figure(most)})`;
  return [
    'Reads of 100 bytes, a thousand outstanding at each front-end, each with a driver of its own.',
    'Busy: share of one processor. All of it shares the processors of this machine.',
    '',
    ...tableLines([
      ['front-ends', 'reads/s', 'CPU µs a read', 'front-end busy', 'database busy'],
      ...rows.map((it) => [
        String(it.frontends),
        ...[it.perSecond, it.cpuPerRead, it.frontendBusy, it.databaseBusy].map(ranged),
      ]),
    ]),
  ];
}

export async function benchmarkTwoFrontends(options: TwoFrontendsOptions): Promise<void> {
  await withProcesses(options.data, async (children, directory) => {
    const served = await serve(children, directory);
    const rows = await measure(served, children, options.quick);
    console.log(options.json ? JSON.stringify(rows) : lines(rows).join('\n'));
  });
}
