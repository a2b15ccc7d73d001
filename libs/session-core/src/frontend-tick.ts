import { TERM_ZERO } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { passTimeOfLocal } from './local-sessions.ts';
import { attach } from './session-opening.ts';
import { dropExpired } from './session-identities.ts';
import { endReadOnly } from './read-only-sessions.ts';
import { endAsElsewhere } from './session-ending.ts';
import { failOverdueCalls } from './unary-requests.ts';

/** What time decides: who is touched, who has waited too long, what is dialled again. */
export function passTime(front: Frontend, out: SessionFrontendEffects): void {
  const { database, nowMs, processor, timing, unary } = front;
  const gapMs = nowMs - front.lastTickMs;
  if (gapMs > 2 * timing.tickMs) {
    // This front-end stood still: what was answered meanwhile is still in its sockets.
    front.touches.graceFrom(nowMs);
    if (!database.isUp) database.lostAtMs += gapMs;
  }
  front.lastTickMs = nowMs;
  for (const session of front.byConnection.values()) {
    if (session.phase === 'readOnly') endReadOnly(front, session, out);
    else if (!session.isOwn) checkPatience(front, session, out);
    dropExpired(front, session, out);
    if (session.mustAttach && database.isOpen) attach(front, session, out);
    passTimeOfLocal(front, session, Math.min(gapMs, 2 * timing.tickMs), out);
    if (session.phase === 'live') acknowledgeIdle(front, session, out);
  }
  if (nowMs >= front.nextTouchMs) {
    front.nextTouchMs = nowMs + timing.tickMs / 2;
    const { batchOperations } = front.limits;
    front.touches.send(front.byConnection.values(), nowMs, batchOperations, processor, out);
  }
  front.watches.endExpired(nowMs, database, out);
  const refusal = front.refusal();
  if (refusal !== null) front.watches.endAll('notServing', refusal, out);
  failOverdueCalls(front, out);
  front.rates.prune(nowMs);
  front.readIndexes.prune((ticket) => unary.get(ticket) !== undefined);
  front.hasProgressed = true;
}

/** Ends the connections that waited too long: for their own word, for the database, for the leader. */
function checkPatience(front: Frontend, session: ClientSession, out: SessionFrontendEffects): void {
  const { database, nowMs, processor } = front;
  const { timeoutMs } = session;
  const waitedMs = nowMs - session.handshakeSinceMs;
  if (session.phase === 'waiting') {
    // Its first word may be on its way, or wait where nobody reads: no breach that would end its session.
    if (waitedMs > timeoutMs) endAsElsewhere(front, session, 'neither open nor resume came', out);
    return;
  }
  if (nowMs - session.answers.fullSinceMs > timeoutMs) {
    endAsElsewhere(front, session, 'the client does not read what it is sent', out);
    return;
  }
  if (!database.isUp) {
    if (!database.isOpen && processor.isRefused) {
      endAsElsewhere(front, session, 'this replica knows neither its database nor the term', out);
    } else if (nowMs - database.lostAtMs > timeoutMs / 3) {
      const reason = database.refusal ?? 'this replica has lost its database';
      endAsElsewhere(front, session, reason, out);
    }
    return;
  }
  if (!session.attached && waitedMs > timeoutMs) {
    endAsElsewhere(front, session, 'the session could not be attached in time', out);
    return;
  }
  const isHeld = database.termHeld && processor.term !== TERM_ZERO;
  // Before its first answer a session has not been told to live, and has the patience of an attach.
  if (isHeld && session.greeted && front.touches.isOverdue(session, nowMs)) {
    endAsElsewhere(front, session, 'the leader does not acknowledge this replica', out);
  }
}

/** Acknowledged outcomes of sessions that write nothing at present (H21 b). */
function acknowledgeIdle(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  const through = session.isOwn ? session.settledThrough : session.ackedThrough;
  if (through <= session.ackSent || !front.processor.isReady) return;
  session.ackSent = through;
  const { attachment } = session;
  front.processor.send({ kind: 'acknowledge', session: session.session, attachment, through }, out);
}
