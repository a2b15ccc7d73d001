import type { MembersAnswer, MembersQuestion } from '@paddock/model';
import type { BroadcasterEvent } from '@paddock/zab-core';

export type MembersAnswerHandler = (answer: MembersAnswer) => void;

/** Those who have asked about the members, and wait for the broadcaster's answer. */
export class MemberRequests {
  readonly #take: (event: BroadcasterEvent) => void;
  readonly #waiting = new Map<number, MembersAnswerHandler>();
  #last = 0;
  #isOver = false;

  constructor(take: (event: BroadcasterEvent) => void) {
    this.#take = take;
  }

  ask(question: MembersQuestion, answered: MembersAnswerHandler): void {
    if (this.#isOver) {
      answered(STOPPED);
      return;
    }
    const request = ++this.#last;
    this.#waiting.set(request, answered);
    this.#take({ kind: 'membersAsked', request, question });
  }

  answered(request: number, answer: MembersAnswer): void {
    const answered = this.#waiting.get(request);
    this.#waiting.delete(request);
    answered?.(answer);
  }

  /** Nobody is answered any more by the core. */
  end(): void {
    this.#isOver = true;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answered of waiting) answered(STOPPED);
  }
}

const STOPPED: MembersAnswer = {
  kind: 'refused',
  code: 'unknownOutcome',
  reason: 'the broadcaster has stopped',
  leaderAddress: '',
};
