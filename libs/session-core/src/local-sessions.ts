import { maxZxid, parseZnodePath } from '@paddock/model';
import type { ClientOperation, OperationResult, SessionRequest, Zxid } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { requestAttachment } from './processor-requests.ts';
import { endAsRefused, endSession, NO_OUTCOMES } from './session-ending.ts';
import { advance } from './session-progress.ts';

// A local session has no row: nobody has to agree on it, and nobody keeps it but this front-end and its database, as
// long as its connection lives. So what needs a row, exactly-once and ephemerals, needs an upgrade first, which opens
// it for all replicas under the id, the secret and the attachment that it has (H19 c).

/** The reason to refuse it: a watch of an earlier local session that cannot be one. */
export function beginLocal(
  session: ClientSession,
  { watches }: NonNullable<Extract<SessionRequest, { kind: 'open' }>['local']>,
  floor: Zxid,
): string | undefined {
  for (const { kind, path, from } of watches) {
    const parsed = parseZnodePath(path);
    if (!parsed.ok) return parsed.reason;
    session.watches.add(kind, parsed.path, from);
  }
  session.scope = 'local';
  session.floor = floor;
  return undefined;
}

/** Sent by a client that has something to write; nothing of that is on its way yet. */
export function upgrade(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  if (session.phase !== 'live' || session.scope !== 'local') {
    endAsRefused(front, session, 'there is no local session to be upgraded', out);
    return;
  }
  session.scope = 'upgrading';
  requestAttachment(front, session, out);
}

/** The database has a row of it: from here on every rule of a global session holds. */
export function upgraded(
  front: Frontend,
  session: ClientSession,
  zxid: Zxid,
  out: SessionFrontendEffects,
): void {
  session.scope = 'global';
  // What was answered before shows older states (P3).
  advance(front, session, out);
  session.floor = maxZxid(session.floor, zxid);
  out.clients.push(session.link, { kind: 'upgraded', zxid });
  const message = 'a local session was upgraded';
  out.events.push({ level: 'info', message, session: session.session, zxid });
}

/** Why a session without a row cannot take it; null: it can. */
export function refusalOfLocal(
  { scope }: ClientSession,
  operation: ClientOperation,
): string | null {
  if (scope === 'global' || (scope === 'local' && operation.kind === 'closeSession')) return null;
  return 'a local session writes nothing before it is upgraded';
}

/** Its own connection is what keeps it: a sign of life need not reach anybody else. */
export function acknowledgeLocal(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  // While it is upgraded the leader counts, which may have begun to (H17).
  if (session.scope !== 'local' || session.phase !== 'live') return;
  const { heartbeat: acknowledged } = session;
  if (acknowledged <= session.heartbeatAcknowledged) return;
  session.heartbeatAcknowledged = acknowledged;
  const covered = session.covered(front.database.applied);
  out.clients.push(session.link, { kind: 'heartbeat', acknowledged, covered });
}

/** On a tick; `passedMs` is no more than two of them, however long this front-end stood still (H17). */
export function passTimeOfLocal(
  front: Frontend,
  session: ClientSession,
  passedMs: number,
  out: SessionFrontendEffects,
): void {
  if (session.scope !== 'local' || session.phase !== 'live') return;
  // Of a client that is not read nothing can be heard (H16 c).
  if (session.alive || session.pausedHere || session.pausedByDriver) session.silentMs = 0;
  else session.silentMs += passedMs;
  session.alive = false;
  if (session.silentMs <= session.timeoutMs) return;
  const reason = 'the local session has expired';
  endSession(front, session, { cause: 'expired', reason, outcomes: NO_OUTCOMES }, out);
}

/** What its close comes to: there is nothing to be ended but the connection. */
export const LOCAL_CLOSED: OperationResult = { kind: 'closed' };
