import { assert } from '@paddock/model';
import type { EnsembleConfiguration, Zxid } from '@paddock/model';
import type { DatedConfiguration } from './broadcaster-event.ts';
import { Quorum } from './quorum.ts';
import type { VoterIdentity } from './quorum.ts';

/** The configurations that matter: the newest is obeyed from its append on, the last committed one beside it (H11). */
export class Memberships {
  #dated: DatedConfiguration[] = [];

  recover(dated: readonly DatedConfiguration[], committed: Zxid): void {
    assert(dated.length > 0, 'a log has the configuration of its base');
    this.#dated = [...dated];
    this.settle(committed);
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

  isVoter(voter: VoterIdentity): boolean {
    return this.current.members.some(
      (it) =>
        it.role === 'voter' && it.replica === voter.replica && it.incarnation === voter.incarnation,
    );
  }

  append(zxid: Zxid, configuration: EnsembleConfiguration): void {
    this.#dated.push({ zxid, configuration });
  }

  /** True if that ended the part of an older configuration. */
  settle(committed: Zxid): boolean {
    const newest = this.#dated.findLastIndex((it) => it.zxid <= committed);
    if (newest <= 0) return false;
    this.#dated = this.#dated.slice(newest);
    return true;
  }

  truncate(last: Zxid): void {
    const kept = this.#dated.filter((it) => it.zxid <= last);
    assert(kept.length > 0, 'a committed configuration is not truncated');
    this.#dated = kept;
  }

  restart(base: Zxid, configuration: EnsembleConfiguration): void {
    this.#dated = [{ zxid: base, configuration }];
  }
}
