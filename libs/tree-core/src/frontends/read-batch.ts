import { missingPermission, permits } from '@paddock/model';
import type { BatchedRead, BatchedResult, Failed, Identities, ReadResult } from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import {
  ABSENT,
  ANSWER_BYTES,
  countDescendants,
  NAME_BYTES,
  readPermitted,
} from './read-answer.ts';

/**
 * Several reads at once: no change comes between, so that all show one state. What one would bring beyond the room
 * that the others have left is refused, and nothing else with it.
 */
export function readMany(
  state: DatabaseState,
  reads: readonly BatchedRead[],
  identities: Identities,
  bytesMax: number,
): ReadResult {
  let room = bytesMax;
  const results = reads.map((read): BatchedResult => {
    const row = state.znodes.find(read.path);
    const bytes = bytesOf(state, read, row);
    if (bytes > room) return tooMuch(read.path);
    room -= bytes;
    return readOne(state, read, identities, row);
  });
  return { kind: 'many', results };
}

function readOne(
  state: DatabaseState,
  { kind, path }: BatchedRead,
  identities: Identities,
  row: number,
): BatchedResult {
  if (row < 0) return ABSENT;
  const { acl } = state.znodes.access(row);
  if (!permits(acl, 'read', identities)) return missingPermission(path, 'read', identities);
  if (kind === 'countDescendants') return countDescendants(state, row);
  return readPermitted(state, null, { kind, path, watch: false }, row);
}

function bytesOf({ znodes }: DatabaseState, { kind }: BatchedRead, row: number): number {
  if (row < 0) return ANSWER_BYTES;
  if (kind === 'getData') return ANSWER_BYTES + znodes.dataLength(row);
  if (kind !== 'getChildren') return ANSWER_BYTES;
  return ANSWER_BYTES + znodes.childNameBytes(row) + NAME_BYTES * znodes.stat(row).numChildren;
}

function tooMuch(path: string): Failed {
  const reason = `${path} has more than the answer to one batch may still bring: read it by itself`;
  return { kind: 'failed', code: 'tooLarge', reason };
}
