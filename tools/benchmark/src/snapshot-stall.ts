// What requests notice of a snapshot of 200,000 znodes, and what a restart from it takes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { distributionOf } from './arithmetic/distribution.ts';
import type { Distribution } from './arithmetic/distribution.ts';
import { Samples } from './arithmetic/samples.ts';
import { figure, tableLines } from './arithmetic/table.ts';
import { BenchmarkError } from './benchmark-error.ts';
import { sampleFields } from './driver/load.ts';
import type { LoadResult } from './driver/load.ts';
import type { Children } from './processes/children.ts';
import { withProcesses } from './processes/with-processes.ts';
import { Driver } from './processes/driver.ts';
import { startForeground } from './processes/foreground.ts';
import type { Foreground, LogLine } from './processes/foreground.ts';

export interface SnapshotStallOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly data: string | undefined;
}

interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Stall {
  readonly name: string;
  readonly latency: Distribution;
}

interface Restart {
  readonly signal: string;
  readonly servingMs: number;
  /** From the start of the process on, in milliseconds: what its log says, and when. */
  readonly steps: readonly { readonly atMs: number; readonly message: string }[];
}

interface Report {
  readonly znodes: number;
  readonly perSecond: number;
  readonly snapshotMs: readonly number[];
  readonly stalls: readonly Stall[];
  /** By how much the drivers noticed an arrival too late: the noise of the machine. */
  readonly driverLateMs: number;
  readonly restarts: readonly Restart[];
}

const ZNODES = 200_000;
/** Reads, and as many writes: well below what the server can do, so that a queue tells of a stall. */
const PER_SECOND = 3000;
const SNAPSHOT_TRANSACTIONS = 30_000;
const MEASURED_MS = 30_000;
const QUICK_MEASURED_MS = 14_000;
const BEGINS = 'a snapshot begins';
const WRITTEN = 'a snapshot was written and verified';

/** The times in which a snapshot was taken. */
export function snapshotIntervals(log: readonly LogLine[]): Interval[] {
  const intervals: Interval[] = [];
  let fromMs: number | null = null;
  for (const { msg, time } of log) {
    if (msg === BEGINS) fromMs = time;
    if (msg !== WRITTEN || fromMs === null) continue;
    intervals.push({ fromMs, toMs: time });
    fromMs = null;
  }
  return intervals;
}

/** Latencies of operations that were under way while a snapshot was taken, and of the others. */
export function divide(
  what: string,
  samples: Float64Array,
  intervals: readonly Interval[],
): Stall[] {
  const undisturbed = new Samples();
  const disturbed = new Samples();
  for (let i = 0; i < samples.length; i += sampleFields.length) {
    const sentMs = samples[i] ?? 0;
    const tookUs = samples[i + 1] ?? 0;
    const answeredMs = sentMs + tookUs / 1000;
    const during = intervals.some(({ fromMs, toMs }) => sentMs <= toMs && answeredMs >= fromMs);
    (during ? disturbed : undisturbed).push(tookUs);
  }
  return [
    { name: `${what}, no snapshot`, latency: distributionOf(undisturbed.view()) },
    { name: `${what}, during a snapshot`, latency: distributionOf(disturbed.view()) },
  ];
}

/** Asks for one kind of operation through a session and a process of its own. */
class Asker {
  readonly #driver: Driver;
  readonly #what: 'reads' | 'writes';
  readonly #samplesFile: string;

  constructor(children: Children, what: 'reads' | 'writes', directory: string) {
    this.#driver = new Driver(children);
    this.#what = what;
    this.#samplesFile = join(directory, `${what}-samples`);
  }

