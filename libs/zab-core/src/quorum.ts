import { assert, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, Zxid } from '@paddock/model';

/** One life of a voter: an emptied disk is a new one (H7). */
export interface VoterIdentity {
  readonly replica: number;
  readonly incarnation: number;
}

/** Which votes count, and when they suffice. */
export interface VotingRule {
  counts(voter: VoterIdentity): boolean;
  isWon(ayes: readonly VoterIdentity[]): boolean;
}

export function sameVoter(a: VoterIdentity, b: VoterIdentity): boolean {
  return a.replica === b.replica && a.incarnation === b.incarnation;
}

/** Who said yes to one question: an epoch, a history, a round. */
export class Vote {
  readonly #rule: VotingRule;
  readonly #ayes: VoterIdentity[] = [];

  constructor(rule: VotingRule) {
    this.#rule = rule;
  }

  /** Others than voters do not count (observers and emptied disks never make a quorum). */
  add(voter: VoterIdentity): void {
    if (!this.#rule.counts(voter)) return;
    if (!this.#ayes.some((it) => sameVoter(it, voter))) this.#ayes.push(voter);
  }

  get ayes(): readonly VoterIdentity[] {
    return this.#ayes;
  }

  get isWon(): boolean {
    return this.#rule.isWon(this.#ayes);
  }
}

export function votersOf(configuration: EnsembleConfiguration): readonly VoterIdentity[] {
  return configuration.members.filter((member) => member.role === 'voter');
}

/**
 * A majority of the voters; while a change of membership is not committed, one of the old and one of the new (H11).
 * Any two quorums share a voter.
 */
export class Quorum implements VotingRule {
  readonly #configurations: readonly (readonly VoterIdentity[])[];
  /** Everything up to here is durable there. Cumulative. */
  readonly #acknowledged = new Map<VoterIdentity, Zxid>();

  constructor(configurations: readonly EnsembleConfiguration[]) {
    this.#configurations = configurations.map(votersOf);
    assert(
      this.#configurations.length > 0 && this.#configurations.every((voters) => voters.length > 0),
      'a configuration has at least one voter',
    );
  }

  counts(voter: VoterIdentity): boolean {
    return this.#configurations.some((voters) => voters.some((it) => sameVoter(it, voter)));
  }

  isWon(ayes: readonly VoterIdentity[]): boolean {
    return this.#configurations.every((voters) => {
      let count = 0;
      for (const voter of voters) if (ayes.some((aye) => sameVoter(aye, voter))) count++;
      return count * 2 > voters.length;
    });
  }

  acknowledge(voter: VoterIdentity, zxid: Zxid): void {
    for (const voters of this.#configurations) {
      for (const it of voters) {
        if (!sameVoter(it, voter)) continue;
        if (zxid > (this.#acknowledged.get(it) ?? ZXID_ZERO)) this.#acknowledged.set(it, zxid);
      }
    }
  }

  /** The highest zxid that a quorum has made durable. */
  acknowledgedByQuorum(): Zxid {
    let least: Zxid | null = null;
    for (const voters of this.#configurations) {
      const ascending: Zxid[] = [];
      for (const voter of voters) ascending.push(this.#acknowledged.get(voter) ?? ZXID_ZERO);
      if (ascending.length > 1) ascending.sort((a, b) => a - b);
      // With n voters the majority is floor(n/2)+1 of them: that many stand at or above this position.
      const reached = ascending[Math.floor((ascending.length - 1) / 2)] ?? ZXID_ZERO;
      if (least === null || reached < least) least = reached;
    }
    return least ?? ZXID_ZERO;
  }
}

/** The first epoch of an ensemble needs every voter that was listed for it, whatever its incarnation (H7). */
export class FoundingRule implements VotingRule {
  readonly #voters: readonly number[];

  constructor(voters: readonly number[]) {
    this.#voters = voters;
  }

  counts(voter: VoterIdentity): boolean {
    return this.#voters.includes(voter.replica);
  }

  isWon(ayes: readonly VoterIdentity[]): boolean {
    return this.#voters.every((replica) => ayes.some((aye) => aye.replica === replica));
  }
}
