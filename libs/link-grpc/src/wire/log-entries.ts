// Runs of log entries, as their generated class reads them.
import type { paddock } from '@paddock/contracts';
import type { LogEntry } from '@paddock/model';
import { frameBytesOf, zxidOf, type Field } from './fields.ts';
import { entryKinds } from './words.ts';

type WireEntry = paddock.stage.v1.LogEntry.$Properties;

export function readEntries(field: Field<readonly WireEntry[]>): LogEntry[] {
  const entries: LogEntry[] = [];
  for (const entry of field ?? []) {
    entries.push({
      zxid: zxidOf(entry.zxidEpoch, entry.zxidCounter, 'entry zxid'),
      kind: entryKinds.read(entry.kind),
      payload: frameBytesOf(entry.payload, 'entry payload'),
    });
  }
  return entries;
}
