import { TERM_ZERO } from '@paddock/model';
import type { ProcessorRequest, ProcessorRequestBatch, Term } from '@paddock/model';

/**
 * One batch for the one processor that is dialled, under the one term that it serves. What was gathered for an older
 * link or term is dropped: nothing of it can be accepted there any more, and the newer one is sent it again (H1).
 */
export class ProcessorOutbox {
  #link = -1;
  #term: Term = TERM_ZERO;
  #messages: ProcessorRequest[] = [];

  push(link: number, term: Term, message: ProcessorRequest): void {
    if (link !== this.#link || term !== this.#term) {
      this.#link = link;
      this.#term = term;
      this.#messages = [];
    }
    this.#messages.push(message);
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  discard(): void {
    this.#messages = [];
  }

  /** Hands the batch over; the receiver owns it. */
  drain(send: (link: number, batch: ProcessorRequestBatch) => void): void {
    if (this.#messages.length === 0) return;
    const batch = { term: this.#term, messages: this.#messages };
    this.#messages = [];
    send(this.#link, batch);
  }
}
