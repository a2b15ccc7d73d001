import { CodecError, SNAPSHOT_HEAD_BYTES, SnapshotFrameReader } from '@paddock/codec';
import { epochOf } from '@paddock/model';
import type { EnsembleConfiguration, Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { Disk } from '@paddock/ports';
import { writeBaseRecord, writeEpochRecord } from './small-records.ts';

/**
 * Makes of an empty directory the log of a replica whose history begins behind a snapshot at `zxid`, and in no epoch
 * before that. Durable on return. Blocks. Throws DiskError.
 */
export function foundLog(disk: Disk, zxid: Zxid, configuration: EnsembleConfiguration): void {
  const epoch = epochOf(zxid);
  writeEpochRecord(disk, { acceptedEpoch: epoch, currentEpoch: epoch });
  writeBaseRecord(disk, { zxid, epoch, configuration, generation: 1 });
}

/** The zxid that a snapshot's file says it has; a reason where it is none. */
export function snapshotZxid(disk: Disk, name: string): Zxid | { readonly reason: string } {
  try {
    const file = disk.open(name);
    const head = file.read(0, SNAPSHOT_HEAD_BYTES);
    file.close();
    if (head.length < SNAPSHOT_HEAD_BYTES) return { reason: 'it is too short' };
    return new SnapshotFrameReader().head(head);
  } catch (error) {
    if (error instanceof CodecError || error instanceof DiskError) return { reason: error.message };
    throw error;
  }
}
