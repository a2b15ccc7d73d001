import { TERM_ZERO } from '@paddock/model';
import type { ProcessorRequest, Term, TermAnnouncement, Timing } from '@paddock/model';
import type { SessionFrontendEffects } from './frontend-effects.ts';

const NONE = -1;

/**
 * The link to the processor of the newest term that the database has announced (H1). Only an announcement changes
 * the term; within one term a broken link is dialled again at the same address.
 */
export class ProcessorLink {
  term: Term = TERM_ZERO;
  #address = '';
  #link = NONE;
  /** The processor serves another term: nothing goes to it until the database announces one (H1). */
  #isRefused = false;
  #hasAnswered = false;
  #redialAtMs = Infinity;
  #backoffMs: number;
  readonly #timing: Timing;

  constructor(timing: Timing) {
    this.#timing = timing;
    this.#backoffMs = timing.reconnectMs;
  }

  get isReady(): boolean {
    return this.#link !== NONE && !this.#isRefused;
  }

  get isRefused(): boolean {
    return this.#isRefused;
  }

  get redialAtMs(): number {
    return this.#redialAtMs;
  }

  /** Under this link: its end is a loss, and not just another attempt that has failed. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  isCurrent(link: number): boolean {
    return link === this.#link;
  }

  /** Dials the processor of a newer term. False: the term is known, or older. */
  announced(term: TermAnnouncement, out: SessionFrontendEffects): boolean {
    if (term.term <= this.term) return false;
    if (this.term !== TERM_ZERO) out.hangUpProcessor = true;
    this.term = term.term;
    this.#address = term.processorAddress;
    this.#link = NONE;
    this.#isRefused = false;
    this.#backoffMs = this.#timing.reconnectMs;
    this.#redialAtMs = Infinity;
    out.processor.discard();
    out.dialProcessor = term.processorAddress;
    return true;
  }

  connected(link: number): void {
    this.#link = link;
    this.#hasAnswered = false;
  }

  /** The processor has answered under this link: the next break is dialled again quickly. */
  heard(): void {
    this.#hasAnswered = true;
    this.#backoffMs = this.#timing.reconnectMs;
  }

  refused(): void {
    this.#isRefused = true;
  }

  ended(nowMs: number, out: SessionFrontendEffects): void {
    this.#link = NONE;
    out.processor.discard();
    this.#redialAtMs = nowMs + this.#backoffMs;
    this.#backoffMs = Math.min(2 * this.#backoffMs, this.#timing.reconnectMaxMs);
  }

  redial(nowMs: number, out: SessionFrontendEffects): void {
    if (nowMs < this.#redialAtMs) return;
    this.#redialAtMs = Infinity;
    out.dialProcessor = this.#address;
  }

  /** Dropped while the processor is not there: a new link or term is sent all that is unsettled. */
  send(message: ProcessorRequest, out: SessionFrontendEffects): void {
    if (this.isReady) out.processor.push(this.#link, this.term, message);
  }
}
