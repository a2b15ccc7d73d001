/**
 * A hash of a path, unit by unit: a child's continues its parent's, so that one pass over a path gives
 * both, and a loaded tree is hashed from the root down.
 */

/** The hash of the empty prefix, which is the root's. */
export const ROOT_HASH = 0x811c_9dc5 | 0;

const SLASH = 0x2f;
const PRIME = 0x0100_0193;

export function hashStep(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, PRIME);
}

/** Goes on from the hash of what stands before `start`. */
export function hashRange(hash: number, text: string, start: number, end: number): number {
  let h = hash;
  for (let i = start; i < end; i++) h = hashStep(h, text.charCodeAt(i));
  return h;
}

/** The hash of the first `end` units of a path. */
export function hashPrefix(path: string, end: number): number {
  return hashRange(ROOT_HASH, path, 0, end);
}

/** The hash of a child whose parent has this hash. */
export function hashChild(parentHash: number, name: string): number {
  return hashRange(hashStep(parentHash, SLASH), name, 0, name.length);
}

/** As hashChild, of a name in ASCII bytes. */
export function hashAsciiChild(
  parentHash: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): number {
  let hash = hashStep(parentHash, SLASH);
  for (let i = start; i < start + length; i++) hash = hashStep(hash, bytes[i] ?? 0);
  return hash;
}
