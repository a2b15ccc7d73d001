import type { MembersAnswer, MembersQuestion } from '@paddock/model';
import type { BroadcasterEvent } from '@paddock/zab-core';

/** Those who have asked about the members, and wait for the broadcaster's answer. */
export class MemberRequests {
  readonly #take: (event: BroadcasterEvent) => void;
  readonly #waiting = new Map<number, (answer: MembersAnswer) => void>();
  #last = 0;
  #isOver = false;

  constructor(take: (event: BroadcasterEvent) => void) {
    this.#take = take;
  }

  ask(question: MembersQuestion): Promise<MembersAnswer> {
    if (this.#isOver) return Promise.resolve(STOPPED);
    const request = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#take({ kind: 'membersAsked', request, question });
    });
  }

  answered(request: number, answer: MembersAnswer): void {
    this.#waiting.get(request)?.(answer);
    this.#waiting.delete(request);
  }

  /** Nobody is answered any more by the core. */
  end(): void {
    this.#isOver = true;
    for (const resolve of this.#waiting.values()) resolve(STOPPED);
    this.#waiting.clear();
  }
}

const STOPPED: MembersAnswer = {
  kind: 'refused',
  code: 'unknownOutcome',
  reason: 'the broadcaster has stopped',
  leaderAddress: '',
};
