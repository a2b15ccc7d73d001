// From the rounds of a run to its figures and ratios, and those to lines.
import { repeated } from './arithmetic/repeated.ts';
import type { Repeated } from './arithmetic/repeated.ts';
import { figure, tableLines } from './arithmetic/table.ts';
import type { LoadResult } from './driver/load.ts';
import type { DiskFloor } from './floors/disk-floor.ts';
import type { Case, TargetName } from './whole-plan.ts';

export interface CaseRounds {
  readonly target: TargetName;
  readonly case: Case;
  readonly rounds: readonly LoadResult[];
  readonly processes: readonly string[];
  /** Bytes and entries of the log for each sync; null where nothing was written. */
  readonly groupCommit: { readonly entries: number; readonly bytes: number } | null;
}

export interface CaseFigures {
  readonly target: TargetName;
  readonly case: string;
  readonly outstanding: number;
  readonly perSecond: Repeated;
  /** Microseconds of processor time an operation, all processes of the server together. */
  readonly serverCpu: Repeated;
  readonly cpuByProcess: Readonly<Record<string, number>>;
  readonly driverCpu: number;
  readonly operationsPerRequest: number;
  readonly operationsPerAnswer: number;
  readonly latency: { p50: number; p99: number; p999: number; max: number };
  readonly groupCommit: CaseRounds['groupCommit'];
}

export interface Ratio {
  readonly target: TargetName;
  readonly case: string;
  /** Processor time an operation, over the floor's: round by round. */
  readonly overFloor: Repeated;
  readonly aim: number;
  readonly isReached: boolean;
}

export interface WholeReport {
  readonly figures: readonly CaseFigures[];
  readonly ratios: readonly Ratio[];
  readonly disk: readonly DiskFloor[];
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function cpuPerOperation(result: LoadResult): number {
  return total(result.serverCpuMicroseconds) / result.operations;
}

function median(rounds: readonly LoadResult[], of: (result: LoadResult) => number): number {
  return repeated(rounds.map(of)).median;
}

function latencyOf(result: LoadResult): LoadResult['reads'] {
  return result.reads.count > 0 ? result.reads : result.writes;
}

export function figuresOf(it: CaseRounds): CaseFigures {
  const { rounds } = it;
  return {
    target: it.target,
    case: it.case.name,
    outstanding: it.case.outstanding,
    perSecond: repeated(rounds.map((round) => round.operations / round.seconds)),
    serverCpu: repeated(rounds.map(cpuPerOperation)),
    cpuByProcess: Object.fromEntries(
      it.processes.map((name, i) => [
        name,
        median(rounds, (round) => (round.serverCpuMicroseconds[i] ?? 0) / round.operations),
      ]),
    ),
    driverCpu: median(rounds, (round) => round.driverCpuMicroseconds / round.operations),
    operationsPerRequest: median(rounds, (round) => round.operationsPerRequest),
    operationsPerAnswer: median(rounds, (round) => round.operationsPerAnswer),
    latency: {
      p50: median(rounds, (round) => latencyOf(round).p50),
      p99: median(rounds, (round) => latencyOf(round).p99),
      p999: median(rounds, (round) => latencyOf(round).p999),
      max: Math.max(...rounds.map((round) => latencyOf(round).max)),
    },
    groupCommit: it.groupCommit,
  };
}

/** Each round is compared with the floor's of the same round. */
export function ratioOf(it: CaseRounds, floor: CaseRounds | undefined): Ratio | null {
  const aim = it.case.aims[it.target];
  if (aim === undefined || floor === undefined) return null;
  const ratios = it.rounds.flatMap((round, i) => {
    const below = floor.rounds[i];
    return below === undefined ? [] : [cpuPerOperation(round) / cpuPerOperation(below)];
  });
  if (ratios.length === 0) return null;
  const overFloor = repeated(ratios);
  const isReached = overFloor.median <= aim;
  return { target: it.target, case: it.case.name, overFloor, aim, isReached };
}

export function wholeReport(
  measured: readonly CaseRounds[],
  disk: readonly DiskFloor[],
): WholeReport {
  const floors = measured.filter(({ target }) => target === 'floor');
  return {
    figures: measured.map(figuresOf),
    ratios: measured.flatMap((it) => {
      const ratio = ratioOf(
        it,
        floors.find((floor) => floor.case === it.case),
      );
      return ratio === null ? [] : [ratio];
    }),
    disk,
  };
}

function ranged({ median: middle, least, most }: Repeated): string {
  return least === most ? figure(middle) : `${figure(middle)} (${figure(least)}–${figure(most)})`;
}

function milliseconds(microseconds: number): string {
  return figure(microseconds / 1000);
}

function figureRow(it: CaseFigures): string[] {
  const { latency, groupCommit } = it;
  return [
    `${it.case} ${it.target}`,
    String(it.outstanding),
    ranged(it.perSecond),
    ranged(it.serverCpu),
    figure(it.driverCpu),
    `${figure(it.operationsPerRequest)}/${figure(it.operationsPerAnswer)}`,
    ...[latency.p50, latency.p99, latency.p999, latency.max].map(milliseconds),
    groupCommit === null ? '' : figure(groupCommit.entries),
  ];
}

/** Where the processor time of the processes of one case goes. */
function processRow(it: CaseFigures): string[] {
  const parts = Object.entries(it.cpuByProcess).map(([name, cpu]) => `${name} ${figure(cpu)}`);
  return [`  ${it.case} ${it.target}`, parts.join(', ')];
}

export function wholeLines({ figures, ratios, disk }: WholeReport): string[] {
  const head = ['', 'out', 'operations/s', 'server CPU µs', 'driver', 'batch in/out'];
  const latencies = ['p50 ms', 'p99', 'p99.9', 'max', 'a sync'];
  const split = figures.filter(({ cpuByProcess }) => Object.keys(cpuByProcess).length > 1);
  const ratioRows = ratios.map((ratio) => [
    `${ratio.case} ${ratio.target}`,
    ranged(ratio.overFloor),
    `aim ${ratio.aim}`,
    ratio.isReached ? 'reached' : 'missed',
  ]);
  const diskRows = disk.map(({ bytes, sync }) => [
    `${figure(bytes)} bytes`,
    ...[sync.p50, sync.p99, sync.max].map(figure),
  ]);
  return [
    'An operation: CPU of all server processes together, and of the driver. Medians (and range) of',
    'the rounds. "a sync": transactions that one fdatasync made durable.',
    '',
    ...tableLines([[...head, ...latencies], ...figures.map(figureRow)]),
    ...(split.length === 0 ? [] : ['', 'CPU µs an operation by process']),
    ...split.map((it) => processRow(it).join('  ')),
    ...(ratios.length === 0 ? [] : ['', 'CPU over the floor of the same round']),
    ...tableLines(ratioRows),
    ...(disk.length === 0 ? [] : ['', 'Append and fdatasync alone, µs']),
    ...(disk.length === 0 ? [] : tableLines([['', 'p50', 'p99', 'max'], ...diskRows])),
  ];
}
