import type { EnsembleConfiguration } from '@paddock/model';
import type { Ensemble } from './ensemble.ts';
import type { Learner } from './learner.ts';
import { sameVoter } from './quorum.ts';

/** Has the new life of a voter that lost its disk listed in the place of the old one (H7). */
export class Admission {
  readonly #ensemble: Ensemble;

  constructor(ensemble: Ensemble) {
    this.#ensemble = ensemble;
  }

  /**
   * The membership that lists a new life which has synchronized while its old one is gone; and once that is committed
   * the same again, whose entry tells every log so. Null: nothing is to be changed, or something is under way.
   */
  wanted(learners: readonly Learner[]): EnsembleConfiguration | null {
    const { memberships, self } = this.#ensemble;
    if (memberships.isChanging) return null;
    const { current } = memberships;
    if (memberships.isUnrecorded) return current;
    for (const { identity, isUpToDate } of learners) {
      if (!isUpToDate || memberships.isRemoved(identity)) continue;
      const { replica, incarnation } = identity;
      const listed = current.members.find((it) => it.replica === replica);
      if (listed === undefined || listed.incarnation === incarnation) continue;
      const isOldHere =
        sameVoter(listed, self) || learners.some((it) => sameVoter(it.identity, listed));
      if (isOldHere) continue;
      const members = current.members.map((it) => (it === listed ? { ...it, incarnation } : it));
      return { ...current, version: current.version + 1, members };
    }
    return null;
  }
}
