export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export { CodecError } from './codec-error.ts';
export type { CodecErrorCode } from './codec-error.ts';
export { decodeConfiguration, encodeConfiguration } from './configuration.ts';
export { crc32c } from './crc32c.ts';
export { readOutcome, readStat, writeOutcome, writeStat } from './outcome.ts';
export { decodeRestoration, encodeRestoration, zxidOfBackup } from './restoration-entry.ts';
export {
  readAttachment,
  readSessionRow,
  writeAttachment,
  writeSessionRow,
} from './session-record.ts';
export {
  decodeTermMarker,
  encodeTermMarker,
  readTermMarker,
  writeTermMarker,
} from './term-marker.ts';
export {
  SNAPSHOT_CHUNK_BYTES_MAX,
  SNAPSHOT_END_BYTES,
  SNAPSHOT_FRAME_BYTES,
  SNAPSHOT_HEAD_BYTES,
  SnapshotFrameReader,
  SnapshotFrameWriter,
} from './snapshot-frame.ts';
export { readZnodeImage, writeZnodeImage } from './snapshot-znode.ts';
export type { ZnodeImage } from './snapshot-znode.ts';
export { CLOSE_SESSION_BYTES, decodeTransaction, encodeTransaction } from './transaction.ts';
export type { TransactionContent } from './transaction.ts';
export { readQuota, writeQuota } from './quota.ts';
export type { PlacedQuota } from './quota.ts';