  async prepare(address: string): Promise<void> {
    await this.#driver.open(this.#what, address, this.#what === 'writes');
    if (this.#what === 'writes') await this.#driver.fill(this.#what, ZNODES);
  }

  load(measuredMs: number, pids: readonly number[]): Promise<LoadResult> {
    return this.#driver.load(this.#what, {
      workload: this.#what === 'reads' ? 'get' : 'set',
      outstanding: 1000,
      batch: 1000,
      perSecond: PER_SECOND,
      warmUpMs: 2000,
      warmUpOperations: 0,
      measuredMs,
      pids,
      samplesFile: this.#samplesFile,
    });
  }

  stalls(intervals: readonly Interval[]): Stall[] {
    const bytes = new Uint8Array(readFileSync(this.#samplesFile));
    return divide(this.#what, new Float64Array(bytes.buffer), intervals);
  }

  async close(): Promise<void> {
    await this.#driver.close(this.#what);
  }
}

async function measureStall(
  children: Children,
  served: Foreground,
  directory: string,
  measuredMs: number,
): Promise<Pick<Report, 'stalls' | 'snapshotMs' | 'driverLateMs'>> {
  const writer = new Asker(children, 'writes', directory);
  const reader = new Asker(children, 'reads', directory);
  const { client = '' } = served.addresses;
  await writer.prepare(client);
  await reader.prepare(client);
  const beganMs = Date.now();
  const pids = [served.pid];
  const loads = [reader.load(measuredMs, pids), writer.load(measuredMs, pids)];
  const results = await Promise.all(loads);
  const intervals = snapshotIntervals(served.log).filter(({ toMs }) => toMs > beganMs);
  if (intervals.length === 0) throw new BenchmarkError('no snapshot was taken');
  await writer.close();
  await reader.close();
  return {
    stalls: [...reader.stalls(intervals), ...writer.stalls(intervals)],
    snapshotMs: intervals.map(({ fromMs, toMs }) => toMs - fromMs),
    driverLateMs: Math.max(...results.map(({ latestArrivalMs }) => latestArrivalMs)),
  };
}

async function restart(
  children: Children,
  served: Foreground,
  signal: NodeJS.Signals,
  options: Parameters<typeof startForeground>[1],
): Promise<[Foreground, Restart]> {
  await served.stop(signal);
  const again = await startForeground(children, options);
  const servingAt = await again.untilServing();
  const { startedMs } = again;
  const steps = again.log
    .filter(({ time }) => time <= servingAt)
    .map(({ time, msg, milliseconds }) => {
      const took = typeof milliseconds === 'number' ? ` (${milliseconds} ms)` : '';
      return { atMs: time - startedMs, message: `${msg}${took}` };
    });
  return [again, { signal, servingMs: servingAt - startedMs, steps }];
}

async function measure(children: Children, directory: string, quick: boolean): Promise<Report> {
  const limits = { snapshotTransactions: SNAPSHOT_TRANSACTIONS };
  let served = await startForeground(children, { directory, limits });
  await served.untilServing();
  const measuredMs = quick ? QUICK_MEASURED_MS : MEASURED_MS;
  const stall = await measureStall(children, served, directory, measuredMs);
  const restarts: Restart[] = [];
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const [again, report] = await restart(children, served, signal, { directory, limits });
    served = again;
    restarts.push(report);
  }
  return { znodes: ZNODES, perSecond: PER_SECOND, ...stall, restarts };
}

function lines({
  znodes,
  perSecond,
  stalls,
  snapshotMs,
  driverLateMs,
  restarts,
}: Report): string[] {
  const milliseconds = (microseconds: number): string => figure(microseconds / 1000);
  const rows = stalls.map(({ name, latency }) => [
    name,
    figure(latency.count),
    ...[latency.p50, latency.p99, latency.p999, latency.max].map(milliseconds),
  ]);
  return [
    `${znodes} znodes; ${perSecond} reads a second by one session and as many writes by another, which`,
    'are due in time, whatever the answers do; what a driver sends late has waited since it was due.',
    `The drivers themselves were late by at most ${figure(driverLateMs)} ms.`,
    `Snapshots took ${snapshotMs.map((it) => `${it} ms`).join(', ')}. Latency in ms:`,
    '',
    ...tableLines([['', 'operations', 'p50', 'p99', 'p99.9', 'max'], ...rows]),
    ...restarts.flatMap(({ signal, servingMs, steps }) => [
      '',
      `Restart after ${signal}: serves ${servingMs} ms after the start of the process`,
      ...tableLines(steps.map(({ atMs, message }) => [`  ${message}`, `${atMs} ms`])),
    ]),
  ];
}

export async function benchmarkSnapshotStall(options: SnapshotStallOptions): Promise<void> {
  await withProcesses(options.data, async (children, directory) => {
    const report = await measure(children, directory, options.quick);
    console.log(options.json ? JSON.stringify(report) : lines(report).join('\n'));
  });
}
