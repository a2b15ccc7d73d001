export { BroadcasterCore } from './broadcaster-core.ts';
export type { BroadcasterDependencies, BroadcasterOptions } from './broadcaster-core.ts';
export type { DatabaseLinkState } from './database-link.ts';
export { BroadcasterEffects } from './broadcaster-effects.ts';
export type {
  BroadcasterFailure,
  LeaderDial,
  LinkClosing,
  LogReadRequest,
  PeerAddress,
} from './broadcaster-effects.ts';
export type {
  BroadcasterEvent,
  DatedConfiguration,
  DatedRestoration,
  RecoveredHistory,
} from './broadcaster-event.ts';
export type {
  BroadcasterStatus,
  DatabaseStatus,
  LearnerStatus,
  ReplicaState,
  ZabPhase,
} from './broadcaster-status.ts';
export type { PeerMember } from './elections.ts';
export type { LearnerState } from './learner.ts';
