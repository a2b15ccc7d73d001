import type { Inspectors } from './profiler.ts';

/** A server that is measured: where it listens and which processes it is. */
export interface Target {
  readonly name: string;
  readonly address: string;
  readonly processes: readonly TargetProcess[];
  /** Of processes that were started as inspectable. */
  readonly inspectors: Inspectors;
  stop(): Promise<void>;
}

export interface TargetProcess {
  readonly name: string;
  readonly pid: number;
}

export function pidsOf(target: Target): number[] {
  return target.processes.map(({ pid }) => pid);
}
