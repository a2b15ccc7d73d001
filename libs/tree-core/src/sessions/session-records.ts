import { readOutcome, readSessionRow, writeOutcome, writeSessionRow } from '@paddock/codec';
import type { ByteReader, ByteWriter } from '@paddock/codec';
import type { Outcome, SessionEnd } from '@paddock/model';
import type { SessionTable } from './session-table.ts';
import type { Session, TombstoneContent } from './session.ts';

/** On disk for good. */
const SESSION_RECORD = 1;
const TOMBSTONE_RECORD = 2;
/** Its place here is on disk for good. */
const ENDS: readonly SessionEnd[] = ['closed', 'expired', 'restored'];
const OUTCOME_MIN_BYTES = 21;

export function writeSession(writer: ByteWriter, session: Session): void {
  writer.u8(SESSION_RECORD);
  writeSessionRow(writer, session);
  writer.f64(session.windowCount);
  writer.f64(session.windowBytes);
  writeOutcomes(writer, session.window.from(0));
}

export function writeTombstone(writer: ByteWriter, tombstone: TombstoneContent): void {
  writer.u8(TOMBSTONE_RECORD);
  writer.f64(tombstone.session);
  writer.u8(ENDS.indexOf(tombstone.end));
  writer.zxid(tombstone.zxid);
  writer.f64(tombstone.lastSequence);
  writeOutcomes(writer, tombstone.outcomes);
}

function writeOutcomes(writer: ByteWriter, outcomes: readonly Outcome[]): void {
  writer.u32(outcomes.length);
  for (const outcome of outcomes) writeOutcome(writer, outcome);
}

/** Reads records to the end; tombstones are gathered, since their order is that of the scan. Throws CodecError. */
export function readSessionRecords(
  reader: ByteReader,
  table: SessionTable,
  tombstones: TombstoneContent[],
): void {
  while (reader.remaining > 0) {
    const kind = reader.u8();
    if (kind === SESSION_RECORD) {
      const row = readSessionRow(reader);
      const windowCount = reader.safeInteger();
      const windowBytes = reader.safeInteger();
      table.add(row, windowCount, windowBytes, readOutcomes(reader));
    } else if (kind === TOMBSTONE_RECORD) {
      tombstones.push({
        session: reader.sessionId(),
        end: readEnd(reader),
        zxid: reader.zxid(),
        lastSequence: reader.safeInteger(),
        outcomes: readOutcomes(reader),
      });
    } else {
      reader.unknownKind('session record', kind);
    }
  }
}

function readEnd(reader: ByteReader): SessionEnd {
  const place = reader.u8();
  return ENDS[place] ?? reader.unknownKind('end of a session', place);
}

function readOutcomes(reader: ByteReader): Outcome[] {
  const count = reader.count(OUTCOME_MIN_BYTES);
  const outcomes: Outcome[] = [];
  for (let i = 0; i < count; i++) outcomes.push(readOutcome(reader));
  return outcomes;
}
