import { decodeText, SUPER } from '@paddock/model';
import type { IdentityProvider, Proof } from './identities.ts';

/** SHA-1 in base64, by which ZooKeeper knows who has which password. */
export type DigestHash = (credential: Uint8Array) => string;

const COLON = 0x3a;

/**
 * ZooKeeper's scheme digest: who has a password is whoever has one of that hash, so that a credential proves itself.
 * The user super is more where the hash is the one that the operator has configured.
 */
export class DigestProvider implements IdentityProvider {
  readonly scheme = 'digest';
  readonly #hash: DigestHash;
  /** "super:hash", or null where nobody is. */
  readonly #superDigest: string | null;

  constructor(hash: DigestHash, superDigest: string | null) {
    this.#hash = hash;
    this.#superDigest = superDigest;
  }

  identify(credential: Uint8Array): Proof {
    const colon = credential.indexOf(COLON);
    if (colon < 1) return NOTHING;
    const user = userOf(credential.subarray(0, colon));
    if (user === null) return NOTHING;
    const id = `${user}:${this.#hash(credential)}`;
    const proved = { scheme: this.scheme, id };
    return { kind: 'proved', identities: id === this.#superDigest ? [proved, SUPER] : [proved] };
  }
}

const NOTHING: Proof = {
  kind: 'refused',
  reason: 'the credential proves no identity of the scheme digest',
};

function userOf(bytes: Uint8Array): string | null {
  try {
    return decodeText(bytes);
  } catch {
    return null;
  }
}
