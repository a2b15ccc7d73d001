import { formatZxid } from '@paddock/model';
import type { History, Interval, SessionRecord } from '../record/history.ts';
import type { ProposedExpiry } from '../record/broadcast-record.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOfSession } from './names.ts';

/**
 * H16 and H17: no session expires whose client was connected to a running front-end for the whole timeout before; and
 * when one expires, its client, if it runs at all, has counted it for lost already.
 */
export function sessionsLiveWhileAlive({ history, log, broadcasts }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const expiry of broadcasts.expiries) {
    const transaction = log.find(expiry.zxid)?.transaction;
    const { change } = transaction ?? {};
    // Lost with its term: then it has decided nothing.
    if (change?.kind !== 'closeSession' || change.session !== expiry.session) continue;
    const session = history.sessions.find((it) => it.id === expiry.session);
    if (session === undefined) continue;
    const name = `${nameOfSession(session)}, which expires by ${formatZxid(expiry.zxid)},`;
    if (wasConnected(session, history, expiry)) {
      violations.push(`${name} was connected all the time`);
    }
    if (believesToLive(session, expiry)) violations.push(`${name} does not count itself for lost`);
  }
  return violations;
}

function wasConnected(session: SessionRecord, history: History, { atMs }: ProposedExpiry): boolean {
  const from = atMs - session.timeoutMs;
  const connection = session.connections.find((it) => it.from <= from && it.to >= atMs);
  if (connection === undefined) return false;
  const { replica } = connection;
  const touches = (it: Interval): boolean => it.from < atMs && it.to > from;
  const ofReplica = [...history.frontendAbsences, ...history.clientStalls].filter(
    (it) => it.replica === replica,
  );
  return ![...session.absences, ...ofReplica].some(touches);
}

/** A client that stands still right now cannot know; it will before it acts. */
function believesToLive(session: SessionRecord, { atMs }: ProposedExpiry): boolean {
  if (session.absences.some((it) => it.from <= atMs && it.to >= atMs)) return false;
  let state = 'connecting';
  for (const delivery of session.deliveries) {
    if (delivery.at.ms > atMs) break;
    if (delivery.kind === 'state') state = delivery.state;
  }
  return state === 'connected' || state === 'suspended';
}
