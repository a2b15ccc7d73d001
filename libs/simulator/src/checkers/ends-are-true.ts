import type { SessionEnd, SessionId } from '@paddock/model';
import type { CommittedLog } from '../record/committed-log.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOfSession } from './names.ts';

/** H20: a client is told how its session has ended as it has: by its expiry, or with all others by a restoration. */
export function endsAreTrue({ history, log }: CheckedRun): string[] {
  const violations: string[] = [];
  const ends = endsOf(log);
  for (const session of history.sessions) {
    for (const delivery of session.deliveries) {
      if (delivery.kind !== 'state' || session.id === null) continue;
      const { end } = delivery;
      if (end !== 'expired' && end !== 'restored') continue;
      const was = [...(ends.get(session.id) ?? [])];
      if (was.includes(end)) continue;
      const how = was.length === 0 ? 'has not ended' : `has ended as ${was.join(', ')}`;
      violations.push(`${nameOfSession(session)} was told that it has ${end}, and it ${how}`);
    }
  }
  return violations;
}

/** A session of which nobody was told anything may be opened again. */
function endsOf(log: CommittedLog): ReadonlyMap<SessionId, ReadonlySet<SessionEnd>> {
  const ends = new Map<SessionId, Set<SessionEnd>>();
  const open = new Set<SessionId>();
  const note = (session: SessionId, end: SessionEnd): void => {
    const known = ends.get(session);
    if (known === undefined) ends.set(session, new Set([end]));
    else known.add(end);
    open.delete(session);
  };
  for (const { transaction, backup } of log.entries) {
    if (backup !== null) for (const session of open) note(session, 'restored');
    const change = transaction?.change;
    if (change?.kind === 'openSession') open.add(change.session);
    if (change?.kind === 'closeSession') note(change.session, change.end);
  }
  return ends;
}
