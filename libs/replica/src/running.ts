import type { Endpoint, HealthReport, Logger, StageName } from '@paddock/node-runtime';
import type { Stage } from './stage.ts';
import { reportHealth } from './stage.ts';

/** What the process that holds the stages is told. */
export interface Surroundings {
  readonly log: Logger;
  /** The stages can't go on; called at most once. */
  readonly failed: (reason: string) => void;
}

/** A replica, or one stage of it, that listens. */
export interface Running {
  /** What was really listened on, where the system chose the port too. */
  readonly addresses: Readonly<Partial<Record<Endpoint, string>>>;
  health(): HealthReport;
  status(): RunningStatus;
  stop(): Promise<void>;
}

export interface RunningStatus {
  readonly stages: Readonly<Record<string, unknown>>;
}

export type Stages = Readonly<Partial<Record<StageName, Stage>>>;

export function healthOf(stages: Stages): HealthReport {
  return reportHealth(Object.values(stages).flatMap((stage) => stage.health().waitingFor));
}

export function statusOf(stages: Stages): RunningStatus {
  return {
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, stage]) => [
        name,
        { ...stage.health(), ...stage.status() },
      ]),
    ),
  };
}
