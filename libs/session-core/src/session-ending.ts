import type { ConnectionEnd, Failed, Outcome, SessionEnd } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { forgetProving } from './proving.ts';
import { deliver } from './session-progress.ts';
import { replaceOwnSession } from './unary-requests.ts';

export interface SessionEnding {
  readonly cause: ConnectionEnd;
  readonly reason: string;
  /** Outcomes that the client has not acknowledged, from a tombstone (H20). */
  readonly outcomes: readonly Outcome[];
  /** Of a session that was not opened: the limit that it was refused for. */
  readonly refusal?: Failed;
}

export const NO_OUTCOMES: readonly Outcome[] = [];

export const END_REASONS: Readonly<Record<SessionEnd, string>> = {
  closed: 'the session was closed',
  expired: 'the session has expired',
  restored: 'the ensemble was brought to the state of a backup, and every session has ended',
};

/** Says why to the client, as the last message of the connection, and forgets the session. */
export function endSession(
  front: Frontend,
  session: ClientSession,
  ending: SessionEnding,
  out: SessionFrontendEffects,
): void {
  if (session.phase === 'ended') return;
  if (session.isOwn) {
    forgetSession(front, session, out);
    replaceOwnSession(front, session, ending, out);
    return;
  }
  if (session.greeted) deliver(front, session, out);
  const { cause, reason } = ending;
  out.clients.push(session.link, { kind: 'ended', ...ending });
  const linkCause = cause === 'refused' ? 'refused' : 'closed';
  out.closeClients.push({ link: session.link, end: { cause: linkCause, reason } });
  if (cause !== 'closed') {
    out.events.push({
      level: cause === 'refused' ? 'warn' : 'info',
      message: 'a connection was ended',
      session: session.session,
      detail: { cause, reason },
    });
  }
  forgetSession(front, session, out);
}

/** A connection that is gone leaves nothing here: what it had sent is settled when its client resumes (H3). */
export function forgetSession(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  session.phase = 'ended';
  session.attached = false;
  if (!session.isOwn) {
    front.byLink.delete(session.link);
    const { operations } = session;
    while (operations.head < operations.tail) {
      front.heldBytes -= operations.at(operations.head).bytes;
      operations.pop();
    }
  }
  front.byConnection.delete(session.connection);
  front.paused.delete(session);
  forgetProving(front, session);
  if (front.byId.get(session.session) !== session) return;
  front.byId.delete(session.session);
  const { database } = front;
  const { attachment } = session;
  if (database.isOpen) {
    database.send({ kind: 'detach', session: session.session, attachment }, out);
  }
}

/** To whoever can be served elsewhere: this replica cannot (H25). */
export function endAsElsewhere(
  front: Frontend,
  session: ClientSession,
  reason: string,
  out: SessionFrontendEffects,
): void {
  endSession(front, session, { cause: 'resumeElsewhere', reason, outcomes: NO_OUTCOMES }, out);
}

/** For a breach of the stream's rules by the client. */
export function endAsRefused(
  front: Frontend,
  session: ClientSession,
  reason: string,
  out: SessionFrontendEffects,
  refusal?: Failed,
): void {
  const ending = { cause: 'refused', reason, outcomes: NO_OUTCOMES } as const;
  endSession(front, session, refusal === undefined ? ending : { ...ending, refusal }, out);
}

/** Its tombstone has been dropped, too (H20): nobody can say any more what became of its last writes. */
export function endAsForgotten(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  const reason = 'the session ended long ago, and what became of its last writes is not known';
  endSession(front, session, { cause: 'forgotten', reason, outcomes: NO_OUTCOMES }, out);
}
