import type { Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import { Vote } from './quorum.ts';
import type { VoterIdentity, VotingRule } from './quorum.ts';

/** Who asked for a confirmation, by the numbers of its own. */
export type RoundWaiter =
  | { readonly kind: 'processor'; readonly link: number; readonly request: number }
  | { readonly kind: 'database'; readonly link: number; readonly request: number }
  | { readonly kind: 'learner'; readonly link: number; readonly request: number };

/**
 * Confirmation of leadership (H13): a request counts only in a round that is sent after the request has arrived, so
 * what arrives while one is under way waits for the next. One round answers all that waited for it. No number of a
 * round is used twice in an epoch.
 */
export class LeadershipRounds {
  #waiting: RoundWaiter[] = [];
  #asked: RoundWaiter[] = [];
  #vote: Vote | null = null;
  #round = 0;
  #openedMs = 0;

  request(waiter: RoundWaiter): void {
    this.#waiting.push(waiter);
  }

  /** The term has ended: its processor waits no more. */
  forgetProcessor(): void {
    this.#waiting = this.#waiting.filter((it) => it.kind !== 'processor');
    this.#asked = this.#asked.filter((it) => it.kind !== 'processor');
  }

  /** The epoch is over: nobody is answered any more. */
  forget(): void {
    this.#waiting = [];
    this.#asked = [];
    this.#vote = null;
  }

  get isWanted(): boolean {
    return this.#vote === null && this.#waiting.length > 0;
  }

  /** Begins a round with this number for all that wait. */
  open(round: number, rule: VotingRule, nowMs: number): void {
    this.#asked = this.#waiting;
    this.#waiting = [];
    this.#vote = new Vote(rule);
    this.#round = round;
    this.#openedMs = nowMs;
  }

  /** A round that was not answered for so long is given up: what waited for it waits for the next. */
  retry(nowMs: number, patienceMs: number): void {
    if (nowMs - this.#openedMs >= patienceMs) this.giveUp();
  }

  /** The round under way does not count: what waited for it waits for the next. */
  giveUp(): void {
    if (this.#vote === null) return;
    this.#waiting = [...this.#asked, ...this.#waiting];
    this.#asked = [];
    this.#vote = null;
  }

  /** A voter whose acceptedEpoch is the leader's answers a round. */
  acknowledge(voter: VoterIdentity, round: number): void {
    if (round === this.#round) this.#vote?.add(voter);
  }

  /** Answers the requests of the round once a quorum has acknowledged it. */
  close(floor: Zxid, out: BroadcasterEffects): void {
    if (this.#vote?.isWon !== true) return;
    for (const { kind, link, request } of this.#asked) {
      if (kind === 'processor') {
        out.processors.push(link, { kind: 'leadershipConfirmed', round: request, floor });
      } else if (kind === 'database') {
        out.databases.push(link, { kind: 'probed', probe: request, floor });
      } else {
        out.learners.push(link, { kind: 'probed', probe: request, floor });
      }
    }
    this.#asked = [];
    this.#vote = null;
  }
}
