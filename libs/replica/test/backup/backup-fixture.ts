import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SnapshotFrameWriter } from '@paddock/codec';
import type { Zxid } from '@paddock/model';
import { expect, onTestFinished } from 'vitest';
import { zxid } from '../stages/entries.ts';
import { appliedOf, logTo } from '../transfer/pair.ts';
import { LEADER, Receiver, TransferWorld } from '../transfer/transfer-world.ts';

export const ZNODES = 60;

/** What a database with so many znodes sends to one that asks for a snapshot. */
export function takenChunks(): Uint8Array[] {
  const world = new TransferWorld();
  const leader = world.database(1, LEADER, logTo(ZNODES));
  leader.start();
  expect(world.until(() => appliedOf(leader) === zxid(ZNODES))).toBe(true);
  const receiver = new Receiver(world, LEADER);
  receiver.link.send([{ kind: 'fetch', atLeast: zxid(ZNODES) }]);
  expect(world.until(() => receiver.isDone)).toBe(true);
  return receiver.heard.flatMap((it) => (it.kind === 'chunk' ? [it.chunk] : []));
}

/** The file of a backup, with checksums that hold. */
export function fileOf(chunks: readonly Uint8Array[], at: Zxid = zxid(ZNODES)): Uint8Array {
  const frames = new SnapshotFrameWriter();
  const pieces = [frames.head(at)];
  for (const chunk of chunks) pieces.push(frames.frame(chunk), chunk);
  return Buffer.concat([...pieces, frames.end()]);
}

export async function* streamed(
  chunks: readonly Uint8Array[],
): AsyncGenerator<Uint8Array, undefined> {
  for (const chunk of chunks) yield Promise.resolve(chunk);
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'paddock-backup-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
