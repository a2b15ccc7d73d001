import { decodeText, TOKEN_GROUP_SCHEME, TOKEN_SCHEME } from '@paddock/model';
import type { Identity } from '@paddock/model';
import type { TokenSettings } from '@paddock/node-runtime';
import { SHA256 } from '@paddock/node-runtime';
import type { Clock } from '@paddock/ports';
import type { IdentityProvider, Proof } from '@paddock/session-core';
import type { TokenKeys } from './token-keys.ts';
import { verifyToken } from './token-verification.ts';
import type { VerifiedToken } from './token-verification.ts';

/** A header has no room for more either. */
const TOKEN_BYTES_MAX = 16 * 1024;
/** Tokens that were verified, and are known again until they end or their keys change. */
const KNOWN_MAX = 10_000;
/** Of all clients: what waits holds memory, and who it is for is not known yet. */
const VERIFYING_MAX = 256;
const WAITING_MAX = 4096;
const RETRY_AFTER_MS = 100;
/** A token of an unknown key may have come with a new file; so often it is looked at for that, at most. */
const LOOK_AGAIN_MS = 1000;

const TOO_LONG: Proof = {
  kind: 'refused',
  reason: `a token has at most ${TOKEN_BYTES_MAX} bytes`,
};
const BUSY: Proof = { kind: 'busy', retryAfterMs: RETRY_AFTER_MS };
const MALFORMED: Proof = { kind: 'refused', reason: 'the token is malformed' };

interface KnownToken {
  readonly identities: readonly Identity[];
  readonly endsMs: number;
}

/** Bearer tokens (JWT, RFC 7519) prove who somebody is until they expire. One that is used again is verified once. */
export class TokenProvider implements IdentityProvider {
  readonly scheme = TOKEN_SCHEME;
  readonly moreSchemes: readonly string[] = [TOKEN_GROUP_SCHEME];
  readonly isRenewed = true;
  readonly #keys: TokenKeys;
  readonly #settings: TokenSettings;
  readonly #clock: Clock;
  /** By the hash of the token, the one that was used last at the end: no token is kept. */
  #known = new Map<string, KnownToken>();
  readonly #verifying = new Map<string, ((proof: Proof) => void)[]>();
  #waiting = 0;
  #lookedMs = -Infinity;

  constructor(keys: TokenKeys, settings: TokenSettings, clock: Clock) {
    this.#keys = keys;
    this.#settings = settings;
    this.#clock = clock;
    keys.onReread((reread) => {
      // One of a key that is gone is no good any more.
      if (reread === 'changed') this.#known = new Map();
    });
  }

  identify(token: Uint8Array): Proof | null {
    if (token.length > TOKEN_BYTES_MAX) return TOO_LONG;
    const name = nameOf(token);
    const known = this.#known.get(name);
    if (known === undefined) return null;
    this.#known.delete(name);
    if (known.endsMs <= this.#clock.wallMs()) return null;
    this.#known.set(name, known);
    return this.#proved(known);
  }

  prove(token: Uint8Array, told: (proof: Proof) => void): void {
    const name = nameOf(token);
    const waiting = this.#verifying.get(name);
    const isFull = waiting === undefined && this.#verifying.size >= VERIFYING_MAX;
    if (isFull || this.#waiting >= WAITING_MAX) {
      queueMicrotask(() => told(BUSY));
      return;
    }
    this.#waiting++;
    if (waiting !== undefined) {
      waiting.push(told);
      return;
    }
    const all = [told];
    this.#verifying.set(name, all);
    void this.#verify(name, token).then((proof) => {
      this.#verifying.delete(name);
      this.#waiting -= all.length;
      for (const it of all) it(proof);
    });
  }

  async #verify(name: string, bytes: Uint8Array): Promise<Proof> {
    const token = textOf(bytes);
    if (token === null) return MALFORMED;
    const before = this.#known;
    let verified = await this.#ask(token);
    if (verified.kind === 'bad' && verified.isKeyUnknown && this.#hasNewKeys()) {
      verified = await this.#ask(token);
    }
    switch (verified.kind) {
      case 'bad':
        return { kind: 'refused', reason: verified.reason };
      case 'expired':
        return verified;
      case 'holds':
        // Not where the keys have changed meanwhile.
        if (this.#known === before) this.#remember(name, verified);
        return this.#proved(verified);
    }
  }

  #ask(token: string): Promise<VerifiedToken> {
    return verifyToken(token, this.#keys.material, this.#settings, this.#clock.wallMs());
  }

  #hasNewKeys(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lookedMs < LOOK_AGAIN_MS) return false;
    this.#lookedMs = nowMs;
    return this.#keys.reread() === 'changed';
  }

  #remember(name: string, { identities, endsMs }: KnownToken): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
    this.#known.set(name, { identities, endsMs });
  }

  #proved({ identities, endsMs }: KnownToken): Proof {
    const untilMs = this.#clock.monotonicMs() + endsMs - this.#clock.wallMs();
    return { kind: 'proved', identities: identities.map((it) => ({ ...it, untilMs })) };
  }
}

function nameOf(token: Uint8Array): string {
  return Buffer.from(SHA256(token)).toString('base64');
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return decodeText(bytes);
  } catch {
    return null;
  }
}
