/** The only source of randomness. */
export interface Random {
  /** Uniform over the safe integers from 1 on. */
  safeInteger(): number;
  /** Uniform over 0 ≤ value < bound. */
  below(bound: number): number;
  bytes(length: number): Uint8Array;
}

/** A one-way hash with 32 bytes of result: session secrets are kept only as this. */
export type SecretHash = (secret: Uint8Array) => Uint8Array;
