import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { Random, SecretHash } from '@paddock/ports';

const HIGH_BITS = 2 ** 21;
const WORD = 2 ** 32;

/** Cryptographic randomness: session ids and secrets must not be guessed. */
export const NODE_RANDOM: Random = {
  safeInteger() {
    for (;;) {
      const bytes = randomBytes(8);
      const value = (bytes.readUInt32LE(0) % HIGH_BITS) * WORD + bytes.readUInt32LE(4);
      if (value > 0) return value;
    }
  },
  below: (bound) => randomInt(bound),
  bytes: (length) => new Uint8Array(randomBytes(length)),
};

export const SHA256: SecretHash = (secret) =>
  new Uint8Array(createHash('sha256').update(secret).digest());

/** As ZooKeeper's scheme digest has it: no protection of a password that can be guessed. */
export const SHA1_BASE64 = (credential: Uint8Array): string =>
  createHash('sha1').update(credential).digest('base64');
