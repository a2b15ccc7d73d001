import { maxZxid } from '@paddock/model';
import type { ProcessorReply } from '@paddock/model';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend, Verdict } from './frontend.ts';
import { tellFloor } from './read-indexes.ts';
import { endAsRefused, endSession, NO_OUTCOMES } from './session-ending.ts';
import { attach } from './session-opening.ts';
import { tellUnaryFloor } from './unary-requests.ts';

/** Nothing of this reaches a client by itself: the database has the last word (H4). */
export function receiveProcessorReply(
  front: Frontend,
  reply: ProcessorReply,
  out: SessionFrontendEffects,
): void {
  switch (reply.kind) {
    case 'touched':
      front.touches.acknowledged(reply.round, front.database.applied, out);
      break;
    case 'termRefused':
      front.processor.refused();
      break;
    case 'expect': {
      const session = front.sessionOf(reply.session, reply.attachment);
      if (session === undefined) break;
      const holdUntilMs = reply.retryAfterMs > 0 ? front.nowMs + reply.retryAfterMs : 0;
      session.rewindTo(reply.sequence, holdUntilMs);
      front.markDue(session);
      break;
    }
    case 'verdict':
      front.verdicts.push(reply);
      break;
    case 'readIndexFloor':
      for (const wait of front.readIndexes.answered(reply.request)) {
        if (wait.session === null) {
          const call = front.unary.get(wait.place);
          if (call !== undefined) tellUnaryFloor(front, call, reply.floor, out);
        } else if (tellFloor(wait.session, wait.place, reply.floor)) {
          front.markDue(wait.session);
        }
      }
      front.hasProgressed = true;
      break;
  }
}

/** A newer term's marker voids what an older one refused: it may never have been so (H4 b). */
export function voidVerdicts(front: Frontend): void {
  front.verdicts = front.verdicts.filter((verdict) => verdict.term >= front.processor.term);
}

/** At the end of a step: verdicts whose basis the database has applied hold now. */
export function passVerdicts(front: Frontend, out: SessionFrontendEffects): void {
  const { database } = front;
  if (front.verdicts.length === 0 || !database.isOpen) return;
  const waiting: Verdict[] = [];
  for (const verdict of front.verdicts) {
    if (verdict.basis <= database.applied) pass(front, verdict, out);
    else waiting.push(verdict);
  }
  front.verdicts = waiting;
}

function pass(front: Frontend, verdict: Verdict, out: SessionFrontendEffects): void {
  const session = front.sessionOf(verdict.session, verdict.attachment);
  if (session === undefined) return;
  switch (verdict.code) {
    case 'unknownSession':
    case 'sessionExpired':
      // The tombstone, if there is one, has the outcomes that the client still misses (H20).
      session.phase = 'learning';
      session.floor = maxZxid(session.floor, verdict.basis);
      session.handshakeSinceMs = front.nowMs;
      attach(front, session, out);
      break;
    case 'sessionMoved': {
      const reason = 'the session was resumed by another connection';
      endSession(front, session, { cause: 'fenced', reason, outcomes: NO_OUTCOMES }, out);
      break;
    }
    default:
      endAsRefused(front, session, verdict.reason, out);
  }
}
