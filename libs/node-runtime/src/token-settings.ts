import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

/** All of them asymmetric: whoever checks a signature by a shared secret could make one. */
export const TOKEN_ALGORITHMS = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** Which bearer tokens (JWT) prove an identity, and whose. */
export interface TokenSettings {
  /** The file with the public keys, a JWKS, by its absolute path. */
  readonly keys: string;
  readonly issuer: string;
  /** A token is for one of them. */
  readonly audience: readonly string[];
  readonly algorithms: readonly TokenAlgorithm[];
  /** By how much the clocks of issuer and server may differ, in milliseconds. */
  readonly clockToleranceMs: number;
  /** The claim that says who somebody is. */
  readonly identityClaim: string;
  /** The claim with the names of his groups; undefined: they count for nothing. */
  readonly groupsClaim: string | undefined;
}

const name = z.string().min(1);

export const tokensSchema = z.strictObject({
  keys: name,
  issuer: name,
  audience: z.union([name.transform((it) => [it]), z.array(name).min(1)]),
  algorithms: z
    .array(
      z.enum(TOKEN_ALGORITHMS, {
        error:
          `is not taken: choose of ${TOKEN_ALGORITHMS.join(', ')} ` +
          '(HS256 and the like would let every server make tokens, none lets everybody)',
      }),
    )
    .min(1)
    .default([...TOKEN_ALGORITHMS]),
  clockToleranceMs: z.int().min(0).max(300_000).default(5000),
  identityClaim: name.default('sub'),
  groupsClaim: name.optional(),
});

/** Paths start at `base`. */
export function tokenSettings(
  settings: z.output<typeof tokensSchema> | undefined,
  base: string,
): TokenSettings | undefined {
  if (settings === undefined) return undefined;
  const { keys, groupsClaim } = settings;
  return { ...settings, groupsClaim, keys: isAbsolute(keys) ? keys : resolve(base, keys) };
}
