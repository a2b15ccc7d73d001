export { BroadcasterCore } from './broadcaster-core.ts';
export type { BroadcasterDependencies, BroadcasterOptions } from './broadcaster-core.ts';
export type { DatabaseLinkState } from './database-link.ts';
export { BroadcasterEffects } from './effects.ts';
export type { BroadcasterFailure, LinkClosing, LogReadRequest } from './effects.ts';
export type { ZabPhase } from './establishment.ts';
export type { BroadcasterEvent, RecoveredHistory } from './events.ts';
export type { ReplicaIdentity } from './membership.ts';
export type { BroadcasterStatus, DatabaseStatus } from './status.ts';
