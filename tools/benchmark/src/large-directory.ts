// A znode with a million children: what it takes to make, page through, count and delete it, and what others notice.
import { readFileSync } from 'node:fs';
import { connect, PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { figure, tableLines } from './arithmetic/table.ts';
import { BenchmarkError } from './benchmark-error.ts';
import type { Children } from './processes/children.ts';
import { withProcesses } from './processes/with-processes.ts';
import { startForeground } from './processes/foreground.ts';
import { SteadyReads, READS_PER_SECOND } from './steady-reads.ts';
import type { Phase, PhaseLatency } from './steady-reads.ts';

export interface LargeDirectoryOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly data: string | undefined;
}

interface Report {
  readonly children: number;
  readonly phases: readonly (PhaseLatency & {
    readonly tookMs: number;
    readonly serverMiB: number;
  })[];
  /** What became of asking for all names at once. */
  readonly wholeList: string;
  readonly driverLateMs: number;
}

const CHILDREN = 1_000_000;
const QUICK_CHILDREN = 50_000;
const READS_MS = 240_000;
const QUICK_READS_MS = 20_000;
const BATCH = 5000;
const PARENT = '/large';
const KIB_PER_MIB = 1024;

/** Resident, of a process of this machine. */
function residentMiB(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / KIB_PER_MIB;
}

async function inBatches(count: number, one: (at: number) => Promise<unknown>): Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const batch = Promise.all(Array.from({ length: size }, (_, i) => one(from + i)));
    // Two are under way, so that the service need not wait for the client.
    await before;
    before = batch;
  }
  await before;
}

async function page(client: Client, expected: number): Promise<void> {
  let found = 0;
  let last = '';
  for await (const name of client.children(PARENT)) {
    if (name <= last) throw new BenchmarkError(`${name} comes behind ${last}`);
    last = name;
    found++;
  }
  if (found !== expected) throw new BenchmarkError(`${found} children of ${expected} were listed`);
}

async function count(client: Client, expected: number): Promise<void> {
  const { descendants } = await client.count(PARENT);
  if (descendants !== expected) throw new BenchmarkError(`${descendants} of ${expected} counted`);
}

async function wholeList(client: Client): Promise<string> {
  const startedMs = performance.now();
  try {
    const { children } = await client.list(PARENT);
    return `${children.length} names in ${figure(performance.now() - startedMs)} ms`;
  } catch (error) {
    if (error instanceof PaddockError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

async function measure(processes: Children, directory: string, quick: boolean): Promise<Report> {
  const served = await startForeground(processes, { directory });
  await served.untilServing();
  const { client: servers = '' } = served.addresses;
  const children = quick ? QUICK_CHILDREN : CHILDREN;
  const client = await connect({ servers });
  const reads = new SteadyReads(processes, directory);
  await reads.start(servers, quick ? QUICK_READS_MS : READS_MS);
  const phases: Phase[] = [];
  const resident: number[] = [];
  const during = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const fromMs = Date.now();
    await work();
    phases.push({ name, fromMs, toMs: Date.now() });
    resident.push(residentMiB(served.pid));
  };
  const nameOf = (at: number): string => `${PARENT}/child-${String(at).padStart(7, '0')}`;
  await client.create(PARENT);
  await during('nothing else', () => new Promise((resolve) => setTimeout(resolve, 2000)));
  await during('create', () => inBatches(children, (at) => client.create(nameOf(at))));
  await during('page through', () => page(client, children));
  await during('count', () => count(client, children));
  let whole = '';
  await during('all names at once', async () => (whole = await wholeList(client)));
  await during('delete', () => inBatches(children, (at) => client.delete(nameOf(at))));
  const { of, lateMs } = await reads.latencies(phases);
  await client.close();
  return {
    children,
    phases: of.map((it, at) => ({
      ...it,
      tookMs: (phases[at]?.toMs ?? 0) - (phases[at]?.fromMs ?? 0),
      serverMiB: resident[at] ?? 0,
    })),
    wholeList: whole,
    driverLateMs: lateMs,
  };
}

function lines({ children, phases, wholeList: whole, driverLateMs }: Report): string[] {
  const milliseconds = (microseconds: number): string => figure(microseconds / 1000);
  return [
    `A znode with ${children} children; meanwhile ${READS_PER_SECOND} reads a second of another session`,
    `in a process of its own (late by at most ${figure(driverLateMs)} ms), whose latencies are in ms:`,
    '',
    ...tableLines([
      ['', 'took s', 'server MiB', 'reads', 'p50', 'p99', 'p99.9', 'max'],
      ...phases.map(({ name, latency, tookMs, serverMiB }) => [
        name,
        figure(tookMs / 1000),
        figure(serverMiB),
        figure(latency.count),
        ...[latency.p50, latency.p99, latency.p999, latency.max].map(milliseconds),
      ]),
    ]),
    '',
    `All names at once: ${whole}`,
  ];
}

export async function benchmarkLargeDirectory(options: LargeDirectoryOptions): Promise<void> {
  await withProcesses(options.data, async (children, directory) => {
    const report = await measure(children, directory, options.quick);
    console.log(options.json ? JSON.stringify(report) : lines(report).join('\n'));
  });
}
