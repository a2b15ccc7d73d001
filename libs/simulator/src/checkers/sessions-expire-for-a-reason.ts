import { formatZxid } from '@paddock/model';
import type { Interval } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOfSession } from './names.ts';

/** So long a silence may have an effect beyond its end: a stage starts again, a client waits before it dials. */
const AFTERMATH_MS = 15_000;

/**
 * H16 c, H17 b: a session expires because its client has gone silent, or because something has kept its signs of life
 * from the processor; not because our disk, our broadcaster or our processor is slow, or the wall clock jumps.
 */
export function sessionsExpireForAReason({ history, log, broadcasts }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const { session: id, zxid, atMs } of broadcasts.expiries) {
    const change = log.find(zxid)?.transaction?.change;
    if (change?.kind !== 'closeSession' || change.session !== id) continue;
    const session = history.sessions.find((it) => it.id === id);
    if (session === undefined) continue;
    const isReason = ({ from, to }: Interval): boolean => from < atMs && to + AFTERMATH_MS > atMs;
    const reasons = [...history.silences, ...history.frontendAbsences, ...session.absences];
    if (reasons.some(isReason)) continue;
    violations.push(`${nameOfSession(session)} expires by ${formatZxid(zxid)} for no reason`);
  }
  return violations;
}
