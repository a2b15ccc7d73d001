// Replicated database → session front-end, one message.
import { paddock } from '@paddock/contracts';
import { counterOf, epochOf, ZXID_ZERO } from '@paddock/model';
import type { DatabaseReply } from '@paddock/model';
import { countOf, frameBytesOf, ordinalOf, sessionOf, stagePathOf, zxidOf } from './fields.ts';
import {
  readAttachment,
  readOutcome,
  readStat,
  readTerm,
  readTermOrNull,
  writeTerm,
} from './stage-values.ts';
import type { MessageSink } from './link-format.ts';
import { writeReadReply, writeSessionOutcome, writeWatchEvent } from './plain/frontend-database.ts';
import { readAttachAnswer, writeAttachAnswer } from './attach-answer.ts';
import { readReadReply } from './read-reply.ts';
import { readSessionReply, writeSessionEnded, writeSessionReply } from './session-reply.ts';
import { readEvent, readWatches, writeWatches } from './watches.ts';
import { errorCodes } from './words.ts';

const wire = paddock.frontend_database.v1;

type WireReply = paddock.frontend_database.v1.DatabaseReply.$Properties;
/** Those that are written without objects. */
type Plain = 'readReply' | 'outcome' | 'event' | 'watchEvent' | 'attachAnswer' | 'sessionEnded';

export function writeDatabaseReply(reply: DatabaseReply, sink: MessageSink): void {
  switch (reply.kind) {
    case 'readReply':
      writeReadReply(sink.start(), reply);
      sink.end();
      break;
    case 'outcome':
      writeSessionOutcome(sink.start(), reply);
      sink.end();
      break;
    case 'event':
    case 'watchEvent':
      writeWatchEvent(sink.start(), reply);
      sink.end();
      break;
    case 'attachAnswer':
      writeAttachAnswer(sink.start(), reply);
      sink.end();
      break;
    case 'sessionEnded':
      writeSessionEnded(sink.start(), reply);
      sink.end();
      break;
    default:
      sink.add(wire.DatabaseReply, writeOther(reply));
      break;
  }
}

function writeOther(reply: Exclude<DatabaseReply, { kind: Plain }>): WireReply {
  switch (reply.kind) {
    case 'readsAccepted':
      return { readsAccepted: reply.reads };
    case 'applied':
      return { applied: { zxidEpoch: epochOf(reply.zxid), zxidCounter: counterOf(reply.zxid) } };
    case 'sessionOpened':
    case 'sessionResumed':
    case 'sessionFenced':
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
    case 'watchProgress':
      return {
        watchProgress: {
          watch: reply.watch,
          zxidEpoch: epochOf(reply.zxid),
          zxidCounter: counterOf(reply.zxid),
        },
      };
    case 'watchEnded':
      return {
        watchEnded: {
          watch: reply.watch,
          code: errorCodes.write(reply.code),
          oldestEpoch: epochOf(reply.oldest ?? ZXID_ZERO),
          oldestCounter: counterOf(reply.oldest ?? ZXID_ZERO),
        },
      };
    case 'watchesCompacted': {
      const { session, watches } = reply;
      return { watchesCompacted: { session, watches: writeWatches(watches) } };
    }
    case 'serving':
      return { serving: { serving: reply.serving, reason: reply.reason } };
  }
}

export function readDatabaseReply(
  wire: paddock.frontend_database.v1.DatabaseReply.$Shape,
): DatabaseReply {
  switch (wire.kind) {
    case 'readReply':
      return readReadReply(wire.readReply);
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
    case 'watchEvent':
      return readWatchEvent(wire.watchEvent);
    case 'watchProgress':
      return {
        kind: 'watchProgress',
        watch: ordinalOf(wire.watchProgress.watch, 'watch number'),
        zxid: zxidOf(wire.watchProgress.zxidEpoch, wire.watchProgress.zxidCounter, 'progress'),
      };
    case 'watchOpened':
      return readWatchOpened(wire.watchOpened);
    case 'watchEnded':
      return readWatchEnded(wire.watchEnded);
    case 'watchesCompacted':
      return readCompacted(wire.watchesCompacted);
    case 'serving':
      return readServing(wire.serving);
    default:
      return readSessionReply(wire);
  }
}

function readWatchEnded(wire: paddock.frontend_database.v1.WatchEnded.$Shape): DatabaseReply {
  const oldest = zxidOf(wire.oldestEpoch, wire.oldestCounter, 'oldest zxid');
  return {
    kind: 'watchEnded',
    watch: ordinalOf(wire.watch, 'watch number'),
    code: errorCodes.read(wire.code),
    ...(oldest === ZXID_ZERO ? {} : { oldest }),
  };
}

function readWatchEvent(wire: paddock.frontend_database.v1.WatchedEvent.$Shape): DatabaseReply {
  const told = {
    kind: 'watchEvent',
    watch: ordinalOf(wire.watch, 'watch number'),
    event: readEvent(wire.event),
  } as const;
  const { stat, data } = wire;
  const isShown = (stat ?? data ?? null) !== null;
  if (!isShown) return told;
  const shown = {
    ...(stat === null || stat === undefined ? {} : { stat: readStat(stat) }),
    ...(data === null || data === undefined ? {} : { data: frameBytesOf(data, 'watched data') }),
  };
  return { ...told, shown };
}

function readServing(wire: paddock.frontend_database.v1.Serving.$Shape): DatabaseReply {
  return { kind: 'serving', serving: wire.serving ?? false, reason: wire.reason ?? '' };
}

function readCompacted(
  wire: paddock.frontend_database.v1.SessionWatchesCompacted.$Shape,
): DatabaseReply {
  return {
    kind: 'watchesCompacted',
    session: sessionOf(wire.session, 'session of compacted watches'),
    watches: readWatches(wire.watches, stagePathOf),
  };
}

function readWatchOpened(wire: paddock.frontend_database.v1.WatchOpened.$Shape): DatabaseReply {
  return {
    kind: 'watchOpened',
    watch: ordinalOf(wire.watch, 'watch number'),
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'watch zxid'),
  };
}
