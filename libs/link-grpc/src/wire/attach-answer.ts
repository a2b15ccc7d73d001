// The answer to an attach (rule H15), one message of database → front-end.
import { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { AttachVerdict, DatabaseReply } from '@paddock/model';
import { countOf, durationOf, sessionOf, stagePathOf, zxidOf, type Field } from './fields.ts';
import { readAttachment, readOutcomes, writeAttachment, writeOutcomes } from './stage-values.ts';
import { readWatches, writeWatches } from './watches.ts';
import { WireError } from './wire-error.ts';

const Verdict = paddock.frontend_database.v1.AttachVerdict;

type AttachAnswer = Extract<DatabaseReply, { kind: 'attachAnswer' }>;

export function writeAttachAnswer(
  answer: AttachAnswer,
): paddock.frontend_database.v1.AttachAnswer.$Properties {
  return {
    session: answer.session,
    attachment: writeAttachment(answer.attachment),
    zxidEpoch: epochOf(answer.zxid),
    zxidCounter: counterOf(answer.zxid),
    verdict: writeVerdict(answer.verdict),
    timeoutMs: answer.timeoutMs,
    lastSequence: answer.lastSequence,
    outcomes: writeOutcomes(answer.outcomes),
    compacted: writeWatches(answer.compacted),
  };
}

export function readAttachAnswer(
  wire: paddock.frontend_database.v1.AttachAnswer.$Shape,
): AttachAnswer {
  return {
    kind: 'attachAnswer',
    session: sessionOf(wire.session, 'attach session'),
    attachment: readAttachment(wire.attachment),
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'attach zxid'),
    verdict: readVerdict(wire.verdict),
    timeoutMs: durationOf(wire.timeoutMs, 'attach timeout'),
    lastSequence: countOf(wire.lastSequence, 'attach last sequence'),
    outcomes: readOutcomes(wire.outcomes),
    compacted: readWatches(wire.compacted, stagePathOf),
  };
}

function writeVerdict(verdict: AttachVerdict): paddock.frontend_database.v1.AttachVerdict {
  switch (verdict.kind) {
    case 'attached':
      return Verdict.ATTACH_VERDICT_ATTACHED;
    case 'fenced':
      return Verdict.ATTACH_VERDICT_FENCED;
    case 'ended':
      return verdict.end === 'closed'
        ? Verdict.ATTACH_VERDICT_CLOSED
        : Verdict.ATTACH_VERDICT_EXPIRED;
    case 'unknown':
      return Verdict.ATTACH_VERDICT_UNKNOWN;
    case 'refused':
      return Verdict.ATTACH_VERDICT_REFUSED;
  }
}

function readVerdict(value: Field<number>): AttachVerdict {
  switch (value) {
    case Verdict.ATTACH_VERDICT_ATTACHED:
      return { kind: 'attached' };
    case Verdict.ATTACH_VERDICT_FENCED:
      return { kind: 'fenced' };
    case Verdict.ATTACH_VERDICT_CLOSED:
      return { kind: 'ended', end: 'closed' };
    case Verdict.ATTACH_VERDICT_EXPIRED:
      return { kind: 'ended', end: 'expired' };
    case Verdict.ATTACH_VERDICT_UNKNOWN:
      return { kind: 'unknown' };
    case Verdict.ATTACH_VERDICT_REFUSED:
      return { kind: 'refused' };
    default:
      throw new WireError('attach verdict', `is ${value ?? 0}, which is not known`);
  }
}
