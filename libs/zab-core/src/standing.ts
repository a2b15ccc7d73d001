import type { ElectorIdentity, HistoryEnd } from '@paddock/model';
import type { VotingRule } from './quorum.ts';

/** How this broadcaster stands at the moment of a vote, its own or another's. */
export interface Standing {
  readonly identity: ElectorIdentity;
  readonly history: HistoryEnd;
  /** By which votes for this broadcaster count. */
  readonly rule: VotingRule;
  /** A leader was heard of late, or this broadcaster leads: nobody else is voted for. */
  readonly hasLeader: boolean;
  /** The history is being written or changed: it cannot be compared. */
  readonly isUnsettled: boolean;
  /** Null: it may stand. Otherwise why not, in words for an operator. */
  readonly mayNotStand: string | null;
  /** Without its database or its processor it stands only when nobody else does (H18). */
  readonly isHandicapped: boolean;
}

/** True if whoever has `theirs` misses nothing that `ours` has: the later epoch wins, then the higher zxid. */
export function reaches(theirs: HistoryEnd, ours: HistoryEnd): boolean {
  if (theirs.currentEpoch !== ours.currentEpoch) return theirs.currentEpoch > ours.currentEpoch;
  return theirs.lastZxid >= ours.lastZxid;
}
