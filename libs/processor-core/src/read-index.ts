import type { BroadcastRequest, ProcessorReply, Term, Zxid } from '@paddock/model';
import type { Outbox } from '@paddock/ports';
import type { FrontendLink } from './frontend-link.ts';
import { Ring } from './ring.ts';

/** Rounds under way; further requests gather for the next one. */
const ROUNDS = 4;

interface ReadIndexRequest {
  readonly frontend: FrontendLink;
  readonly request: number;
}

interface Round {
  readonly round: number;
  readonly requests: readonly ReadIndexRequest[];
}

/**
 * Linearizable reads: a request counts only in a round of confirmation sent after it arrived, and no number of a round
 * is used twice in the life of the processor (H13).
 */
export class ReadIndexRounds {
  #gathering: ReadIndexRequest[] = [];
  readonly #underWay = new Ring<Round>();
  #lastRound = 0;
  #pending = 0;

  /** Requests not answered yet. */
  get pending(): number {
    return this.#pending;
  }

  add(frontend: FrontendLink, request: number): void {
    this.#gathering.push({ frontend, request });
    this.#pending++;
  }

  send(out: Outbox<BroadcastRequest>, link: number, term: Term): void {
    if (this.#gathering.length === 0 || this.#underWay.length >= ROUNDS) return;
    const round = ++this.#lastRound;
    this.#underWay.push({ round, requests: this.#gathering });
    this.#gathering = [];
    out.push(link, { kind: 'confirmLeadership', term, round });
  }

  /** A round confirms those sent before it too: their requests arrived earlier still. */
  confirmed(through: number, floor: Zxid, out: Outbox<ProcessorReply>): void {
    for (;;) {
      const head = this.#underWay.at(0);
      if (head === undefined || head.round > through) return;
      this.#underWay.shift();
      this.#pending -= head.requests.length;
      for (const { frontend, request } of head.requests) {
        if (frontend.live) out.push(frontend.link, { kind: 'readIndexFloor', request, floor });
      }
    }
  }

  /** The term is over: nobody can confirm any more what it asked. Front-ends ask again under the new one. */
  abandon(): void {
    this.#gathering = [];
    this.#underWay.clear();
    this.#pending = 0;
  }
}
