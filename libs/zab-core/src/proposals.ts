import { decodeConfiguration } from '@paddock/codec';
import { counterOf } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { History } from './history.ts';
import type { Terms } from './terms.ts';

/** What became of a batch of proposals. */
export interface ProposalResult {
  /** The rule that an entry broke; the ones before it stand. Empty: none. */
  readonly refusal: string;
  /** The counter of the epoch has run out: what is behind belongs to no term (H24). */
  readonly exhausted: boolean;
}

const ACCEPTED: ProposalResult = { refusal: '', exhausted: false };
const EXHAUSTED: ProposalResult = { refusal: '', exhausted: true };

/** Checks a configuration entry before it is appended and obeyed; says what is wrong with it, or nothing. */
export type ConfigurationCheck = (configuration: EnsembleConfiguration) => string;

/** Zab's phase 3, the leader's first half: a proposal is appended here (and sent to those that follow). */
export class Proposals {
  readonly #history: History;
  readonly #terms: Terms;
  readonly #lastCounter: number;
  readonly #entryBytesMax: number;
  readonly #obey: ConfigurationCheck;

  /** `lastCounter`: an epoch ends when it has come so far. `obey`: takes a configuration into force, or refuses it. */
  constructor(
    history: History,
    terms: Terms,
    lastCounter: number,
    entryBytesMax: number,
    obey: ConfigurationCheck,
  ) {
    this.#history = history;
    this.#terms = terms;
    this.#lastCounter = lastCounter;
    this.#entryBytesMax = entryBytesMax;
    this.#obey = obey;
  }

  /** Entries of the term that is held. */
  propose(entries: readonly LogEntry[], out: BroadcasterEffects): ProposalResult {
    const history = this.#history;
    const terms = this.#terms;
    out.committed = history.committed;
    for (const entry of entries) {
      const refusal = terms.refusalOf(entry, history.last);
      if (refusal !== null) return { refusal, exhausted: false };
      if (entry.payload.length > this.#entryBytesMax) {
        return { refusal: 'an entry fits one message', exhausted: false };
      }
      if (entry.kind === 'configuration') {
        const wrong = this.#configure(entry.payload);
        if (wrong !== '') return { refusal: wrong, exhausted: false };
      }
      history.append(entry);
      terms.accept(entry);
      out.append.push(entry);
      if (counterOf(entry.zxid) >= this.#lastCounter) return EXHAUSTED;
    }
    return ACCEPTED;
  }

  #configure(payload: Uint8Array): string {
    try {
      return this.#obey(decodeConfiguration(payload));
    } catch (error) {
      return `a configuration entry can be read: ${error instanceof Error ? error.message : ''}`;
    }
  }
}
