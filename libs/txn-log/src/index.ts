export { foundLog, snapshotZxid } from './founding.ts';
export type { DatedConfiguration } from './memberships.ts';
export { SnapshotFiles } from './snapshot-files.ts';
export type {
  SnapshotFilesDependencies,
  SnapshotFilesHandlers,
  SnapshotFilesOptions,
} from './snapshot-files.ts';
export { SnapshotLoad } from './snapshot-load.ts';
export type { SnapshotLoadEnd, SnapshotLoader } from './snapshot-load.ts';
export { zxidOfName } from './snapshot-name.ts';
export { SnapshotReading } from './snapshot-reading.ts';
export type { SnapshotPiece } from './snapshot-reading.ts';
export { SnapshotWriting } from './snapshot-writing.ts';
export type { WritingHandlers, YieldTurn } from './snapshot-writing.ts';
export type { TornTail } from './segment-scan.ts';
export { TxnLog } from './txn-log.ts';
export type { RecoveredLog, TxnLogCounters, TxnLogHandlers, TxnLogOptions } from './txn-log.ts';
export { TxnLogError } from './txn-log-error.ts';
export type { TxnLogErrorDetail } from './txn-log-error.ts';
