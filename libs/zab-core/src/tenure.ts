import { formatTerm, TERM_ZERO, ZXID_ZERO } from '@paddock/model';
import type { BroadcastRequest, Epoch, Limits, LogEntry, Term } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { History } from './history.ts';
import type { Proposals } from './proposals.ts';
import type { LeadershipRounds } from './rounds.ts';
import type { Terms } from './terms.ts';

/** The processor that was dialled last; an older one no longer counts (H1). */
interface ProcessorLink {
  readonly link: number;
  /** Where front-ends dial it, once it offers itself. */
  address: string | null;
  paused: boolean;
}

/** The leader's side of the link to its request processor: who holds the term, and what comes under it. */
export class Tenure {
  /** Set when the counter of the epoch has run out; whoever establishes the next epoch clears it (H24). */
  isExhausted = false;
  /** Leadership is being handed over: nobody is granted a term. */
  isWithheld = false;

  readonly #history: History;
  readonly #terms: Terms;
  readonly #proposals: Proposals;
  readonly #limits: Limits;
  readonly #rounds: LeadershipRounds;
  #processor: ProcessorLink | null = null;
  /** What was asked for last: under which term, and which revision of the membership it was to change. */
  #configuring = { term: TERM_ZERO, revision: 0 };
  /** Requests for a round that wait for the marker. */
  #unmarked: number[] = [];

  constructor(
    history: History,
    terms: Terms,
    proposals: Proposals,
    rounds: LeadershipRounds,
    limits: Limits,
  ) {
    this.#history = history;
    this.#terms = terms;
    this.#proposals = proposals;
    this.#rounds = rounds;
    this.#limits = limits;
  }

  /** True while a processor offers itself: without one there is no leading (H18). */
  get isServed(): boolean {
    return this.#processor !== null && this.#processor.address !== null;
  }

  /** The term that is held; TERM_ZERO while none is. */
  get term(): Term {
    return this.#terms.current;
  }

  get isHeld(): boolean {
    return this.#terms.isHeld;
  }

  get processorAddress(): string | null {
    return this.#processor?.address ?? null;
  }

  connect(link: number, out: BroadcasterEffects): void {
    const older = this.#processor;
    if (older !== null) {
      const reason = 'another processor has dialled';
      this.end(reason, out);
      out.closeProcessors.push({ link: older.link, end: { cause: 'closed', reason } });
    }
    this.#processor = { link, address: null, paused: false };
  }

  disconnect(link: number, out: BroadcasterEffects): void {
    if (this.#processor?.link !== link) return;
    this.#processor = null;
    this.end('the processor is lost', out);
  }

  receive(link: number, messages: readonly BroadcastRequest[], out: BroadcasterEffects): void {
    for (const message of messages) {
      const processor = this.#processor;
      if (processor?.link !== link) return;
      if (message.kind === 'offer') processor.address = message.processorAddress;
      else if (!this.#isCurrent(processor, message.term, out)) continue;
      else if (message.kind === 'propose') this.#propose(processor, message.entries, out);
      else this.#unmarked.push(message.round);
    }
  }

  /** What its processor asks to be confirmed counts once the marker of the term is committed (H13 d). */
  requestRounds(): void {
    const processor = this.#processor;
    if (this.#unmarked.length === 0 || processor === null || !this.isConfirmed) return;
    for (const request of this.#unmarked) {
      this.#rounds.request({ kind: 'processor', link: processor.link, request });
    }
    this.#unmarked = [];
  }

  /** Grants the term of `epoch` to a processor that offers itself and does not hold it. */
  grant(epoch: Epoch, out: BroadcasterEffects): void {
    const processor = this.#processor;
    if (this.#terms.isHeld || this.isWithheld || processor === null) return;
    const address = processor.address;
    if (address === null) return;
    const term = this.#terms.grant(epoch);
    const lastProposed = this.#history.last;
    out.processors.push(processor.link, { kind: 'termGranted', term, lastProposed });
    out.events.push({
      level: 'info',
      message: 'the term is granted',
      epoch,
      zxid: lastProposed,
      detail: { term: formatTerm(term), processor: address },
    });
  }

  end(reason: string, out: BroadcasterEffects): void {
    if (!this.#terms.isHeld) return;
    const term = this.#terms.end();
    this.#unmarked = [];
    this.#rounds.forgetProcessor();
    const processor = this.#processor;
    if (processor !== null) {
      out.processors.push(processor.link, { kind: 'termEnded', term, reason });
    }
    out.events.push({
      level: 'warn',
      message: 'the term has ended',
      zxid: this.#history.last,
      detail: { term: formatTerm(term), reason },
    });
  }

  /** The marker of the term that is held is committed: its processor may be asked for more than proposals. */
  get isConfirmed(): boolean {
    const { marker } = this.#terms;
    return marker !== ZXID_ZERO && marker <= this.#history.committed;
  }

  /** A configuration is on its way from the processor: the next one waits (H11). */
  isConfiguring(revision: number): boolean {
    const asked = this.#configuring;
    return asked.term === this.#terms.current && asked.revision === revision;
  }

  /** Has the processor propose a configuration instead of the one of this revision (H11). */
  configure(configuration: Uint8Array, revision: number, out: BroadcasterEffects): void {
    const processor = this.#processor;
    if (processor === null || !this.#terms.isHeld) return;
    const term = this.#terms.current;
    this.#configuring = { term, revision };
    out.processors.push(processor.link, { kind: 'configure', term, configuration });
  }

  /** Reads no more proposals while too much of them is not durable, or not committed. */
  regulate(out: BroadcasterEffects): void {
    const processor = this.#processor;
    if (processor === null) return;
    const pending = this.#history.pendingBytes;
    if (!processor.paused && pending > this.#limits.queueBytes) {
      processor.paused = true;
      out.pauseProcessors.push(processor.link);
    } else if (processor.paused && pending * 2 <= this.#limits.queueBytes) {
      processor.paused = false;
      out.resumeProcessors.push(processor.link);
    }
  }

  /** What an ended term still had in flight is dropped; a term that was never granted is a broken rule (H1). */
  #isCurrent(processor: ProcessorLink, term: Term, out: BroadcasterEffects): boolean {
    if (this.#terms.isHeld && term === this.#terms.current) return true;
    if (!this.#terms.hasEnded(term)) this.#refuse(processor, 'the term was granted', out);
    return false;
  }

  #propose(processor: ProcessorLink, entries: readonly LogEntry[], out: BroadcasterEffects): void {
    const result = this.#proposals.propose(entries, out);
    if (result.refusal !== '') this.#refuse(processor, result.refusal, out);
    if (!result.exhausted) return;
    this.isExhausted = true;
    this.end('the counter of the epoch has run out', out);
  }

  #refuse(processor: ProcessorLink, rule: string, out: BroadcasterEffects): void {
    out.events.push({
      level: 'error',
      message: 'a processor broke a rule of its link',
      zxid: this.#history.last,
      detail: { rule },
    });
    this.end(rule, out);
    out.closeProcessors.push({ link: processor.link, end: { cause: 'refused', reason: rule } });
    this.#processor = null;
  }
}
