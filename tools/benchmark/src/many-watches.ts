// One write fires 100,000 watches of a replica: when the last is told, and what other requests notice of it.
import { connect, step } from '@paddock/client';
import type { Client } from '@paddock/client';
import { distributionOf } from './arithmetic/distribution.ts';
import { Samples } from './arithmetic/samples.ts';
import { figure, tableLines } from './arithmetic/table.ts';
import { BenchmarkError } from './benchmark-error.ts';
import type { Children } from './processes/children.ts';
import { withProcesses } from './processes/with-processes.ts';
import { startForeground } from './processes/foreground.ts';
import { SteadyReads, READS_PER_SECOND } from './steady-reads.ts';
import type { Phase, PhaseLatency } from './steady-reads.ts';

export interface ManyWatchesOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly data: string | undefined;
}

interface Firing {
  /** From the call of the write to the event, in milliseconds. */
  readonly firstMs: number;
  readonly medianMs: number;
  readonly lastMs: number;
  /** From the call of the write to its answer. */
  readonly answeredMs: number;
}

interface Report {
  readonly sessions: number;
  readonly watches: number;
  readonly settingMs: number;
  readonly firings: readonly Firing[];
  readonly latencies: readonly PhaseLatency[];
  readonly driverLateMs: number;
}

/** Each session watches all of these znodes; one transaction changes them all. */
const ZNODES = 100;
const SESSIONS = 1000;
const QUICK_SESSIONS = 100;
const ROUNDS = 5;
const AT_ONCE = 50;
const FIRED_WITHIN_MS = 120_000;
const READS_MS = 40_000;
const QUICK_READS_MS = 12_000;

const pathOf = (at: number): string => `/watched/${at}`;
const SET_ALL = Array.from({ length: ZNODES }, (_, at) => step.set(pathOf(at), 'changed'));

async function inGroups<T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - from);
    made.push(...(await Promise.all(Array.from({ length: size }, (_, i) => make(from + i)))));
  }
  return made;
}

async function watchAll(client: Client, fired: () => void): Promise<void> {
  const reads = Array.from({ length: ZNODES }, (_, at) =>
    client.exists(pathOf(at), { watch: ({ kind }) => kind === 'nodeDataChanged' && fired() }),
  );
  await Promise.all(reads);
}

async function fire(
  writer: Client,
  watches: number,
  samples: Samples,
): Promise<Firing & { readonly phase: Phase }> {
  const startedMs = performance.now();
  const fromMs = Date.now();
  const deadlineMs = startedMs + FIRED_WITHIN_MS;
  await writer.multi(SET_ALL);
  const answeredMs = performance.now() - startedMs;
  while (samples.view().length < watches) {
    if (performance.now() > deadlineMs) {
      throw new BenchmarkError(`${samples.view().length} of ${watches} watches have fired`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const times = [...samples.view()].map((at) => at - startedMs);
  const { p50, max } = distributionOf(Float64Array.from(times));
  const phase = { name: 'while they fire', fromMs, toMs: Date.now() };
  return { firstMs: Math.min(...times.slice(0, 1)), medianMs: p50, lastMs: max, answeredMs, phase };
}

async function measure(children: Children, directory: string, quick: boolean): Promise<Report> {
  const served = await startForeground(children, { directory });
  await served.untilServing();
  const { client: servers = '' } = served.addresses;
  const sessions = quick ? QUICK_SESSIONS : SESSIONS;
  const writer = await connect({ servers });
  await writer.create('/watched');
  await Promise.all(SET_ALL.map((_, at) => writer.create(pathOf(at), 'as created')));
  const watchers = await inGroups(sessions, () => connect({ servers, connectTimeoutMs: 60_000 }));
  const reads = new SteadyReads(children, directory);
  await reads.start(servers, quick ? QUICK_READS_MS : READS_MS);
  const phases: Phase[] = [];
  const firings: Firing[] = [];
  let settingMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const samples = new Samples();
    const setFromMs = Date.now();
    await Promise.all(watchers.map((it) => watchAll(it, () => samples.push(performance.now()))));
    const setMs = Date.now();
    phases.push({ name: 'while they are set', fromMs: setFromMs, toMs: setMs });
    settingMs = setMs - setFromMs;
    const { phase, ...firing } = await fire(writer, sessions * ZNODES, samples);
    phases.push(phase);
    firings.push(firing);
  }
  const quietMs = Date.now() + 2000;
  phases.push({ name: 'otherwise', fromMs: quietMs, toMs: Infinity });
  const { of, lateMs } = await reads.latencies(phases);
  await inGroups(sessions, (at) => watchers[at]?.close() ?? Promise.resolve());
  await writer.close();
  const watches = sessions * ZNODES;
  return { sessions, watches, settingMs, firings, latencies: of, driverLateMs: lateMs };
}

function lines({
  sessions,
  watches,
  settingMs,
  firings,
  latencies,
  driverLateMs,
}: Report): string[] {
  const milliseconds = (microseconds: number): string => figure(microseconds / 1000);
  return [
    `${watches} watches of ${sessions} sessions, all clients in one process; one transaction changes ${ZNODES} znodes`,
    `and fires them all. Setting them took ${figure(settingMs)} ms. From the call of the write, in ms:`,
    '',
    ...tableLines([
      ['', 'first event', 'median', 'last event', 'write answered'],
      ...firings.map((it, at) => [
        `round ${at + 1}`,
        ...[it.firstMs, it.medianMs, it.lastMs, it.answeredMs].map(figure),
      ]),
    ]),
    '',
    `${READS_PER_SECOND} reads a second of another session in a process of its own`,
    `(late by at most ${figure(driverLateMs)} ms), in ms:`,
    '',
    ...tableLines([
      ['', 'reads', 'p50', 'p99', 'max'],
      ...latencies.map(({ name, latency }) => [
        name,
        figure(latency.count),
        ...[latency.p50, latency.p99, latency.max].map(milliseconds),
      ]),
    ]),
  ];
}

export async function benchmarkManyWatches(options: ManyWatchesOptions): Promise<void> {
  await withProcesses(options.data, async (children, directory) => {
    const report = await measure(children, directory, options.quick);
    console.log(options.json ? JSON.stringify(report) : lines(report).join('\n'));
  });
}
