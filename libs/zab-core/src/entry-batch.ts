import type { Limits, LogEntry, Zxid } from '@paddock/model';
import { entryBytes } from './history.ts';
import type { History } from './history.ts';

/** Entries that go out in one message, and what they cost. Cut at Limits.batchBytes or batchOperations. */
export interface EntryBatch {
  readonly entries: LogEntry[];
  readonly bytes: number;
}

/** From memory, from a position on, none behind `through`. */
export function batchFromMemory(
  history: History,
  from: number,
  through: Zxid,
  limits: Limits,
): EntryBatch {
  const end = Math.min(history.endPosition, from + limits.batchOperations);
  const entries: LogEntry[] = [];
  let bytes = 0;
  for (let position = from; position < end && bytes < limits.batchBytes; position++) {
    const entry = history.at(position);
    if (entry.zxid > through) break;
    entries.push(entry);
    bytes += entryBytes(entry);
  }
  return { entries, bytes };
}

/** From what was read of the log, from an index on, none behind `through`. */
export function batchFromRead(
  read: readonly LogEntry[],
  from: number,
  through: Zxid,
  limits: Limits,
): EntryBatch {
  const end = Math.min(read.length, from + limits.batchOperations);
  const entries: LogEntry[] = [];
  let bytes = 0;
  for (let at = from; at < end && bytes < limits.batchBytes; at++) {
    const entry = read[at];
    if (entry === undefined || entry.zxid > through) break;
    entries.push(entry);
    bytes += entryBytes(entry);
  }
  return { entries, bytes };
}
