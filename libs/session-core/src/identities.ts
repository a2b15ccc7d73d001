import type { Credential, Failed, Identities, IdentitiesTold, Identity } from '@paddock/model';

/**
 * Proves identities of one scheme by credentials that clients send. Who a connection is by itself, by its address or
 * its certificate, comes with the connection.
 */
export interface IdentityProvider {
  readonly scheme: string;
  /** All that the credential proves; null where it proves nothing. */
  identify(credential: Uint8Array): readonly Identity[] | null;
}

/** Of one connection: all of them go with every write to another stage. */
const IDENTITIES_MAX = 32;

export class IdentityProviders {
  readonly #byScheme: ReadonlyMap<string, IdentityProvider>;
  /** The schemes that an ACL may name beside those that every ensemble knows. */
  readonly schemes: ReadonlySet<string>;

  constructor(providers: readonly IdentityProvider[]) {
    this.#byScheme = new Map(providers.map((it) => [it.scheme, it]));
    this.schemes = new Set(this.#byScheme.keys());
  }

  /** Who somebody is with the credential who was this without it; a new list where it is longer. */
  add(before: Identities, { scheme, credential }: Credential): IdentitiesTold | Failed {
    const provider = this.#byScheme.get(scheme);
    if (provider === undefined) {
      const known = [...this.#byScheme.keys()].join(', ');
      return failed(`nothing proves an identity of the scheme "${scheme}"; known are: ${known}`);
    }
    const proved = provider.identify(credential);
    if (proved === null) return failed(`the credential proves no identity of the scheme ${scheme}`);
    const known = before ?? [];
    const added = proved.filter((it) => !known.some((other) => isSame(it, other)));
    if (known.length + added.length > IDENTITIES_MAX) {
      return failed(`a connection has at most ${IDENTITIES_MAX} identities`);
    }
    return { kind: 'identities', identities: added.length === 0 ? known : [...known, ...added] };
  }

  /** As `add`, of several. */
  addAll(
    before: Identities,
    credentials: readonly Credential[] | undefined,
  ): IdentitiesTold | Failed {
    let told: IdentitiesTold = { kind: 'identities', identities: before ?? [] };
    for (const credential of credentials ?? []) {
      const result = this.add(told.identities, credential);
      if (result.kind === 'failed') return result;
      told = result;
    }
    return told;
  }
}

/** Nobody is undefined, so that what is sent for nobody has nothing more to say. */
export function asIdentities({ identities }: IdentitiesTold): Identities {
  return identities.length === 0 ? undefined : identities;
}

function isSame(a: Identity, b: Identity): boolean {
  return a.scheme === b.scheme && a.id === b.id;
}

function failed(reason: string): Failed {
  return { kind: 'failed', code: 'authFailed', reason };
}
