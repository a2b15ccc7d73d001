import type { LoadPlan } from './driver/load.ts';
import type { Workload } from './driver/workload.ts';

/** What is measured: of the server without order and disk, and of both topologies. */
export const TARGETS = ['floor', 'fused', 'split'] as const;

export type TargetName = (typeof TARGETS)[number];

export interface Case {
  /** As `--only` names it, behind the target. */
  readonly name: string;
  readonly workload: Workload;
  readonly outstanding: number;
  /** Processor time over the floor's, at most. */
  readonly aims: Readonly<Partial<Record<TargetName, number>>>;
}

export const CASES: readonly Case[] = [
  { name: 'reads', workload: 'get', outstanding: 1000, aims: { fused: 2, split: 4 } },
  { name: 'writes', workload: 'set', outstanding: 1000, aims: { fused: 5, split: 10 } },
  { name: 'creates', workload: 'create', outstanding: 1000, aims: { fused: 5, split: 10 } },
  { name: 'reads-alone', workload: 'get', outstanding: 1, aims: {} },
  { name: 'writes-alone', workload: 'set', outstanding: 1, aims: {} },
];

export interface Schedule {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** Of the first round: compilers want to have seen everything. */
  readonly firstWarmUpMs: number;
  /** Also of the first round, where many are under way. */
  readonly warmUpOperations: number;
  readonly diskMs: number;
}

export const SCHEDULE: Schedule = {
  rounds: 3,
  warmUpMs: 300,
  measuredMs: 3000,
  firstWarmUpMs: 1000,
  warmUpOperations: 100_000,
  diskMs: 500,
};

/** For a first impression: the ticks of the processor time are a hundredth of a second. */
export const QUICK_SCHEDULE: Schedule = {
  rounds: 1,
  warmUpMs: 300,
  measuredMs: 1500,
  firstWarmUpMs: 400,
  warmUpOperations: 30_000,
  diskMs: 300,
};

export function loadPlan(
  it: Case,
  schedule: Schedule,
  details: { readonly round: number; readonly batch: number; readonly pids: readonly number[] },
): LoadPlan {
  return {
    workload: it.workload,
    outstanding: it.outstanding,
    batch: details.batch,
    perSecond: 0,
    warmUpMs: details.round === 0 ? schedule.firstWarmUpMs : schedule.warmUpMs,
    warmUpOperations: details.round === 0 && it.outstanding > 1 ? schedule.warmUpOperations : 0,
    measuredMs: schedule.measuredMs,
    pids: details.pids,
  };
}

/** Whether `--only` asks for it: "fused-reads", "reads", "split", or nothing for all. */
export function isWanted(only: readonly string[], target: TargetName, it: Case): boolean {
  if (only.length === 0) return true;
  return only.some((name) => [it.name, target, `${target}-${it.name}`].includes(name));
}
