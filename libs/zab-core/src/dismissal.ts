import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Ensemble } from './ensemble.ts';
import type { LearnerStreams } from './learner-streams.ts';

/** Who was removed hears of it, and is heard no more: the change is settled, so that nobody will ask for its vote. */
export function dismissRemoved(
  { memberships, history }: Ensemble,
  learners: LearnerStreams,
  out: BroadcasterEffects,
): void {
  const { removed, version } = memberships.current;
  if (removed.length === 0 || !memberships.isSettled(history.committed)) return;
  for (const { link, state, identity } of [...learners.all]) {
    if (state === 'connected' || !memberships.isRemoved(identity)) continue;
    out.learners.push(link, { kind: 'removed', version });
    learners.disconnect(link);
    const reason = `replica ${identity.replica} was removed from the ensemble`;
    out.closeLearners.push({ link, end: { cause: 'refused', reason } });
    out.events.push({ level: 'info', message: 'a removed replica is told so', detail: { reason } });
  }
}
