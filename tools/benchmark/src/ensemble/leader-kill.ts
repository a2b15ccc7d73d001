// kill -9 of the leader under load, again and again: the longest time in which no write is acknowledged.
import { loadavg } from 'node:os';
import { percentile } from '../arithmetic/distribution.ts';
import { figure, tableLines } from '../arithmetic/table.ts';
import { withProcesses } from '../processes/with-processes.ts';
import { CountingWriters } from './counting-writers.ts';
import { EnsembleProcesses } from './ensemble-processes.ts';
import { longestGap, STEPS, stepsAfter } from './fail-over.ts';
import type { FailOver } from './fail-over.ts';

export interface LeaderKillOptions {
  readonly kills: number;
  readonly clients: number;
  readonly voters: number;
  readonly json: boolean;
  readonly data: string | undefined;
}

const PACE_MS = 20;
/** Answers that each client gets before the kill, and after it. */
const SETTLED = 10;
const PATIENCE_MS = 120_000;

interface Report {
  readonly clients: number;
  readonly voters: number;
  readonly writes: number;
  readonly loadAverage: number;
  readonly failOvers: readonly FailOver[];
}

/** The writers are connected to those that live on: none of them may notice more than a pause. */
async function killOnce(
  ensemble: EnsembleProcesses,
  clients: number,
  round: number,
): Promise<FailOver & { readonly writes: number }> {
  const leader = await ensemble.leader();
  const survivors = ensemble.others(leader);
  const writers = await CountingWriters.open({
    root: `/kill-${round}`,
    clients,
    servers: survivors.map(({ client }) => client),
    paceMs: PACE_MS,
  });
  writers.start();
  await writers.untilAcknowledged(SETTLED, PATIENCE_MS);
  const killedAt = Date.now();
  const killedMs = performance.now();
  await leader.kill();
  await writers.untilAcknowledged(SETTLED, PATIENCE_MS);
  await writers.stop();
  await writers.verify();
  const { acknowledgedMs } = writers;
  const gap = longestGap(acknowledgedMs, killedMs);
  const steps = stepsAfter(
    survivors.map(({ running }) => running.log),
    killedAt,
  );
  await writers.close();
  await leader.start();
  await ensemble.untilServing();
  const stepsMs = [...steps, gap.endedMs - killedMs];
  return { gapMs: gap.ms, stepsMs, writes: acknowledgedMs.length };
}

function spread(values: readonly number[]): string[] {
  const sorted = new Float64Array(values.filter((it) => !Number.isNaN(it))).sort();
  return [0.5, 0.9, 1].map((fraction) => figure(percentile(sorted, fraction)));
}

function lines({ clients, voters, writes, loadAverage, failOvers }: Report): string[] {
  const rows = [...STEPS.map(({ name }) => name), 'the first write is answered'].map((name, i) => [
    name,
    ...spread(failOvers.map(({ stepsMs }) => stepsMs[i] ?? NaN)),
  ]);
  return [
    `kill -9 of the leader of ${voters} voters, ${failOvers.length} times, under the writes of ${clients} clients of`,
    `the others, one every ${PACE_MS} ms each: ${writes} writes, each executed once, no client saw an error.`,
    `Load average of the machine: ${loadAverage.toFixed(1)}. Milliseconds:`,
    '',
    ...tableLines([
      ['', 'median', 'p90', 'max'],
      ['longest time without an answer', ...spread(failOvers.map(({ gapMs }) => gapMs))],
      ['since the kill:', '', '', ''],
      ...rows.map(([name = '', ...cells]) => [`  ${name}`, ...cells]),
    ]),
  ];
}

export async function benchmarkLeaderKill(options: LeaderKillOptions): Promise<void> {
  const { clients, kills, voters } = options;
  const failOvers: FailOver[] = [];
  let writes = 0;
  await withProcesses(options.data, async (children, directory) => {
    const ensemble = await EnsembleProcesses.start(children, directory, { voters, observers: 0 });
    for (let round = 0; round < kills; round++) {
      const failOver = await killOnce(ensemble, clients, round);
      writes += failOver.writes;
      failOvers.push(failOver);
      const { gapMs, stepsMs } = failOver;
      if (!options.json) {
        const steps = stepsMs.map(figure).join(' ');
        console.error(`kill ${round + 1}: ${figure(gapMs)} ms (${steps})`);
      }
    }
    const report = { clients, voters, writes, loadAverage: loadavg()[0] ?? 0, failOvers };
    console.log(options.json ? JSON.stringify(report) : lines(report).join('\n'));
  });
}
