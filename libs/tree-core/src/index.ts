export { DatabaseCore } from './database-core.ts';
export { DatabaseEffects } from './database-effects.ts';
export type {
  BackupNeed,
  Contradiction,
  DatabaseFailure,
  DatabaseFailureCause,
  LinkClosure,
  RestorationNeed,
  SnapshotCommand,
  SnapshotNeed,
} from './database-effects.ts';
export type { DatabaseDependencies, DatabaseEvent, DatabaseOptions } from './database-event.ts';
export type { DatabaseStatus } from './database-status.ts';
export { Restoration } from './snapshots/restoration.ts';
export { offerOf, zxidInName } from './snapshots/backup-name.ts';
export type { BackupContent, RestorationOptions } from './snapshots/restoration.ts';
export { ZnodeStore } from './znodes/znode-store.ts';
