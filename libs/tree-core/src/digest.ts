/** 64 bits as two unsigned halves: what replicas compare (P10). */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

export function sameDigest(a: Digest, b: Digest): boolean {
  return a.high === b.high && a.low === b.low;
}

export function formatDigest(digest: Digest): string {
  return digest.high.toString(16).padStart(8, '0') + digest.low.toString(16).padStart(8, '0');
}
