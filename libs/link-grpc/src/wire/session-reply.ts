// What the database tells of a session's connections: opened, resumed, fenced, ended.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { DatabaseReply } from '@paddock/model';
import { countOf, durationOf, sessionOf, zxidOf } from './fields.ts';
import {
  writeAttachment as writePlainAttachment,
  writeOutcome,
  writeZxid,
} from './plain/stage-values.ts';
import type { WireWriter } from './plain/wire-writer.ts';
import { readAttachment, readOutcomes, writeAttachment } from './stage-values.ts';
import { WireError } from './wire-error.ts';
import { sessionEnds } from './words.ts';

type WireReply = paddock.frontend_database.v1.DatabaseReply.$Properties;
type SessionReply = Extract<
  DatabaseReply,
  { kind: 'sessionOpened' | 'sessionResumed' | 'sessionFenced' | 'sessionEnded' }
>;
type SessionEnded = Extract<DatabaseReply, { kind: 'sessionEnded' }>;

export function writeSessionReply(reply: Exclude<SessionReply, SessionEnded>): WireReply {
  const attachment = writeAttachment(reply.attachment);
  const zxidEpoch = epochOf(reply.zxid);
  const zxidCounter = counterOf(reply.zxid);
  const { session } = reply;
  switch (reply.kind) {
    case 'sessionOpened': {
      const { timeoutMs } = reply;
      return { sessionOpened: { session, attachment, zxidEpoch, zxidCounter, timeoutMs } };
    }
    case 'sessionResumed': {
      const { timeoutMs, lastSequence } = reply;
      return {
        sessionResumed: { session, attachment, zxidEpoch, zxidCounter, timeoutMs, lastSequence },
      };
    }
    case 'sessionFenced':
      return { sessionFenced: { session, attachment, zxidEpoch, zxidCounter } };
  }
}

/** A DatabaseReply. */
export function writeSessionEnded(writer: WireWriter, reply: SessionEnded): void {
  writer.open(11);
  writer.double(1, reply.session);
  writePlainAttachment(writer, 2, reply.attachment);
  writeZxid(writer, 3, reply.zxid);
  writer.uint32(5, sessionEnds.write(reply.end));
  for (const outcome of reply.outcomes) writeOutcome(writer, 6, outcome);
  writer.close();
}

/** A change of a session's connection; anything else has no kind. */
export function readSessionReply(
  wire: paddock.frontend_database.v1.DatabaseReply.$Shape,
): SessionReply {
  const message =
    wire.sessionOpened ?? wire.sessionResumed ?? wire.sessionFenced ?? wire.sessionEnded;
  if (message === null || message === undefined) {
    throw new WireError('database reply', 'has no kind');
  }
  const session = sessionOf(message.session, 'session');
  const attachment = readAttachment(message.attachment);
  const zxid = zxidOf(message.zxidEpoch, message.zxidCounter, 'session zxid');
  switch (wire.kind) {
    case 'sessionOpened': {
      const timeoutMs = durationOf(wire.sessionOpened.timeoutMs, 'session timeout');
      return { kind: 'sessionOpened', session, attachment, zxid, timeoutMs };
    }
    case 'sessionResumed': {
      const timeoutMs = durationOf(wire.sessionResumed.timeoutMs, 'session timeout');
      const lastSequence = countOf(wire.sessionResumed.lastSequence, 'last sequence');
      return { kind: 'sessionResumed', session, attachment, zxid, timeoutMs, lastSequence };
    }
    case 'sessionEnded': {
      const end = sessionEnds.read(wire.sessionEnded.end);
      const outcomes = readOutcomes(wire.sessionEnded.outcomes);
      return { kind: 'sessionEnded', session, attachment, zxid, end, outcomes };
    }
    default:
      return { kind: 'sessionFenced', session, attachment, zxid };
  }
}
