// The answer to an attach (rule H15), one message of database → front-end.
import { paddock } from '@paddock/contracts';
import type { AttachVerdict, DatabaseReply } from '@paddock/model';
import { countOf, durationOf, sessionOf, zxidOf, type Field } from './fields.ts';
import { writeAttachment, writeOutcome, writeZxid } from './plain/stage-values.ts';
import type { WireWriter } from './plain/wire-writer.ts';
import { readAttachment, readOutcomes } from './stage-values.ts';
import { WireError } from './wire-error.ts';

const Verdict = paddock.frontend_database.v1.AttachVerdict;
const ENDED = {
  closed: Verdict.ATTACH_VERDICT_CLOSED,
  expired: Verdict.ATTACH_VERDICT_EXPIRED,
  restored: Verdict.ATTACH_VERDICT_RESTORED,
} as const;

type AttachAnswer = Extract<DatabaseReply, { kind: 'attachAnswer' }>;

/** A DatabaseReply. */
export function writeAttachAnswer(writer: WireWriter, answer: AttachAnswer): void {
  writer.open(7);
  writer.double(1, answer.session);
  writeAttachment(writer, 2, answer.attachment);
  writeZxid(writer, 3, answer.zxid);
  writer.uint32(5, writeVerdict(answer.verdict));
  writer.double(6, answer.timeoutMs);
  writer.double(7, answer.lastSequence);
  for (const outcome of answer.outcomes) writeOutcome(writer, 8, outcome);
  writer.close();
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
  };
}

function writeVerdict(verdict: AttachVerdict): paddock.frontend_database.v1.AttachVerdict {
  switch (verdict.kind) {
    case 'attached':
      return Verdict.ATTACH_VERDICT_ATTACHED;
    case 'local':
      return Verdict.ATTACH_VERDICT_LOCAL;
    case 'fenced':
      return Verdict.ATTACH_VERDICT_FENCED;
    case 'ended':
      return ENDED[verdict.end];
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
    case Verdict.ATTACH_VERDICT_LOCAL:
      return { kind: 'local' };
    case Verdict.ATTACH_VERDICT_FENCED:
      return { kind: 'fenced' };
    case Verdict.ATTACH_VERDICT_CLOSED:
      return { kind: 'ended', end: 'closed' };
    case Verdict.ATTACH_VERDICT_EXPIRED:
      return { kind: 'ended', end: 'expired' };
    case Verdict.ATTACH_VERDICT_RESTORED:
      return { kind: 'ended', end: 'restored' };
    case Verdict.ATTACH_VERDICT_UNKNOWN:
      return { kind: 'unknown' };
    case Verdict.ATTACH_VERDICT_REFUSED:
      return { kind: 'refused' };
    default:
      throw new WireError('attach verdict', `is ${value ?? 0}, which is not known`);
  }
}
