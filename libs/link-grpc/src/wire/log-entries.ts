// Log entries in messages: runs of them, divided where a message would grow too large.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { LogEntry } from '@paddock/model';
import { bytesOf, zxidOf, type Field } from './fields.ts';
import { entryKinds } from './words.ts';

type WireEntry = paddock.stage.v1.LogEntry.$Properties;

/** A payload is bounded by the frame that it came in. */
const PAYLOAD_BYTES_MAX = Number.MAX_SAFE_INTEGER;
/** What an entry takes beside its payload, at most. */
const ENTRY_BYTES = 24;

export function writeEntries(
  entries: readonly LogEntry[],
  cutBytes: number,
  emit: (run: WireEntry[]) => void,
): void {
  let run: WireEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    run.push({
      zxidEpoch: epochOf(entry.zxid),
      zxidCounter: counterOf(entry.zxid),
      kind: entryKinds.write(entry.kind),
      payload: entry.payload,
    });
    bytes += ENTRY_BYTES + entry.payload.length;
    if (bytes >= cutBytes) {
      emit(run);
      run = [];
      bytes = 0;
    }
  }
  if (run.length > 0) emit(run);
}

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
