import type { ReadOperation, ReadResult, SessionId } from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import { fewCount } from '../watches/few.ts';
import type { LiveSession } from './live-session.ts';

/** Of the replicated rows nothing that lets anyone resume a session; its watches where it is attached here. */
export function listSessions(
  { sessions, znodes }: DatabaseState,
  { afterSession, limit }: Extract<ReadOperation, { readonly kind: 'listSessions' }>,
  lives: ReadonlyMap<SessionId, LiveSession>,
): ReadResult {
  const page = sessions.sessionsAfter(afterSession, limit);
  return {
    kind: 'sessions',
    sessions: page.sessions.map((row) => {
      const live = lives.get(row.session);
      return {
        session: row.session,
        timeoutMs: row.timeoutMs,
        frontend: row.attachment.frontend,
        connection: row.attachment.connection,
        writes: row.lastSequence,
        outcomes: row.window.count,
        ephemerals: znodes.ephemeralCount(row.session),
        ephemeralBytes: row.ephemeralBytes,
        watches: live === undefined ? null : watchCount(live),
      };
    }),
    more: page.more,
  };
}

function watchCount(live: LiveSession): number {
  return (
    fewCount(live.znodeWatches) +
    fewCount(live.childWatches) +
    fewCount(live.persistentWatches) +
    fewCount(live.recursiveWatches)
  );
}
