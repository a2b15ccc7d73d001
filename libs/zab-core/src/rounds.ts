import type { Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import { Vote } from './quorum.ts';
import type { Quorum } from './quorum.ts';

/**
 * Confirmation of leadership (H13): a request counts only in a round that is sent after the request has arrived, so
 * what arrives while one is under way waits for the next. One round answers
 * all that waited for it.
 */
export class LeadershipRounds {
  /** The processor's own numbers. */
  #waiting: number[] = [];
  #asked: number[] = [];
  #vote: Vote | null = null;

  request(round: number): void {
    this.#waiting.push(round);
  }

  /** The term has ended: nobody waits any more. */
  forget(): void {
    this.#waiting = [];
    this.#asked = [];
    this.#vote = null;
  }

  /** Sends a round if one is asked for and none is under way; true if so. */
  open(quorum: Quorum): boolean {
    if (this.#vote !== null || this.#waiting.length === 0) return false;
    this.#asked = this.#waiting;
    this.#waiting = [];
    this.#vote = new Vote(quorum);
    return true;
  }

  /** A voter whose acceptedEpoch is the leader's answers the round under way. */
  acknowledge(replica: number): void {
    this.#vote?.add(replica);
  }

  /** Answers the requests of the round once a quorum has acknowledged it. */
  close(link: number, floor: Zxid, out: BroadcasterEffects): void {
    if (this.#vote?.isWon !== true) return;
    for (const round of this.#asked) {
      out.processors.push(link, { kind: 'leadershipConfirmed', round, floor });
    }
    this.#asked = [];
    this.#vote = null;
  }
}
