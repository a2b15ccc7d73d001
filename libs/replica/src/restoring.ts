import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Zxid } from '@paddock/model';
import { NODE_TIMERS, NodeDisk, openStageDirectory, OperatorError } from '@paddock/node-runtime';
import type { EnsembleMember } from '@paddock/node-runtime';
import type { Disk } from '@paddock/ports';
import type { BackupContent } from '@paddock/tree-core';
import { foundLog, SnapshotFiles } from '@paddock/txn-log';
import { readBackup } from './backup-file.ts';
import { initialConfiguration } from './initial-configuration.ts';

/** A replica that has never held anything. */
export interface NewReplica {
  readonly replica: number;
  readonly dataDirectory: string;
  /** All replicas, this one too; none: an ensemble of one. */
  readonly ensemble: readonly EnsembleMember[];
}

export interface Restored {
  readonly backup: BackupContent;
  /** The zxid with which the replica begins. */
  readonly begins: Zxid;
}

/**
 * Founds the directory of a new replica with what a backup holds. Every voter of the new ensemble is founded with the
 * same backup, and comes to the same state; the first epoch then needs all of them (H7). Throws an OperatorError.
 */
export async function restoreReplica(
  file: string,
  replica: NewReplica,
  diskOf: (directory: string) => Disk = (directory) => new NodeDisk(directory),
): Promise<Restored> {
  const { dataDirectory, ensemble } = replica;
  if (existsSync(join(dataDirectory, 'identity.json'))) {
    throw new OperatorError(
      `${dataDirectory} holds a replica already, and a backup is restored into a new one: name another directory, ` +
        'or remove this one',
    );
  }
  const restoration = readBackup(file);
  const backup = restoration.content;
  const broadcaster = openStageDirectory(dataDirectory, 'broadcaster', replica.replica);
  try {
    const database = openStageDirectory(dataDirectory, 'database', replica.replica);
    try {
      const configuration = initialConfiguration(database.identity, ensemble);
      const begins = restoration.begin(configuration);
      if (begins === null) {
        throw new OperatorError(`${file} is of the last epoch that there can be`);
      }
      // The log first: should this be cut short, it is ahead of its database, and the replica waits for a snapshot.
      foundLog(diskOf(broadcaster.path), begins, configuration);
      await writeSnapshot(diskOf(database.path), begins, restoration.chunks());
      return { backup, begins };
    } finally {
      database.release();
    }
  } finally {
    broadcaster.release();
  }
}

/** Durable, and read back, when it resolves. */
function writeSnapshot(disk: Disk, zxid: Zxid, chunks: Iterator<Uint8Array>): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (reason: string): void => reject(new OperatorError(reason));
    let isFinished = false;
    // Also called for what the file has beside its chunks.
    const next = (): void => {
      if (isFinished) return;
      try {
        const chunk = chunks.next();
        isFinished = chunk.done === true;
        if (chunk.done === true) files.finish(zxid);
        else files.write(chunk.value);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const files = new SnapshotFiles(
      { kept: 1 },
      { disk, yieldTurn: (turn) => void NODE_TIMERS.soon(turn) },
      {
        written: next,
        finished: () => resolve(),
        failed: (_zxid, reason) => refused(`the restored snapshot cannot be written: ${reason}`),
        evidenceEnded: () => undefined,
        syncFailed: (error) => refused(error.message),
      },
    );
    files.begin(zxid);
    next();
  });
}
