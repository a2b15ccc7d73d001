// Replicated database → session front-end, one message.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { DatabaseReply, ReadResult } from '@paddock/model';
import { bytesOf, countOf, durationOf, ordinalOf, sessionOf, zxidOf } from './fields.ts';
import {
  readAttachment,
  readFailed,
  readOutcome,
  readOutcomes,
  readStat,
  readTerm,
  readTermOrNull,
  writeAttachment,
  writeFailed,
  writeOutcome,
  writeOutcomes,
  writeStat,
  writeTerm,
} from './stage-values.ts';
import { readAttachAnswer, writeAttachAnswer } from './attach-answer.ts';
import { readEvent, writeEvent } from './watches.ts';
import { WireError } from './wire-error.ts';
import { readErrorCode, sessionEnds, writeErrorCode } from './words.ts';

type WireReply = paddock.frontend_database.v1.DatabaseReply.$Properties;
type WireRead = paddock.frontend_database.v1.ReadReply.$Properties;

/** A znode's data is bounded by the frame that it came in. */
const DATA_BYTES_MAX = Number.MAX_SAFE_INTEGER;

type ReadReply = Extract<DatabaseReply, { kind: 'readReply' }>;
type SessionReply = Extract<
  DatabaseReply,
  { kind: 'sessionOpened' | 'sessionResumed' | 'sessionFenced' | 'sessionEnded' }
>;

export function writeDatabaseReply(reply: DatabaseReply): WireReply {
  switch (reply.kind) {
    case 'readReply':
      return { readReply: writeReadReply(reply) };
    case 'outcome':
      return {
        outcome: {
          session: reply.session,
          attachment: writeAttachment(reply.attachment),
          outcome: writeOutcome(reply.outcome),
        },
      };
    case 'event':
      return { event: { session: reply.session, event: writeEvent(reply.event) } };
    case 'readsAccepted':
      return { readsAccepted: reply.reads };
    case 'applied':
      return { applied: { zxidEpoch: epochOf(reply.zxid), zxidCounter: counterOf(reply.zxid) } };
    case 'watchEvent':
      return { watchEvent: { watch: reply.watch, event: writeEvent(reply.event) } };
    case 'attachAnswer':
      return { attachAnswer: writeAttachAnswer(reply) };
    case 'sessionOpened':
    case 'sessionResumed':
    case 'sessionFenced':
    case 'sessionEnded':
      return writeSessionReply(reply);
    case 'streamOpened':
      return {
        streamOpened: {
          appliedEpoch: epochOf(reply.applied),
          appliedCounter: counterOf(reply.applied),
          term: reply.term === null ? null : writeTerm(reply.term),
        },
      };
    case 'termMarker':
      return {
        termMarker: {
          zxidEpoch: epochOf(reply.zxid),
          zxidCounter: counterOf(reply.zxid),
          term: writeTerm(reply.term),
        },
      };
    case 'termHeld':
      return { termHeld: reply.held };
    case 'watchOpened':
      return {
        watchOpened: {
          watch: reply.watch,
          zxidEpoch: epochOf(reply.zxid),
          zxidCounter: counterOf(reply.zxid),
        },
      };
    case 'watchEnded':
      return { watchEnded: { watch: reply.watch, code: writeErrorCode(reply.code) } };
  }
}

function writeReadReply(reply: ReadReply): WireRead {
  const wire: WireRead = {
    read: reply.read,
    zxidEpoch: epochOf(reply.zxid),
    zxidCounter: counterOf(reply.zxid),
  };
  const result = reply.result;
  switch (result.kind) {
    case 'data':
      wire.stat = writeStat(result.stat);
      wire.data = result.data;
      break;
    case 'stat':
      wire.stat = writeStat(result.stat);
      wire.exists = true;
      break;
    case 'children':
      wire.stat = writeStat(result.stat);
      wire.children = { names: result.children.slice() };
      break;
    case 'failed':
      wire.failed = writeFailed(result);
      break;
  }
  return wire;
}

