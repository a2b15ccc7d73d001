import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FileInUseError, FilesInUse } from '@paddock/link-grpc';
import { reasonOf } from '@paddock/node-runtime';
import { createLocalJWKSet } from 'jose';
import type { JSONWebKeySet, JWK, JWTVerifyGetKey } from 'jose';

/** Bits of an RSA key below which no signature is taken. */
const RSA_BITS_MIN = 2048;

/** The public keys by which tokens are verified: a JWKS (RFC 7517), which is read again when it changes. */
export class TokenKeys extends FilesInUse<JWTVerifyGetKey> {
  /** Throws a FileInUseError. */
  constructor(file: string) {
    super([file], () => createLocalJWKSet(read(file)));
  }
}

function read(file: string): JSONWebKeySet {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new FileInUseError(file, `cannot be read as JSON (${reasonOf(error)})`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || !('keys' in value)) throw noKeySet(file);
  const { keys } = value;
  if (!Array.isArray(keys)) throw noKeySet(file);
  if (keys.length === 0) throw new FileInUseError(file, 'has no keys: nobody could log in by it');
  const list: readonly unknown[] = keys;
  return { keys: list.map((key, index) => checked(file, key, index)) };
}

function noKeySet(file: string): FileInUseError {
  return new FileInUseError(file, 'is no set of keys: it takes {"keys": [JWK, …]}');
}

function checked(file: string, key: unknown, index: number): JWK {
  const fault = (problem: string, cause?: unknown): FileInUseError =>
    new FileInUseError(file, `keys.${index}: ${problem}`, { cause });
  if (!isKey(key)) throw fault('is no JWK');
  if (key.kty === 'oct') throw fault('is a shared secret, and only public keys are taken');
  if ('d' in key) {
    throw fault('is a private key, which does not belong here: leave only the public one');
  }
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' });
    const bits = asymmetricKeyDetails?.modulusLength ?? RSA_BITS_MIN;
    if (bits >= RSA_BITS_MIN) return key;
    throw fault(`has ${bits} bits, and at least ${RSA_BITS_MIN} are taken`);
  } catch (error) {
    if (error instanceof FileInUseError) throw error;
    throw fault(`cannot be used (${reasonOf(error)})`, error);
  }
}

function isKey(value: unknown): value is JWK & { readonly kty: string } {
  return (
    typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string'
  );
}
