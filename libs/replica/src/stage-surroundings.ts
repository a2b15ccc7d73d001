import { logStageEvent, NODE_TIMERS } from '@paddock/node-runtime';
import type { Logger, StageName } from '@paddock/node-runtime';
import type { StageSurroundings } from './stage.ts';

/** What a stage gets of a real process: its timers, and a log under the stage's name. */
export function stageSurroundings(
  log: Logger,
  stage: StageName,
  failed: (reason: string) => void,
): StageSurroundings {
  const stageLog = log.child({ stage });
  return { timers: NODE_TIMERS, report: (event) => logStageEvent(stageLog, event), failed };
}