function writeSessionReply(reply: SessionReply): WireReply {
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
    case 'sessionEnded': {
      const end = sessionEnds.write(reply.end);
      const outcomes = writeOutcomes(reply.outcomes);
      return { sessionEnded: { session, attachment, zxidEpoch, zxidCounter, end, outcomes } };
    }
  }
}

export function readDatabaseReply(
  wire: paddock.frontend_database.v1.DatabaseReply.$Shape,
): DatabaseReply {
  switch (wire.kind) {
    case 'readReply':
      return {
        kind: 'readReply',
        read: ordinalOf(wire.readReply.read, 'read number'),
        zxid: zxidOf(wire.readReply.zxidEpoch, wire.readReply.zxidCounter, 'read zxid'),
        result: readReadResult(wire.readReply),
      };
    case 'outcome':
      return {
        kind: 'outcome',
        session: sessionOf(wire.outcome.session, 'outcome session'),
        attachment: readAttachment(wire.outcome.attachment),
        outcome: readOutcome(wire.outcome.outcome),
      };
    case 'event':
      return {
        kind: 'event',
        session: sessionOf(wire.event.session, 'event session'),
        event: readEvent(wire.event.event),
      };
    case 'readsAccepted':
      return { kind: 'readsAccepted', reads: countOf(wire.readsAccepted, 'reads accepted') };
    case 'applied':
      return {
        kind: 'applied',
        zxid: zxidOf(wire.applied.zxidEpoch, wire.applied.zxidCounter, 'applied zxid'),
      };
    case 'watchEvent':
      return {
        kind: 'watchEvent',
        watch: ordinalOf(wire.watchEvent.watch, 'watch number'),
        event: readEvent(wire.watchEvent.event),
      };
    case 'attachAnswer':
      return readAttachAnswer(wire.attachAnswer);
    case 'streamOpened':
      return {
        kind: 'streamOpened',
        applied: zxidOf(
          wire.streamOpened.appliedEpoch,
          wire.streamOpened.appliedCounter,
          'applied',
        ),
        term: readTermOrNull(wire.streamOpened.term),
      };
    case 'termMarker':
      return {
        kind: 'termMarker',
        zxid: zxidOf(wire.termMarker.zxidEpoch, wire.termMarker.zxidCounter, 'marker zxid'),
        term: readTerm(wire.termMarker.term),
      };
    case 'termHeld':
      return { kind: 'termHeld', held: wire.termHeld };
    case 'watchOpened':
      return {
        kind: 'watchOpened',
        watch: ordinalOf(wire.watchOpened.watch, 'watch number'),
        zxid: zxidOf(wire.watchOpened.zxidEpoch, wire.watchOpened.zxidCounter, 'watch zxid'),
      };
    case 'watchEnded':
      return {
        kind: 'watchEnded',
        watch: ordinalOf(wire.watchEnded.watch, 'watch number'),
        code: readErrorCode(wire.watchEnded.code),
      };
    default:
      return readSessionReply(wire);
  }
}

function readReadResult(wire: paddock.frontend_database.v1.ReadReply.$Shape): ReadResult {
  switch (wire.result) {
    case 'data': {
      const data = bytesOf(wire.data, DATA_BYTES_MAX, 'read data');
      return { kind: 'data', data, stat: readStat(wire.stat) };
    }
    case 'exists':
      return { kind: 'stat', stat: readStat(wire.stat) };
    case 'children':
      return {
        kind: 'children',
        children: wire.children.names ?? [],
        stat: readStat(wire.stat),
      };
    case 'failed':
      return readFailed(wire.failed);
    case undefined:
      throw new WireError('read result', 'is missing');
  }
}

/** A change of a session's connection; anything else has no kind. */
function readSessionReply(wire: paddock.frontend_database.v1.DatabaseReply.$Shape): SessionReply {
  const message =
    wire.sessionOpened ?? wire.sessionResumed ?? wire.sessionFenced ?? wire.sessionEnded;
  if (message === null || message === undefined)
    throw new WireError('database reply', 'has no kind');
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
