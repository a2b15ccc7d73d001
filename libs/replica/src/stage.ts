import type { StageEvent } from '@paddock/model';
import type { HealthReport } from '@paddock/node-runtime';
import type { Timers } from '@paddock/ports';

/** One stage of a running replica, its core and its links. */
export interface Stage {
  /** Starts the clock and dials the neighbours; what it needs on disk has been opened before. */
  start(): void;
  stop(): Promise<void>;
  /** What it waits for, in words for an operator. */
  health(): HealthReport;
  status(): Readonly<Record<string, unknown>>;
}

export interface StageSurroundings {
  readonly timers: Timers;
  /** For operators. */
  readonly report: (event: StageEvent) => void;
  /** Called at most once: the process that holds the stage ends. */
  readonly failed: (reason: string) => void;
}

export const STAGE_STOPS = { cause: 'closed', reason: 'the stage stops' } as const;

export function reportHealth(waitingFor: readonly string[]): HealthReport {
  return { serving: waitingFor.length === 0, waitingFor };
}
