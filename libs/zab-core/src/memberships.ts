import { assert, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, ReplicaMember, ReplicaRole, Zxid } from '@paddock/model';
import type { DatedConfiguration } from './broadcaster-event.ts';
import { Quorum, sameVoter, votersOf } from './quorum.ts';
import type { VoterIdentity } from './quorum.ts';

/** The configurations that matter: the newest is obeyed from its append on, the last committed one beside it (H11). */
export class Memberships {
  /** Counts up whenever other votes count than before. */
  revision = 0;

  #dated: DatedConfiguration[] = [];
  /** Of a change whose commit no entry behind it in the log tells of; ZXID_ZERO: there is none. */
  #unrecorded: Zxid = ZXID_ZERO;
  /** The entry that tells of it: once that is committed, the logs of a quorum do. */
  #recordedBy: Zxid = ZXID_ZERO;

  recover(dated: readonly DatedConfiguration[], committed: Zxid): void {
    assert(dated.length > 0, 'a log has the configuration of its base');
    this.#dated = [...dated];
    this.settle(committed);
    // That is what the log itself tells.
    this.#unrecorded = ZXID_ZERO;
    this.#recordedBy = ZXID_ZERO;
    this.revision++;
  }

  get current(): EnsembleConfiguration {
    const newest = this.#dated[this.#dated.length - 1];
    assert(newest !== undefined, 'membership is known once the log is recovered');
    return newest.configuration;
  }

  get isKnown(): boolean {
    return this.#dated.length > 0;
  }

  /** False: this replica has never been part of an ensemble (H7). */
  get isFormed(): boolean {
    return this.isKnown && this.current.clusterId !== '';
  }

  /** True while a change is appended and not committed: the next one waits. */
  get isChanging(): boolean {
    return this.#dated.length > 1;
  }

  quorum(): Quorum {
    const formed = this.#dated.map((it) => it.configuration).filter((it) => it.clusterId !== '');
    return new Quorum(formed.length > 0 ? formed : [this.current]);
  }

  /** The replicas whose votes count now, of whatever life, ascending. */
  get voters(): readonly number[] {
    return votersOf(this.current)
      .map((it) => it.replica)
      .sort((a, b) => a - b);
  }

  isVoter(voter: VoterIdentity): boolean {
    return this.current.members.some(
      (it) =>
        it.role === 'voter' && it.replica === voter.replica && it.incarnation === voter.incarnation,
    );
  }

  append(zxid: Zxid, configuration: EnsembleConfiguration): void {
    this.#dated.push({ zxid, configuration });
    this.revision++;
  }

  /** Up to here all is committed: an older configuration plays no part any more. */
  settle(committed: Zxid): void {
    const newest = this.#dated.findLastIndex((it) => it.zxid <= committed);
    if (newest <= 0) return;
    const before = this.#dated[newest - 1];
    this.#dated = this.#dated.slice(newest);
    const now = this.#dated[0];
    if (before !== undefined && now !== undefined && !haveSameVoters(before, now)) {
      this.#unrecorded = now.zxid;
    }
    this.revision++;
  }

  /** An entry was appended, up to `last`, that names this commit point (H9). */
  recorded(committed: Zxid, last: Zxid): void {
    if (this.#unrecorded === ZXID_ZERO || committed < this.#unrecorded) return;
    this.#unrecorded = ZXID_ZERO;
    this.#recordedBy = last;
  }

  /** The last change is committed, and the logs of a quorum tell so: whoever it left out is needed no more. */
  isSettled(committed: Zxid): boolean {
    return !this.isChanging && !this.isUnrecorded && committed >= this.#recordedBy;
  }

  /** Everybody who votes, of this configuration and of the one before it while the change is not committed. */
  get electorate(): readonly ReplicaMember[] {
    const all: ReplicaMember[] = [];
    for (const { configuration } of this.#dated.toReversed()) {
      for (const member of configuration.members) {
        const isKnown = all.some((it) => it.replica === member.replica);
        if (member.role === 'voter' && !isKnown) all.push(member);
      }
    }
    return all;
  }

  /** As it is listed; `unlisted` where it is not. */
  roleOf(replica: number, unlisted: ReplicaRole): ReplicaRole {
    return this.current.members.find((it) => it.replica === replica)?.role ?? unlisted;
  }

  isRemoved(life: VoterIdentity): boolean {
    return this.current.removed.some((it) => sameVoter(it, life));
  }

  /**
   * Voters were replaced, and a log that ends here does not know that this is committed: whoever restarts with it still
   * needs a quorum of the old ones too, whose disks may be gone.
   */
  get isUnrecorded(): boolean {
    return this.#unrecorded !== ZXID_ZERO;
  }

  truncate(last: Zxid): void {
    const kept = this.#dated.filter((it) => it.zxid <= last);
    assert(kept.length > 0, 'a committed configuration is not truncated');
    if (kept.length < this.#dated.length) this.revision++;
    this.#dated = kept;
  }

  restart(base: Zxid, configuration: EnsembleConfiguration): void {
    this.#dated = [{ zxid: base, configuration }];
    this.#unrecorded = ZXID_ZERO;
    this.#recordedBy = ZXID_ZERO;
    this.revision++;
  }
}

function haveSameVoters(a: DatedConfiguration, b: DatedConfiguration): boolean {
  const [before, after] = [votersOf(a.configuration), votersOf(b.configuration)];
  return (
    before.length === after.length && before.every((it) => after.some((one) => sameVoter(it, one)))
  );
}
