// Runs of log entries, as their generated class reads them.
import type { paddock } from '@paddock/contracts';
import type { LogEntry } from '@paddock/model';
import { bytesOf, zxidOf, type Field } from './fields.ts';
import { entryKinds } from './words.ts';

type WireEntry = paddock.stage.v1.LogEntry.$Properties;

/** A payload is bounded by the frame that it came in. */
const PAYLOAD_BYTES_MAX = Number.MAX_SAFE_INTEGER;

export function readEntries(field: Field<readonly WireEntry[]>): LogEntry[] {
  const entries: LogEntry[] = [];
  for (const entry of field ?? []) {
    entries.push({
      zxid: zxidOf(entry.zxidEpoch, entry.zxidCounter, 'entry zxid'),
      kind: entryKinds.read(entry.kind),
      payload: bytesOf(entry.payload, PAYLOAD_BYTES_MAX, 'entry payload'),
    });
  }
  return entries;
}
