export { runForeground } from './foreground.ts';
export type { ForegroundOptions, ListeningMessage, RefusedMessage } from './foreground.ts';
export { runStageApp } from './stage-app.ts';
export { startReplica } from './fused-replica.ts';
export type { Running, RunningStatus, Surroundings } from './running.ts';
export { startStage } from './split-stage.ts';
