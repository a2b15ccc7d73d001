// JSON Web Tokens for tests, written by hand: what verifies them is a library, and would agree with itself.
import { generateKeyPairSync, sign } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';

/** Whose tokens they are, and for whom, unless told otherwise. */
export const TOKEN_ISSUER = 'https://issuer.example';
export const TOKEN_AUDIENCE = 'paddock';

/** Claims beside those, or instead; an undefined one is left out. Times are seconds since 1970. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** Signs tokens by a key of its own. */
export class TokenIssuer {
  /** The public key, for a JWKS. */
  readonly jwk: JsonWebKey;
  readonly #key: KeyObject;
  readonly #algorithm: 'ES256' | 'RS256';

  constructor(kid: string, algorithm: 'ES256' | 'RS256' = 'ES256') {
    const { privateKey, publicKey } =
      algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#key = privateKey;
    this.#algorithm = algorithm;
    this.jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm };
  }

  sign(claims: TokenClaims, header: TokenClaims = {}): string {
    const { kid } = this.jwk;
    const fields = encoded({ alg: this.#algorithm, typ: 'JWT', kid, ...header });
    const body = encoded({ iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE, ...claims });
    const signed = Buffer.from(`${fields}.${body}`);
    const signature = sign('sha256', signed, { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `${fields}.${body}.${signature.toString('base64url')}`;
  }

  /** Of the subject, for so long from now on; less than none has expired. */
  token(subject: string, forSeconds = 3600, claims: TokenClaims = {}): string {
    return this.sign({ sub: subject, exp: Math.floor(Date.now() / 1000) + forSeconds, ...claims });
  }
}

function encoded(value: TokenClaims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
