import { createRequire } from 'node:module';
import { EXPIRED_SCHEME, SUPER, TOKEN_GROUP_SCHEME, TOKEN_SCHEME } from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import type { IdentityProvider, Proof } from '@paddock/session-core';

/** They have a meaning already. */
const TAKEN: readonly string[] = [
  ...['world', 'auth', 'digest', 'ip', 'x509', SUPER.scheme],
  ...[TOKEN_SCHEME, TOKEN_GROUP_SCHEME, EXPIRED_SCHEME],
];

/** Ids of the scheme, whom the credential proves somebody to be. It throws where it proves nothing, and says why. */
export type Prove = (credential: Uint8Array) => unknown;

/** The module of the scheme has returned something else than a list of ids. */
export type ToldOfFault = (scheme: string) => void;

/** At one time, of all connections: who they are for is not known yet. */
const PROVING_MAX = 256;
const RETRY_AFTER_MS = 100;

const BUSY: Proof = { kind: 'busy', retryAfterMs: RETRY_AFTER_MS };
const NO_IDS: Proof = { kind: 'refused', reason: 'the provider has not said whom it proves' };

/** An operator's own way to prove identities, from a module that is asked each time that a credential is shown. */
export class ModuleProvider implements IdentityProvider {
  readonly scheme: string;
  readonly #prove: Prove;
  readonly #toldOfFault: ToldOfFault;
  #proving = 0;

  /** Throws an OperatorError where the module cannot be loaded, or is none of a provider. */
  static load(file: string, told: ToldOfFault): ModuleProvider {
    const about = `"identityProviders": ${file}`;
    let loaded: unknown;
    try {
      loaded = createRequire(import.meta.url)(file);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new OperatorError(`${about} cannot be loaded: ${why}`);
    }
    const { scheme, prove } = exportsOf(loaded);
    const fault = faultOfScheme(scheme);
    if (fault !== null) throw new OperatorError(`${about}: "scheme" ${fault}`);
    if (!isProve(prove)) throw new OperatorError(`${about}: "prove" must be exported: a function`);
    return new ModuleProvider(String(scheme), prove, told);
  }

  private constructor(scheme: string, prove: Prove, toldOfFault: ToldOfFault) {
    this.scheme = scheme;
    this.#prove = prove;
    this.#toldOfFault = toldOfFault;
  }

  /** What a credential comes to may change from one time to the next. */
  identify(): null {
    return null;
  }

  prove(credential: Uint8Array, told: (proof: Proof) => void): void {
    if (this.#proving >= PROVING_MAX) {
      queueMicrotask(() => told(BUSY));
      return;
    }
    this.#proving++;
    void this.#proofOf(credential).then((proof) => {
      this.#proving--;
      told(proof);
    });
  }

  async #proofOf(credential: Uint8Array): Promise<Proof> {
    let ids: unknown;
    try {
      ids = await this.#prove(credential);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'refused', reason: `${this.scheme}: ${reason}` };
    }
    if (isListOfIds(ids)) {
      return { kind: 'proved', identities: ids.map((id) => ({ scheme: this.scheme, id })) };
    }
    this.#toldOfFault(this.scheme);
    return NO_IDS;
  }
}

function exportsOf(loaded: unknown): { readonly scheme?: unknown; readonly prove?: unknown } {
  return typeof loaded === 'object' && loaded !== null ? loaded : {};
}

function faultOfScheme(scheme: unknown): string | null {
  if (typeof scheme !== 'string') return 'must be exported: the name of the scheme in ACLs';
  if (!/^[a-z][a-z0-9-]*$/.test(scheme)) return 'must be lower-case letters, digits and hyphens';
  return TAKEN.includes(scheme) ? `must be another name than ${TAKEN.join(', ')}` : null;
}

function isProve(exported: unknown): exported is Prove {
  return typeof exported === 'function';
}

function isListOfIds(ids: unknown): ids is readonly string[] {
  return (
    Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string' && id !== '')
  );
}
