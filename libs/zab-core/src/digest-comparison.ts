import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Delivery } from './delivery.ts';
import type { DigestVerdict } from './digest-votes.ts';
import type { Ensemble } from './ensemble.ts';
import type { Following } from './following.ts';
import type { Leadership } from './leadership.ts';
import { OwnDigests } from './own-digests.ts';
import type { OwnVerdict } from './own-digests.ts';

/** Carries the digests of this replica's database to the vote on them, and the verdicts back (P10, H22). */
export class DigestComparison {
  readonly #ensemble: Ensemble;
  readonly #delivery: Delivery;
  readonly #own = new OwnDigests();

  constructor(ensemble: Ensemble, delivery: Delivery) {
    this.#ensemble = ensemble;
    this.#delivery = delivery;
  }

  forget(link: number): void {
    this.#own.forget(link);
  }

  /** True if a database of this replica was found wrong. */
  advance(
    leadership: Leadership | null,
    following: Following | null,
    out: BroadcasterEffects,
  ): boolean {
    let isContradicted = false;
    const { digests } = this.#delivery;
    if (digests.length > 0) this.#delivery.digests = [];
    for (const told of digests) {
      if (leadership !== null) {
        this.#ensemble.digests.report(this.#ensemble.self, told.zxid, told.digest);
      } else following?.digest(told.zxid, told.digest, out);
      const verdict = this.#own.told(told);
      if (verdict !== null && this.#tell(verdict, out)) isContradicted = true;
    }
    for (const verdict of this.#verdicts(leadership, following, out)) {
      for (const own of this.#own.decided(verdict)) {
        if (this.#tell(own, out)) isContradicted = true;
      }
    }
    return isContradicted;
  }

  #verdicts(
    leadership: Leadership | null,
    following: Following | null,
    out: BroadcasterEffects,
  ): readonly DigestVerdict[] {
    if (leadership === null) {
      if (following === null || following.verdicts.length === 0) return [];
      const { verdicts } = following;
      following.verdicts = [];
      return verdicts;
    }
    const reachable = [
      this.#ensemble.self,
      ...leadership.learners.all.filter((it) => it.isUpToDate).map((it) => it.identity),
    ];
    const verdicts = this.#ensemble.digests.decide(leadership.quorum, reachable);
    for (const { zxid, digest } of verdicts) {
      for (const { link, isUpToDate } of leadership.learners.all) {
        if (isUpToDate) out.learners.push(link, { kind: 'digestVerdict', zxid, digest });
      }
    }
    return verdicts;
  }

  /** True if the verdict is that the database is wrong. */
  #tell({ link, zxid, verdict }: OwnVerdict, out: BroadcasterEffects): boolean {
    if (verdict !== 'contradicted') {
      out.databases.push(link, { kind: 'digestVerdict', zxid, verdict });
      return false;
    }
    this.#delivery.contradict(link, zxid, out);
    out.events.push({
      level: 'error',
      message: 'the database differs from the majority, and is to fetch its state anew',
      zxid,
    });
    return true;
  }
}
