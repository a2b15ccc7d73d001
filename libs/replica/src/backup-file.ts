import { fsyncSync, openSync, closeSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { SnapshotFrameWriter } from '@paddock/codec';
import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { NODE_CLOCK, NodeDisk, OperatorError, reasonOf } from '@paddock/node-runtime';
import { DiskError } from '@paddock/ports';
import { Restoration } from '@paddock/tree-core';
import type { BackupContent } from '@paddock/tree-core';
import { SnapshotReading, snapshotZxid } from '@paddock/txn-log';
import { BackupLoad } from './backup-load.ts';

/** A chunk is cut at the same size as those of a running database. */
const CHUNK_BYTES = DEFAULT_LIMITS.linkMessageBytes / 4;

/** The file of a backup, to be read. Throws an OperatorError where it is none. */
export function openBackup(file: string): SnapshotReading {
  return opened(file).reading;
}

/** Reads a backup whole and checks all its digests. Throws an OperatorError that says what is wrong with it. */
export function readBackup(file: string): Restoration {
  const { reading, zxid } = opened(file);
  const { unusedContainerMs } = DEFAULT_TIMING;
  const restoration = new Restoration({ unusedContainerMs, chunkBytes: CHUNK_BYTES }, NODE_CLOCK);
  const reason = new BackupLoad(reading, restoration, zxid).next(Infinity)?.reason ?? '';
  if (reason !== '') throw refused(file, reason);
  return restoration;
}

function opened(file: string): { readonly reading: SnapshotReading; readonly zxid: Zxid } {
  const path = resolve(file);
  const disk = new NodeDisk(dirname(path));
  const name = basename(path);
  const zxid = snapshotZxid(disk, name);
  if (typeof zxid !== 'number') throw refused(file, zxid.reason);
  return { reading: new SnapshotReading(disk, name, zxid), zxid };
}

function refused(file: string, reason: string): OperatorError {
  return new OperatorError(`${file} is no backup that can be used: ${reason}`);
}

/**
 * Writes a backup as the file of a snapshot: under another name first, synced, read back and verified, then renamed, so
 * that what stands under `file` is whole. Throws an OperatorError; what `chunks` throws passes through.
 */
export async function writeBackup(
  file: string,
  zxid: Zxid,
  chunks: AsyncIterable<Uint8Array>,
): Promise<BackupContent> {
  const partial = `${file}.partial`;
  try {
    const descriptor = openSync(partial, 'w');
    try {
      await writeFrames(descriptor, zxid, chunks);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const { content } = readBackup(partial);
    renameSync(partial, file);
    return content;
  } catch (error) {
    rmSync(partial, { force: true });
    const isOfDisk = error instanceof DiskError || (error instanceof Error && 'syscall' in error);
    if (!isOfDisk) throw error;
    throw new OperatorError(`cannot write ${file}: ${reasonOf(error)}`);
  }
}

async function writeFrames(
  descriptor: number,
  zxid: Zxid,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const frames = new SnapshotFrameWriter();
  writeWhole(descriptor, frames.head(zxid));
  for await (const chunk of chunks) {
    writeWhole(descriptor, frames.frame(chunk));
    writeWhole(descriptor, chunk);
  }
  writeWhole(descriptor, frames.end());
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}
