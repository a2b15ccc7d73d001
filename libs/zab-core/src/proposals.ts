import { decodeConfiguration } from '@paddock/codec';
import { counterOf } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { History } from './history.ts';
import type { Memberships } from './memberships.ts';
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

/** Zab's phase 3, the leader's first half: a proposal is appended here (and sent to those that follow). */
export class Proposals {
  readonly #history: History;
  readonly #terms: Terms;
  readonly #lastCounter: number;
  readonly #entryBytesMax: number;
  readonly #memberships: Memberships;

  /** `lastCounter`: an epoch ends when it has come so far. */
  constructor(
    history: History,
    terms: Terms,
    memberships: Memberships,
    lastCounter: number,
    entryBytesMax: number,
  ) {
    this.#history = history;
    this.#terms = terms;
    this.#memberships = memberships;
    this.#lastCounter = lastCounter;
    this.#entryBytesMax = entryBytesMax;
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
        const wrong = this.#configure(entry);
        if (wrong !== '') return { refusal: wrong, exhausted: false };
      }
      history.append(entry);
      terms.accept(entry);
      out.append.push(entry);
      if (counterOf(entry.zxid) >= this.#lastCounter) return EXHAUSTED;
    }
    return ACCEPTED;
  }

  /** Membership is obeyed from its append on (H11); says what is wrong with it, or nothing. */
  #configure(entry: LogEntry): string {
    if (this.#memberships.isChanging) return 'one change of membership is under way at a time';
    let configuration: EnsembleConfiguration;
    try {
      configuration = decodeConfiguration(entry.payload);
    } catch (error) {
      return `a configuration entry can be read: ${error instanceof Error ? error.message : ''}`;
    }
    const { current } = this.#memberships;
    if (configuration.clusterId !== current.clusterId) return 'an ensemble keeps its cluster id';
    if (configuration.version < current.version || configuration.version > current.version + 1) {
      return 'a configuration is the same again, or the next version';
    }
    if (!configuration.members.some((member) => member.role === 'voter')) {
      return 'a configuration has at least one voter';
    }
    this.#memberships.append(entry.zxid, configuration);
    return '';
  }
}
