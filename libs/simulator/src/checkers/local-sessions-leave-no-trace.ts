import { isWrite } from '../record/history.ts';
import type { SessionRecord } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOfSession } from './names.ts';

/** H19 c: no replica but its own hears of a local session whose client has nothing to write, nor of its end. */
export function localSessionsLeaveNoTrace({ history, log }: CheckedRun): string[] {
  const concerned = new Set<number>();
  for (const { change } of log.transactions()) {
    if ('session' in change) concerned.add(change.session);
  }
  return history.sessions.flatMap((session) => {
    if (wantsToWrite(session)) return [];
    return session.localIds
      .filter((id) => concerned.has(id))
      .map((id) => `${nameOfSession(session)} wrote nothing, and the log knows of ${id}`);
  });
}

function wantsToWrite({ operations }: SessionRecord): boolean {
  return operations.some(({ operation }) => {
    return isWrite(operation) && operation.kind !== 'closeSession';
  });
}
