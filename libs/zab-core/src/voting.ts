import type {
  ElectionReply,
  ElectionRequest,
  ElectorIdentity,
  Epoch,
  HistoryEnd,
} from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Electors } from './electors.ts';
import type { Epochs } from './epochs.ts';
import { reaches } from './standing.ts';
import type { Standing } from './standing.ts';

interface Candidate {
  readonly link: number;
  identity: ElectorIdentity | null;
}

type State = Extract<ElectionReply, { readonly kind: 'state' }>;

/** Answers those who ask for this broadcaster's vote, and tells them how it stands. */
export class Voting {
  readonly #electors: Electors;
  readonly #epochs: Epochs;
  readonly #candidates: Candidate[] = [];
  /** As told last. */
  #state: State | null = null;

  constructor(electors: Electors, epochs: Epochs) {
    this.#electors = electors;
    this.#epochs = epochs;
  }

  connected(link: number, out: BroadcasterEffects): void {
    this.#candidates.push({ link, identity: null });
    if (this.#state !== null) out.candidates.push(link, this.#state);
  }

  ended(link: number): void {
    const at = this.#candidates.findIndex((it) => it.link === link);
    if (at >= 0) this.#candidates.splice(at, 1);
  }

  /** Tells every candidate what has changed. */
  tell(identity: ElectorIdentity, leads: Epoch, out: BroadcasterEffects): void {
    const acceptedEpoch = this.#epochs.accepted;
    const before = this.#state;
    const isSame =
      before?.acceptedEpoch === acceptedEpoch &&
      before.leads === leads &&
      before.identity === identity;
    if (isSame) return;
    this.#state = { kind: 'state', identity, acceptedEpoch, leads };
    for (const { link } of this.#candidates) out.candidates.push(link, this.#state);
  }

  /** True if an epoch is being accepted for a candidate. `isEngaged`: this broadcaster has a quorum's pre-votes. */
  receive(
    link: number,
    messages: readonly ElectionRequest[],
    standing: Standing,
    isEngaged: boolean,
    out: BroadcasterEffects,
  ): boolean {
    const candidate = this.#candidates.find((it) => it.link === link);
    if (candidate === undefined) return false;
    let hasVoted = false;
    for (const message of messages) {
      switch (message.kind) {
        case 'introduce':
          candidate.identity = message.identity;
          break;
        case 'preVote': {
          const refusal = this.#refusal(candidate, message.history, standing);
          const granted = refusal === null && !isEngaged;
          const { ballot } = message;
          const acceptedEpoch = this.#epochs.promised;
          out.candidates.push(link, { kind: 'preVoteAnswer', ballot, granted, acceptedEpoch });
          break;
        }
        case 'vote':
          if (this.#vote(candidate, message.epoch, message.history, standing, out)) hasVoted = true;
          break;
      }
    }
    return hasVoted;
  }

  /** An epoch is durably accepted: its candidate may know. */
  accepted(link: number, epoch: Epoch, out: BroadcasterEffects): void {
    if (!this.#candidates.some((it) => it.link === link)) return;
    const acceptedEpoch = this.#epochs.accepted;
    out.candidates.push(link, { kind: 'voteAnswer', epoch, granted: true, acceptedEpoch });
  }

  #vote(
    candidate: Candidate,
    epoch: Epoch,
    history: HistoryEnd,
    standing: Standing,
    out: BroadcasterEffects,
  ): boolean {
    const { link } = candidate;
    const isNew = epoch > this.#epochs.promised;
    if (isNew && this.#refusal(candidate, history, standing) === null) {
      const { voters } = standing.identity;
      if (this.#electors.isPlausible(epoch, this.#epochs.accepted, voters)) {
        this.#epochs.accept(epoch, { kind: 'vote', link }, out);
        return true;
      }
      out.events.push({
        level: 'error',
        message: 'an epoch far above every known one was claimed, and is not believed',
        epoch,
        detail: { claimedBy: candidate.identity?.replica ?? 0, accepted: this.#epochs.accepted },
      });
    }
    const acceptedEpoch = this.#epochs.accepted;
    out.candidates.push(link, { kind: 'voteAnswer', epoch, granted: false, acceptedEpoch });
    return false;
  }

  /** Why this candidate cannot have this broadcaster's vote; null: it can. */
  #refusal(candidate: Candidate, history: HistoryEnd, standing: Standing): string | null {
    const { identity } = candidate;
    if (identity === null) return 'the candidate has not said who it is';
    if (standing.hasLeader) return 'there is a leader';
    if (standing.isUnsettled) return 'the history is being changed';
    const own = standing.identity.clusterId;
    if (own !== '' && identity.clusterId !== own) return 'it is not of this ensemble';
    if (!reaches(history, standing.history)) return 'this history is longer';
    return null;
  }
}
