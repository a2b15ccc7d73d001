export { startReplica } from './fused-replica.ts';
export type { Running, RunningStatus, Surroundings } from './running.ts';
export { startStage } from './split-stage.ts';
