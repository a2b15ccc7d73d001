import type { Credential, Failed, Identity, ProvedIdentity } from '@paddock/model';

/** What a credential comes to. Times are of the monotonic clock of this process. */
export type Proof =
  | { readonly kind: 'proved'; readonly identities: readonly ProvedIdentity[] }
  /** It did prove these, and its time is over. */
  | {
      readonly kind: 'expired';
      readonly identities: readonly Identity[];
      readonly reason: string;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Too many are being worked out. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number };

/**
 * Proves identities of one scheme by credentials that clients send. Who a connection is by itself, by its address or
 * its certificate, comes with the connection.
 */
export interface IdentityProvider {
  /** Of its credentials, and of who they say somebody is. */
  readonly scheme: string;
  /** Of other identities that its credentials prove. */
  readonly moreSchemes?: readonly string[];
  /**
   * What its credentials prove ends. A connection has one of them: a later one takes the place of the one before. And
   * a session is not refused its resume by one that proves nothing any more: it goes on without the identity.
   */
  readonly isRenewed?: boolean;
  /** What is known at once; null: `prove` has to work it out. */
  identify(credential: Uint8Array): Proof | null;
  /** Says once, and never within the call, what `identify` could not. */
  prove?(credential: Uint8Array, told: (proof: Proof) => void): void;
}

/** Of one connection: all of them go with every write to another stage. */
const IDENTITIES_MAX = 32;

export class IdentityProviders {
  readonly #byScheme: ReadonlyMap<string, IdentityProvider>;
  /** The schemes that an ACL may name beside those that every ensemble knows. */
  readonly schemes: ReadonlySet<string>;

  constructor(providers: readonly IdentityProvider[]) {
    this.#byScheme = new Map(providers.map((it) => [it.scheme, it]));
    this.schemes = new Set(providers.flatMap((it) => [it.scheme, ...(it.moreSchemes ?? [])]));
  }

  isRenewed(scheme: string): boolean {
    return this.#byScheme.get(scheme)?.isRenewed === true;
  }

  /** Null: it has to be worked out first. */
  proofOf({ scheme, credential }: Credential): Proof | null {
    const provider = this.#byScheme.get(scheme);
    if (provider === undefined) {
      const known = [...this.#byScheme.keys()].join(', ');
      const reason = `nothing proves an identity of the scheme "${scheme}"; known are: ${known}`;
      return { kind: 'refused', reason };
    }
    return provider.identify(credential);
  }

  /** Who somebody is with what a credential of the scheme has proved, who was this without it. */
  add(
    before: readonly ProvedIdentity[],
    scheme: string,
    proved: readonly ProvedIdentity[],
  ): readonly ProvedIdentity[] | Failed {
    const provider = this.#byScheme.get(scheme);
    let kept = before;
    if (provider?.isRenewed === true) {
      const replaced = new Set([scheme, ...(provider.moreSchemes ?? [])]);
      kept = before.filter((it) => !replaced.has(it.scheme));
    }
    const added = proved.filter((it) => !kept.some((other) => isSame(it, other)));
    if (kept.length + added.length > IDENTITIES_MAX) {
      return authFailed(`a connection has at most ${IDENTITIES_MAX} identities`);
    }
    return added.length === 0 ? kept : [...kept, ...added];
  }
}

/** Has the provider of its scheme work out what the credential comes to; nobody is told where there is none. */
export function workOut(
  providers: readonly IdentityProvider[],
  { scheme, credential }: Credential,
  told: (proof: Proof) => void,
): void {
  providers.find((it) => it.scheme === scheme)?.prove?.(credential, told);
}

export function isSame(a: Identity, b: Identity): boolean {
  return a.scheme === b.scheme && a.id === b.id;
}

export function authFailed(reason: string): Failed {
  return { kind: 'failed', code: 'authFailed', reason };
}

/** Of a credential that proves nothing now. */
export function refusalOfProof(proof: Exclude<Proof, { readonly kind: 'proved' }>): Failed {
  if (proof.kind !== 'busy') return authFailed(proof.reason);
  const { retryAfterMs } = proof;
  const reason = 'too many credentials are being verified: show it again later';
  return { kind: 'failed', code: 'throttled', reason, retryAfterMs };
}
