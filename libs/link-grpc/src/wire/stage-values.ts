// What several boundaries between stages carry: metadata, attachments, outcomes, terms.
import type { paddock } from '@paddock/contracts';
import { counterOf, createdOf, epochOf, termEpoch, termIncarnation } from '@paddock/model';
import type {
  Attachment,
  Failed,
  HistoryEnd,
  Outcome,
  SessionId,
  Stat,
  TermAnnouncement,
  WriteResult,
} from '@paddock/model';
import {
  countOf,
  frontendOf,
  isPresent,
  leaderEpochOf,
  ordinalOf,
  presentOf,
  sessionOf,
  sessionOrNoneOf,
  stagePathOf,
  termOf,
  word,
  zxidOf,
  type Field,
} from './fields.ts';
import { readTransacted } from './client-values.ts';
import { failedOf, readLimit } from './reached-limit.ts';
import { WireError } from './wire-error.ts';
import { errorCodes, znodeKindOf } from './words.ts';

type WireStat = paddock.stage.v1.Stat.$Properties;
type WireAttachment = paddock.stage.v1.Attachment.$Properties;
type WireFailed = paddock.stage.v1.Failed.$Properties;
type WireTerm = paddock.stage.v1.TermAnnouncement.$Properties;

export function readStat(field: Field<WireStat>): Stat {
  const wire = presentOf(field, 'stat');
  return {
    czxid: zxidOf(wire.czxidEpoch, wire.czxidCounter, 'czxid'),
    mzxid: zxidOf(wire.mzxidEpoch, wire.mzxidCounter, 'mzxid'),
    pzxid: zxidOf(wire.pzxidEpoch, wire.pzxidCounter, 'pzxid'),
    ctime: countOf(wire.ctimeMs, 'ctime'),
    mtime: countOf(wire.mtimeMs, 'mtime'),
    version: word(wire.version),
    cversion: word(wire.cversion),
    ephemeralOwner: sessionOrNoneOf(wire.ephemeralOwner, 'ephemeral owner'),
    dataLength: word(wire.dataLength),
    numChildren: word(wire.numChildren),
    kind: znodeKindOf(wire.kind),
    ttlMs: countOf(wire.ttlMs, 'ttl'),
    aversion: word(wire.aversion),
  };
}

export function writeAttachment(attachment: Attachment): WireAttachment {
  return {
    frontend: attachment.frontend,
    connection: attachment.connection,
    attempt: attachment.attempt,
  };
}

export function readAttachment(field: Field<WireAttachment>): Attachment {
  const wire = presentOf(field, 'attachment');
  return {
    frontend: frontendOf(wire.frontend, 'attachment front-end'),
    connection: countOf(wire.connection, 'attachment connection'),
    attempt: countOf(wire.attempt, 'attachment attempt'),
  };
}

export function readFailed(wire: WireFailed): Failed {
  const code = errorCodes.read(wire.code);
  const reason = wire.reason ?? '';
  const { step, limit } = wire;
  return failedOf(
    code,
    reason,
    isPresent(step) ? { index: step.index ?? 0, path: step.path ?? '' } : undefined,
    isPresent(limit) ? readLimit(limit) : undefined,
    wire.retryAfterMs ?? 0,
  );
}

export function writeTerm(term: TermAnnouncement): WireTerm {
  return {
    epoch: termEpoch(term.term),
    incarnation: termIncarnation(term.term),
    processorAddress: term.processorAddress,
  };
}

export function readTerm(field: Field<WireTerm>): TermAnnouncement {
  const wire = presentOf(field, 'term');
  return {
    term: termOf(wire.epoch, wire.incarnation, 'term'),
    processorAddress: wire.processorAddress ?? '',
  };
}

export function readTermOrNull(field: Field<WireTerm>): TermAnnouncement | null {
  return field === null || field === undefined ? null : readTerm(field);
}

export function readOutcome(field: Field<paddock.stage.v1.Outcome.$Shape>): Outcome {
  const wire = presentOf(field, 'outcome');
  return {
    sequence: ordinalOf(wire.sequence, 'outcome sequence'),
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'outcome zxid'),
    requestHash: word(wire.requestHash),
    result: readWriteResult(wire),
  };
}

function readWriteResult(wire: paddock.stage.v1.Outcome.$Shape): WriteResult {
  switch (wire.result) {
    case 'created':
      return createdOf(
        stagePathOf(wire.created.path, 'created path'),
        readStat(wire.created.stat),
        wire.created.counter,
      );
    case 'dataSet':
      return { kind: 'dataSet', stat: readStat(wire.dataSet) };
    case 'deleted':
      return { kind: 'deleted' };
    case 'aclSet':
      return { kind: 'aclSet', stat: readStat(wire.aclSet) };
    case 'closed':
      return { kind: 'closed' };
    case 'quotaSet':
      return { kind: 'quotaSet' };
    case 'failed':
      return readFailed(wire.failed);
    case 'transacted':
      return readTransacted(wire.transacted);
    case undefined:
      throw new WireError('outcome result', 'is missing');
  }
}

export function readOutcomes(field: Field<readonly paddock.stage.v1.Outcome.$Shape[]>): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const wire of field ?? []) outcomes.push(readOutcome(wire));
  return outcomes;
}

export function writeHistory(history: HistoryEnd): paddock.stage.v1.HistoryEnd.$Properties {
  return {
    currentEpoch: history.currentEpoch,
    lastEpoch: epochOf(history.lastZxid),
    lastCounter: counterOf(history.lastZxid),
  };
}

export function readHistory(field: Field<paddock.stage.v1.HistoryEnd.$Shape>): HistoryEnd {
  const wire = presentOf(field, 'history');
  return {
    currentEpoch: leaderEpochOf(wire.currentEpoch, 'current epoch'),
    lastZxid: zxidOf(wire.lastEpoch, wire.lastCounter, 'last zxid'),
  };
}

/** The two fields that most messages of a session begin with. */
export function readSession(wire: { readonly session?: Field<number> }): SessionId {
  return sessionOf(wire.session, 'session');
}
