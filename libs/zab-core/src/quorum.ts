import { assert, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, Zxid } from '@paddock/model';

/** Which voters said yes to one question: an epoch, a history, a round. */
export class Vote {
  readonly #quorum: Quorum;
  readonly #ayes: number[] = [];

  constructor(quorum: Quorum) {
    this.#quorum = quorum;
  }

  /** Others than voters do not count (observers never make a quorum). */
  add(replica: number): void {
    if (this.#quorum.isVoter(replica) && !this.#ayes.includes(replica)) this.#ayes.push(replica);
  }

  get isWon(): boolean {
    return this.#quorum.isMajority(this.#ayes.length);
  }
}

/** The voters of a configuration and what each has acknowledged; any two majorities share a voter. */
export class Quorum {
  readonly #voters: readonly number[];
  /** By position in #voters: everything up to here is durable there. Cumulative. */
  readonly #acknowledged: Zxid[];
  readonly #ascending: Zxid[];

  constructor(configuration: EnsembleConfiguration) {
    this.#voters = configuration.members
      .filter((member) => member.role === 'voter')
      .map((member) => member.replica);
    assert(this.#voters.length > 0, 'a configuration has at least one voter');
    this.#acknowledged = this.#voters.map(() => ZXID_ZERO);
    this.#ascending = this.#voters.map(() => ZXID_ZERO);
  }

  isVoter(replica: number): boolean {
    return this.#voters.includes(replica);
  }

  isMajority(count: number): boolean {
    return count * 2 > this.#voters.length;
  }

  acknowledge(replica: number, zxid: Zxid): void {
    const position = this.#voters.indexOf(replica);
    if (position < 0) return;
    const before = this.#acknowledged[position] ?? ZXID_ZERO;
    if (zxid > before) this.#acknowledged[position] = zxid;
  }

  /** The highest zxid that a majority has made durable. */
  acknowledgedByQuorum(): Zxid {
    const ascending = this.#ascending;
    for (let i = 0; i < ascending.length; i++) ascending[i] = this.#acknowledged[i] ?? ZXID_ZERO;
    if (ascending.length > 1) ascending.sort((a, b) => a - b);
    // With n voters the majority is floor(n/2)+1 of them: that many stand at or above this position.
    return ascending[Math.floor((ascending.length - 1) / 2)] ?? ZXID_ZERO;
  }
}
