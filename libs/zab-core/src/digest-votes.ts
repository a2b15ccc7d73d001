import type { Zxid } from '@paddock/model';
import type { VoterIdentity, VotingRule } from './quorum.ts';
import { sameVoter } from './quorum.ts';

/** What a majority says of the state at a zxid; null: no majority agrees. */
export interface DigestVerdict {
  readonly zxid: Zxid;
  readonly digest: Uint8Array | null;
}

interface Opinion {
  readonly voter: VoterIdentity;
  readonly digest: Uint8Array;
}

interface Ballot {
  readonly zxid: Zxid;
  readonly opinions: Opinion[];
  isUndecided: boolean;
}

/** Ballots that wait for opinions: a replica that is further behind is not compared at the oldest. */
const BALLOTS = 16;

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The leader's comparison of what the voters' databases have come to, at agreed zxids (P10, H22). */
export class DigestVotes {
  #ballots: Ballot[] = [];
  #hasNews = false;

  forget(): void {
    this.#ballots = [];
    this.#hasNews = false;
  }

  report(voter: VoterIdentity, zxid: Zxid, digest: Uint8Array): void {
    let ballot = this.#ballots.find((it) => it.zxid === zxid);
    if (ballot === undefined) {
      ballot = { zxid, opinions: [], isUndecided: false };
      this.#ballots.push(ballot);
      if (this.#ballots.length > BALLOTS) this.#ballots.shift();
    }
    if (ballot.opinions.some((it) => sameVoter(it.voter, voter))) return;
    ballot.opinions.push({ voter, digest });
    this.#hasNews = true;
  }

  /** What has been decided since the last call. `reachable`: voters whose opinion may still come. */
  decide(rule: VotingRule, reachable: readonly VoterIdentity[]): readonly DigestVerdict[] {
    if (!this.#hasNews) return [];
    this.#hasNews = false;
    const verdicts: DigestVerdict[] = [];
    this.#ballots = this.#ballots.filter((ballot) => {
      const { zxid, opinions } = ballot;
      const winner = opinions.find(({ digest }) => rule.isWon(votersFor(opinions, digest)));
      if (winner !== undefined) {
        verdicts.push({ zxid, digest: winner.digest });
        return false;
      }
      // Opinions that cannot be had do not count against one that can still win (H22).
      const missing = reachable.filter(
        (voter) => !opinions.some((it) => sameVoter(it.voter, voter)),
      );
      const isOpen = opinions.some(({ digest }) =>
        rule.isWon([...votersFor(opinions, digest), ...missing]),
      );
      const differ = opinions.some(
        ({ digest }) => !sameBytes(digest, opinions[0]?.digest ?? digest),
      );
      if (!isOpen && differ && !ballot.isUndecided) {
        ballot.isUndecided = true;
        verdicts.push({ zxid, digest: null });
      }
      return true;
    });
    return verdicts;
  }
}

function votersFor(opinions: readonly Opinion[], digest: Uint8Array): readonly VoterIdentity[] {
  return opinions.filter((it) => sameBytes(it.digest, digest)).map((it) => it.voter);
}
