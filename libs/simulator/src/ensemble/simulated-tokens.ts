import { decodeText, TOKEN_SCHEME } from '@paddock/model';
import type { Timers } from '@paddock/ports';
import type { IdentityProvider, Proof } from '@paddock/session-core';
import type { SeededRandom } from '../kernel/seeded-random.ts';

/** The longest that a verification takes, in milliseconds of virtual time. */
const VERIFYING_MS_MAX = 50;
/** One in so many tokens is not known any more when it is shown again. */
const FORGOTTEN_IN = 4;

/** Tokens that say who they are of: what is tried is that they are worked out later, with requests behind them. */
export class SimulatedTokens implements IdentityProvider {
  readonly scheme = TOKEN_SCHEME;
  readonly isRenewed = true;
  readonly #timers: Timers;
  readonly #random: SeededRandom;
  readonly #known = new Set<string>();

  constructor(timers: Timers, random: SeededRandom) {
    this.#timers = timers;
    this.#random = random;
  }

  identify(token: Uint8Array): Proof | null {
    const id = decodeText(token);
    if (!this.#known.has(id) || this.#random.below(FORGOTTEN_IN) === 0) return null;
    return proofOf(id);
  }

  prove(token: Uint8Array, told: (proof: Proof) => void): void {
    const id = decodeText(token);
    this.#timers.after(1 + this.#random.below(VERIFYING_MS_MAX), () => {
      this.#known.add(id);
      told(proofOf(id));
    });
  }
}

function proofOf(id: string): Proof {
  return { kind: 'proved', identities: [{ scheme: TOKEN_SCHEME, id }] };
}
