import { EPOCH_ZERO } from '@paddock/model';
import type { EpochRecord } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Delivery } from './delivery.ts';
import type { Elections, RoleNow } from './elections.ts';
import type { Ensemble } from './ensemble.ts';
import { Following } from './following.ts';
import { Leadership } from './leadership.ts';
import type { LogChange } from './log-change.ts';
import type { Standing } from './standing.ts';
import type { Tenure } from './tenure.ts';

/** Which part this broadcaster plays, leader, learner or neither, and how it comes from one to another. */
export class Roles {
  leadership: Leadership | null = null;
  following: Following | null = null;

  readonly #ensemble: Ensemble;
  readonly #elections: Elections;
  readonly #tenure: Tenure;
  readonly #delivery: Delivery;
  readonly #logChange: LogChange;
  readonly #clusterId: string;
  #followings = 0;

  /** `clusterId`: of the ensemble, should this replica found it. */
  constructor(
    ensemble: Ensemble,
    elections: Elections,
    tenure: Tenure,
    delivery: Delivery,
    logChange: LogChange,
    clusterId: string,
  ) {
    this.#ensemble = ensemble;
    this.#elections = elections;
    this.#tenure = tenure;
    this.#delivery = delivery;
    this.#logChange = logChange;
    this.#clusterId = clusterId;
  }

  now(): RoleNow {
    return {
      hasLeader: this.leadership !== null || this.following?.isLed === true,
      isLogChanging: this.#logChange.isPending,
      needsSnapshot: this.#delivery.needsSnapshot,
      isServed: this.isServed,
    };
  }

  standing(): Standing {
    return this.#elections.standing(this.now());
  }

  /** Its database and its processor take part (H18). */
  get isServed(): boolean {
    return this.#delivery.isServed && this.#tenure.isServed;
  }

  /** Whether a processor holds the leader's term, as far as is known here (H17). */
  get isHeld(): boolean {
    return this.leadership === null ? (this.following?.held ?? false) : this.#tenure.isHeld;
  }

  /** A quorum has accepted this candidate's epoch, and has no history that it lacks. */
  win(nowMs: number, out: BroadcasterEffects): void {
    const { candidacy } = this.#elections;
    const { memberships, history } = this.#ensemble;
    this.dropFollowing(out);
    const { epoch, ayes } = candidacy;
    candidacy.rest();
    this.leadership = new Leadership(this.#ensemble, epoch, nowMs);
    const founding = memberships.isFormed ? null : this.#elections.founding(this.#clusterId, ayes);
    this.leadership.begin(founding, out);
    out.events.push({ level: 'info', message: 'leads', epoch, zxid: history.last });
  }

  /** There is no leader any more, as far as this replica knows. */
  look(reason: string, hasFailed: boolean, nowMs: number, out: BroadcasterEffects): void {
    const { leadership } = this;
    const { rounds, digests, history } = this.#ensemble;
    if (leadership !== null) {
      this.#tenure.end(reason, out);
      rounds.forget();
      digests.forget();
      const end = {
        cause: 'closed',
        reason: `this replica does not lead any more: ${reason}`,
      } as const;
      for (const { link } of leadership.learners.all) out.closeLearners.push({ link, end });
      this.leadership = null;
    }
    this.dropFollowing(out);
    out.events.push({
      level: 'warn',
      message: leadership === null ? 'the leader is lost' : 'leads no more',
      zxid: history.last,
      detail: { reason },
    });
    this.#elections.candidacy.begin(nowMs, hasFailed);
  }

  dropFollowing(out: BroadcasterEffects): void {
    const { following } = this;
    if (following === null) return;
    const end = { cause: 'closed', reason: 'another leader is looked for' } as const;
    out.closeLeader = { link: following.link, end };
    this.following = null;
    this.#logChange.leaderLost();
    this.#delivery.requireNoSnapshot();
    this.#ensemble.restorations.needNothing();
  }

  /** An epoch has become durable: whoever waited for that goes on. */
  epochsWritten(written: EpochRecord, nowMs: number, out: BroadcasterEffects): void {
    const { candidacy, voting } = this.#elections;
    const { epoch, purpose } = this.#ensemble.epochs.written(written, out);
    switch (purpose.kind) {
      case 'candidacy':
        if (candidacy.accepted(epoch, nowMs, this.standing(), out)) this.win(nowMs, out);
        break;
      case 'vote':
        voting.accepted(purpose.link, epoch, out);
        break;
      case 'discovery':
        this.leadership?.accepted(epoch, out);
        break;
      case 'following':
        break;
      case 'current':
        this.following?.epochCurrent(epoch, out);
        return;
    }
    // Also one that was accepted as a candidate's: it is the leader's by now.
    this.following?.epochAccepted(epoch, out);
  }

  advanceFollowing(nowMs: number, out: BroadcasterEffects): void {
    const { following } = this;
    if (following === null) return;
    const newer = this.#elections.electors.leader(nowMs);
    if (newer !== null && newer.replica !== following.leader && newer.leads > following.epoch) {
      following.lost ??= `replica ${newer.replica} leads epoch ${newer.leads}`;
    }
    if (following.isLed) this.#elections.candidacy.rest();
    if (following.lost !== null) {
      if (following.isLed) this.#leave(following, nowMs, out);
      else this.dropFollowing(out);
      this.#elections.avoid(following.leader, nowMs);
      return;
    }
    const { demand } = following;
    following.demand = null;
    if (demand?.kind === 'truncate') this.#logChange.truncate(demand.after, following.link);
    if (demand?.kind === 'snapshot') this.#delivery.requireSnapshot(demand.atLeast, out);
    following.advance(out);
  }

  #leave({ lost, handedTo }: Following, nowMs: number, out: BroadcasterEffects): void {
    const { self } = this.#ensemble;
    const isHeir = handedTo === self.replica;
    this.look(lost ?? '', handedTo !== null && !isHeir, nowMs, out);
    if (isHeir) this.#elections.candidacy.inherit(nowMs);
  }

  /** Stands, or follows whoever leads. */
  advanceElections(nowMs: number, out: BroadcasterEffects): void {
    this.#elections.advance(out);
    const { candidacy, electors, voting, identity } = this.#elections;
    voting.tell(identity, this.leadership?.announced ?? EPOCH_ZERO, out);
    if (candidacy.phase !== 'resting') {
      if (candidacy.advance(nowMs, this.standing(), out)) {
        out.fatal = { code: 'epochsExhausted', reason: 'the last epoch has been used' };
      }
      this.#dialLeader(nowMs, out);
    }
    out.wakeAtMs = Math.min(candidacy.wakeAtMs, electors.nextDialMs(nowMs));
  }

  #dialLeader(nowMs: number, out: BroadcasterEffects): void {
    const { candidacy, electors } = this.#elections;
    if (this.leadership !== null || this.following !== null) return;
    if (candidacy.isEngaged || this.#logChange.isPending) return;
    const leader = electors.leader(nowMs);
    if (leader === null) return;
    const link = ++this.#followings;
    this.following = new Following(this.#ensemble, electors, link, leader, nowMs);
    out.dialLeader = { link, address: leader.address };
  }
}
