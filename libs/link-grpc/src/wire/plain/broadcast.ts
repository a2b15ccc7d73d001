// The frequent messages of protos/paddock/broadcast/v1: entries, commits, heartbeats, acknowledgements.
import { ZXID_ZERO } from '@paddock/model';
import type { LeaderMessage, LearnerMessage, Zxid } from '@paddock/model';
import { countOf } from '../fields.ts';
import type { MessageSink } from '../link-format.ts';
import { readRun, writeRun } from './log-entries.ts';
import { readZxid, writeZxid } from './stage-values.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

type Ack = Extract<LearnerMessage, { kind: 'ack' }>;
type Entries = Extract<LeaderMessage, { kind: 'entries' }>;
type Commit = Extract<LeaderMessage, { kind: 'commit' }>;
type Heartbeat = Extract<LeaderMessage, { kind: 'heartbeat' }>;

/**
 * LeaderMessages: divided where one would grow too large. Until the last of them, each tells as committed no more than
 * it brings.
 */
export function writeEntries(message: Entries, sink: MessageSink): void {
  const { entries, committed } = message;
  let next = 0;
  do {
    const writer = sink.start();
    writer.open(1);
    next = writeRun(writer, 1, entries, next, sink.cutBytes);
    const reached = next < entries.length ? lastBefore(message, next) : committed;
    writeZxid(writer, 2, reached < committed ? reached : committed);
    writer.close();
    sink.end();
  } while (next < entries.length);
}

function lastBefore({ entries }: Entries, index: number): Zxid {
  return entries[index - 1]?.zxid ?? ZXID_ZERO;
}

/** A LeaderMessage. */
export function writeCommit(writer: WireWriter, message: Commit): void {
  writer.open(2);
  writeZxid(writer, 1, message.zxid);
  writer.close();
}

/** A LeaderMessage. */
export function writeHeartbeat(writer: WireWriter, message: Heartbeat): void {
  writer.open(3);
  writer.double(1, message.round);
  writer.bool(2, message.held);
  writer.close();
}

export function readPlainLeaderMessage(reader: WireReader): LeaderMessage | null {
  if (reader.enter(1)) {
    const entries = readRun(reader, 1);
    const committed = readZxid(reader, 2, 'entries committed');
    reader.leave();
    return { kind: 'entries', entries, committed };
  }
  if (reader.enter(2)) {
    const zxid = readZxid(reader, 1, 'commit zxid');
    reader.leave();
    return { kind: 'commit', zxid };
  }
  if (!reader.enter(3)) return null;
  const round = countOf(reader.double(1), 'heartbeat round');
  const held = reader.bool(2);
  reader.leave();
  return { kind: 'heartbeat', round, held };
}

/** A LearnerMessage. */
export function writeAck(writer: WireWriter, message: Ack): void {
  writer.open(1);
  writeZxid(writer, 1, message.zxid);
  writer.close();
}

export function readPlainLearnerMessage(reader: WireReader): LearnerMessage | null {
  if (!reader.enter(1)) return null;
  const zxid = readZxid(reader, 1, 'ack zxid');
  reader.leave();
  return { kind: 'ack', zxid };
}
