// Runs of log entries, protos/paddock/stage/v1/log_entry.proto, in the messages that carry them.
import { termEpoch, termIncarnation } from '@paddock/model';
import type { BroadcastRequest, DeliveryReply, LogEntry } from '@paddock/model';
import { termOf } from '../fields.ts';
import type { MessageSink } from '../link-format.ts';
import { entryKinds } from '../words.ts';
import { readZxid, writeZxid } from './stage-values.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

type Propose = Extract<BroadcastRequest, { kind: 'propose' }>;
type Entries = Extract<DeliveryReply, { kind: 'entries' }>;

/** Messages of protos/paddock/processor_broadcaster/v1: divided where one would grow too large. */
export function writePropose(propose: Propose, sink: MessageSink): void {
  const { term, entries } = propose;
  for (let next = 0; next < entries.length;) {
    const writer = sink.start();
    writer.open(1);
    writer.fixed32(1, termEpoch(term));
    writer.fixed32(2, termIncarnation(term));
    next = writeRun(writer, 3, entries, next, sink.cutBytes);
    writer.close();
    sink.end();
  }
}

/** Messages of protos/paddock/database_broadcaster/v1: divided where one would grow too large. */
export function writeEntries(reply: Entries, sink: MessageSink): void {
  const { entries } = reply;
  for (let next = 0; next < entries.length;) {
    const writer = sink.start();
    writer.open(1);
    next = writeRun(writer, 1, entries, next, sink.cutBytes);
    writer.close();
    sink.end();
  }
}

/** Returns the index of the first entry that is left. */
export function writeRun(
  writer: WireWriter,
  field: number,
  entries: readonly LogEntry[],
  from: number,
  cutBytes: number,
): number {
  const enough = writer.length + cutBytes;
  let i = from;
  for (; i < entries.length && writer.length < enough; i++) {
    const entry = entries[i];
    if (entry === undefined) break;
    writer.open(field);
    writeZxid(writer, 1, entry.zxid);
    writer.uint32(3, entryKinds.write(entry.kind));
    writer.bytes(4, entry.payload);
    writer.close();
  }
  return i;
}

export function readPlainBroadcastRequest(reader: WireReader): BroadcastRequest | null {
  if (!reader.enter(1)) return null;
  const epoch = reader.fixed32(1);
  const term = termOf(epoch, reader.fixed32(2), 'propose term');
  const entries = readRun(reader, 3);
  reader.leave();
  return { kind: 'propose', term, entries };
}

export function readPlainDeliveryReply(reader: WireReader): DeliveryReply | null {
  if (!reader.enter(1)) return null;
  const entries = readRun(reader, 1);
  reader.leave();
  return { kind: 'entries', entries };
}

export function readRun(reader: WireReader, field: number): LogEntry[] {
  const entries: LogEntry[] = [];
  while (reader.enter(field)) {
    const zxid = readZxid(reader, 1, 'entry zxid');
    const kind = entryKinds.read(reader.uint32(3));
    const payload = reader.bytes(4);
    reader.leave();
    entries.push({ zxid, kind, payload });
  }
  return entries;
}
