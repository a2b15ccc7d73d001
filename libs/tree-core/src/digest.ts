/** 64 bits as two unsigned halves: what replicas compare (P10). */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

/** 16 bytes, for comparison and nothing else: what a database is, its tree and its session table (H22). */
export function digestBytes(znodes: Digest, sessions: Digest): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, znodes.high);
  view.setUint32(4, znodes.low);
  view.setUint32(8, sessions.high);
  view.setUint32(12, sessions.low);
  return bytes;
}

export function sameDigest(a: Digest, b: Digest): boolean {
  return a.high === b.high && a.low === b.low;
}

export const NO_DIGEST: Digest = { high: 0, low: 0 };

/** Digests are sums: what has to be added to `from` to come to `to`. */
export function digestDifference(to: Digest, from: Digest): Digest {
  return { high: (to.high - from.high) >>> 0, low: (to.low - from.low) >>> 0 };
}

export function digestSum(a: Digest, b: Digest): Digest {
  return { high: (a.high + b.high) >>> 0, low: (a.low + b.low) >>> 0 };
}

export function formatDigest(digest: Digest): string {
  return digest.high.toString(16).padStart(8, '0') + digest.low.toString(16).padStart(8, '0');
}
