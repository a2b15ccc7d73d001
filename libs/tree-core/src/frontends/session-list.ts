import type { ReadOperation, ReadResult, SessionInfo } from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import type { Session } from '../sessions/session.ts';
import { fewCount } from '../watches/few.ts';
import type { LiveSession } from './live-session.ts';
import type { LiveSessions } from './live-sessions.ts';

/**
 * Of the replicated rows nothing that lets anyone resume a session; its watches where it is attached here. Local
 * sessions are among them where they are attached here.
 */
export function listSessions(
  { sessions, znodes }: DatabaseState,
  { afterSession, limit }: Extract<ReadOperation, { readonly kind: 'listSessions' }>,
  lives: LiveSessions,
): ReadResult {
  const rows = sessions.sessionsAfter(afterSession, limit);
  const locals = lives.localPage(afterSession, limit);
  const infoOf = (row: Session, live: LiveSession | undefined, isLocal: boolean): SessionInfo => ({
    session: row.session,
    timeoutMs: row.timeoutMs,
    frontend: row.attachment.frontend,
    connection: row.attachment.connection,
    writes: row.lastSequence,
    outcomes: row.window.count,
    ephemerals: isLocal ? 0 : znodes.ephemeralCount(row.session),
    ephemeralBytes: row.ephemeralBytes,
    watches: live === undefined ? null : watchCount(live),
    isLocal,
  });
  const listed = rows.sessions.map((row) => infoOf(row, lives.get(row.session), false));
  if (locals.sessions.length > 0) {
    for (const live of locals.sessions) listed.push(infoOf(live.row, live, true));
    listed.sort((a, b) => a.session - b.session);
  }
  const more = rows.more || locals.more || listed.length > limit;
  return { kind: 'sessions', sessions: listed.slice(0, limit), more };
}

function watchCount(live: LiveSession): number {
  return (
    fewCount(live.znodeWatches) +
    fewCount(live.childWatches) +
    fewCount(live.persistentWatches) +
    fewCount(live.recursiveWatches)
  );
}
