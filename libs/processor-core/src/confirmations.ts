import type { BroadcastRequest, ProcessorReply, Term, Zxid } from '@paddock/model';
import type { Outbox } from '@paddock/ports';
import type { FrontendLink } from './frontend-link.ts';
import { Ring } from './ring.ts';

/** Rounds under way; what else arrives gathers for the next one. */
const ROUNDS = 4;

/** A linearizable read, or signs of life of sessions, of one front-end and by its own numbers. */
export interface ToConfirm {
  readonly kind: 'readIndex' | 'touch';
  readonly frontend: FrontendLink;
  readonly number: number;
}

interface Round {
  readonly round: number;
  readonly waiting: readonly ToConfirm[];
}

/**
 * What is true only of a processor whose leader still leads: the floor of a linearizable read (H13), and that a session
 * lives (H17). A processor that was deposed and does not know would tell a client that it has time left which the next
 * one does not give it. So each counts only in a round of confirmation that is sent after it has arrived, and no number
 * of a round is used twice in the life of the processor.
 */
export class Confirmations {
  #gathering: ToConfirm[] = [];
  readonly #underWay = new Ring<Round>();
  #lastRound = 0;
  #readsPending = 0;

  /** Reads not answered yet. Rounds of touches are few: a front-end has a handful under way. */
  get readsPending(): number {
    return this.#readsPending;
  }

  add(waiting: ToConfirm): void {
    this.#gathering.push(waiting);
    if (waiting.kind === 'readIndex') this.#readsPending++;
  }

  send(out: Outbox<BroadcastRequest>, link: number, term: Term): void {
    if (this.#gathering.length === 0 || this.#underWay.length >= ROUNDS) return;
    const round = ++this.#lastRound;
    this.#underWay.push({ round, waiting: this.#gathering });
    this.#gathering = [];
    out.push(link, { kind: 'confirmLeadership', term, round });
  }

  /** A round confirms those sent before it too: what they are about arrived earlier still. */
  confirmed(through: number, floor: Zxid, out: Outbox<ProcessorReply>): void {
    for (;;) {
      const head = this.#underWay.at(0);
      if (head === undefined || head.round > through) return;
      this.#underWay.shift();
      for (const { kind, frontend, number } of head.waiting) {
        if (kind === 'readIndex') this.#readsPending--;
        if (!frontend.live) continue;
        if (kind === 'touch') out.push(frontend.link, { kind: 'touched', round: number });
        else out.push(frontend.link, { kind: 'readIndexFloor', request: number, floor });
      }
    }
  }

  /** The term is over: nobody can confirm any more what it asked. Front-ends ask again under the new one. */
  abandon(): void {
    this.#gathering = [];
    this.#underWay.clear();
    this.#readsPending = 0;
  }
}
