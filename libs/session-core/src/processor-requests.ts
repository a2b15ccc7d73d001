import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';

/** Sends what installs the session's attachment; sent again unchanged it is the same open or resume (H3, H19). */
export function requestAttachment(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  const { attachment, secretHash, timeoutMs } = session;
  if (isToBeOpened(session)) {
    front.processor.send(
      { kind: 'openSession', session: session.session, secretHash, timeoutMs, attachment },
      out,
    );
  } else if (session.phase === 'resuming') {
    const { ackedThrough } = session;
    front.processor.send(
      { kind: 'resumeSession', session: session.session, secretHash, attachment, ackedThrough },
      out,
    );
  }
}

function isToBeOpened({ phase, scope }: ClientSession): boolean {
  return scope === 'upgrading' || (phase === 'opening' && scope === 'global');
}

/** A processor that was dialled anew, or a new term: it is sent, in order, all that is unsettled (H1). */
export function requestAgain(front: Frontend, out: SessionFrontendEffects): void {
  for (const session of front.byConnection.values()) {
    requestAttachment(front, session, out);
    session.forwardAgain();
    front.markDue(session);
  }
  front.touches.lost();
  front.readIndexes.sendAgain(front.processor, out);
}
