import type { MembersAnswer } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Ensemble } from './ensemble.ts';
import type { Learner } from './learner.ts';
import { refused } from './members-refused.ts';
import type { Roles } from './roles.ts';
import type { Tenure } from './tenure.ts';

/** One that is under way. */
interface Handing {
  readonly heir: number;
  /** Null: nobody asked, the leader is no voter any more. */
  readonly request: number | null;
  readonly deadlineMs: number;
  /** It has everything, and was told to stand. */
  isTold: boolean;
}

/**
 * Gives leadership to a voter that has everything: the term ends first, so that no write comes any more, then what is
 * in flight reaches the heir, and only then this one steps down. Until that moment it can still keep its place.
 */
export class HandOver {
  readonly #ensemble: Ensemble;
  readonly #roles: Roles;
  readonly #tenure: Tenure;
  #handing: Handing | null = null;

  constructor(ensemble: Ensemble, roles: Roles, tenure: Tenure) {
    this.#ensemble = ensemble;
    this.#roles = roles;
    this.#tenure = tenure;
  }

  get isUnderWay(): boolean {
    return this.#handing !== null;
  }

  begin(heir: number, request: number | null, nowMs: number, out: BroadcasterEffects): void {
    const deadlineMs = nowMs + this.#ensemble.timing.leaderLostMs;
    this.#handing = { heir, request, deadlineMs, isTold: false };
    this.#tenure.isWithheld = true;
    this.#tenure.end(`leadership goes to replica ${heir}`, out);
  }

  advance(nowMs: number, out: BroadcasterEffects): void {
    const handing = this.#handing;
    if (handing === null) return;
    if (handing.isTold) this.#await(handing, nowMs, out);
    else this.#bring(handing, nowMs, out);
  }

  /** What is in flight reaches the heir. */
  #bring(handing: Handing, nowMs: number, out: BroadcasterEffects): void {
    const { leadership } = this.#roles;
    const { heir } = handing;
    if (leadership === null) {
      this.#end('unknownOutcome', 'leadership was lost meanwhile', out);
      return;
    }
    const learner = heirAmong(leadership.learners.all, heir);
    if (learner === undefined || leadership.phase !== 'broadcast' || nowMs >= handing.deadlineMs) {
      this.#end('interrupted', `replica ${heir} has not come to have everything in time`, out);
      return;
    }
    const { history, timing } = this.#ensemble;
    if (learner.window.confirmed < history.last) return;
    leadership.handOver(heir, out);
    this.#roles.look(`leadership goes to replica ${heir}`, true, nowMs, out);
    this.#tenure.isWithheld = false;
    // An heir that fails is followed by an election of all.
    this.#handing = { ...handing, deadlineMs: nowMs + 4 * timing.leaderLostMs, isTold: true };
  }

  #await({ heir, request }: Handing, nowMs: number, out: BroadcasterEffects): void {
    const { following, leadership } = this.#roles;
    const leader =
      leadership !== null
        ? this.#ensemble.self.replica
        : following?.isLed === true
          ? following.leader
          : null;
    if (leader === heir) {
      this.#handing = null;
      if (request !== null) answer(request, { kind: 'transferred', leader }, out);
    } else if (leader !== null) {
      this.#end('interrupted', `replica ${leader} leads instead of replica ${heir}`, out);
    } else if (nowMs >= (this.#handing?.deadlineMs ?? 0)) {
      this.#end('unknownOutcome', 'no leader is known', out);
    }
  }

  #end(code: 'interrupted' | 'unknownOutcome', reason: string, out: BroadcasterEffects): void {
    const request = this.#handing?.request ?? null;
    this.#handing = null;
    this.#tenure.isWithheld = false;
    if (request !== null) answer(request, refused({ code, reason }), out);
    out.events.push({
      level: 'warn',
      message: 'leadership was not handed over',
      detail: { reason },
    });
  }
}

export function heirAmong(learners: readonly Learner[], heir: number): Learner | undefined {
  return learners.find((it) => it.identity.replica === heir && it.isUpToDate);
}

function answer(request: number, what: MembersAnswer, out: BroadcasterEffects): void {
  out.memberAnswers.push({ request, answer: what });
}
