import type { Outcome, SessionEnd } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { upgraded } from './local-sessions.ts';
import { requestAttachment } from './processor-requests.ts';
import {
  END_REASONS,
  endAsForgotten,
  endAsRefused,
  endSession,
  NO_OUTCOMES,
} from './session-ending.ts';
import { attach, fencePredecessor, greetOpened, greetResumed } from './session-opening.ts';
import type { AttachAnswer } from './session-opening.ts';
import { advance } from './session-progress.ts';

/** What the database has found of a session that was brought to it (H15). */
export function receiveAttachAnswer(
  front: Frontend,
  session: ClientSession,
  answer: AttachAnswer,
  out: SessionFrontendEffects,
): void {
  const { verdict } = answer;
  session.attachAsked = false;
  switch (verdict.kind) {
    case 'attached':
    case 'local':
      goOn(front, session, answer, out);
      // The upgrade was applied while this front-end had no stream.
      if (verdict.kind === 'attached' && session.scope === 'upgrading') {
        upgraded(front, session, answer.zxid, out);
      }
      break;
    case 'fenced':
      // Before its resume is applied the older connection's attachment is still installed.
      if (!askAgain(front, session, answer, out)) endAsFenced(front, session, out);
      break;
    case 'ended':
      endWithSession(front, session, verdict.end, answer.outcomes, out);
      break;
    case 'unknown':
      if (!askAgain(front, session, answer, out)) endAsForgotten(front, session, out);
      break;
    case 'refused': {
      // A restarted database may have to reach again what it has told this front-end itself.
      if (session.floor <= front.highestApplied) {
        session.mustAttach = true;
        break;
      }
      const reason = 'the zxid that the client claims to have seen is beyond every known epoch';
      endAsRefused(front, session, reason, out);
      break;
    }
  }
}

/** Where the answer is older than what is known of the session by now, it decides nothing. */
function askAgain(
  front: Frontend,
  session: ClientSession,
  answer: AttachAnswer,
  out: SessionFrontendEffects,
): boolean {
  if (session.phase === 'opening' || session.phase === 'resuming') {
    requestAttachment(front, session, out);
    return true;
  }
  if (answer.zxid >= session.floor) return false;
  if (session.attachFloor < session.floor) attach(front, session, out);
  else session.mustAttach = true;
  return true;
}

function goOn(
  front: Frontend,
  session: ClientSession,
  answer: AttachAnswer,
  out: SessionFrontendEffects,
): void {
  if (session.phase === 'opening') {
    greetOpened(front, session, answer.zxid, answer.timeoutMs, out);
    return;
  }
  if (session.phase === 'resuming') fencePredecessor(front, session, out);
  if (!session.greeted) {
    greetResumed(front, session, answer, out);
  } else {
    session.phase = 'live';
    session.attached = true;
    front.byId.set(session.session, session);
    session.attachedAt = answer.zxid;
    for (const outcome of answer.outcomes) session.settle(outcome);
    front.markDue(session);
  }
}

export function endAsFenced(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  const reason = 'the session was resumed by another connection';
  endSession(front, session, { cause: 'fenced', reason, outcomes: NO_OUTCOMES }, out);
  // Its successor may be a connection of this front-end, whose attach is on its way: events go there now.
  for (const other of front.byConnection.values()) {
    if (other.session === session.session) front.byId.set(other.session, other);
  }
}

/** The session is gone for good: by its own close, which is answered first, by its expiry (H20), or with all others. */
export function endWithSession(
  front: Frontend,
  session: ClientSession,
  end: SessionEnd,
  outcomes: readonly Outcome[],
  out: SessionFrontendEffects,
): void {
  if (session.isOwn) {
    endSession(front, session, { cause: 'expired', reason: '', outcomes }, out);
    return;
  }
  for (const outcome of outcomes) session.settle(outcome);
  if (session.greeted) advance(front, session, out);
  endSession(front, session, { cause: end, reason: END_REASONS[end], outcomes }, out);
}
