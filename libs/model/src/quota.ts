import type { ZnodePath } from './path.ts';

/** Where a limit stands in a Quota for none. */
export const NO_LIMIT = 0;

/**
 * What a znode and all below it may come to: `count` znodes, it included, and `bytes` of data. A change that makes it
 * more is refused where that exceeds a hard limit; beyond a soft one it is noted.
 */
export interface Quota {
  readonly countHard: number;
  readonly countSoft: number;
  readonly bytesHard: number;
  readonly bytesSoft: number;
}

export const NO_QUOTA: Quota = {
  countHard: NO_LIMIT,
  countSoft: NO_LIMIT,
  bytesHard: NO_LIMIT,
  bytesSoft: NO_LIMIT,
};

export const QUOTA_LIMITS = ['countHard', 'countSoft', 'bytesHard', 'bytesSoft'] as const;

/** A quota without limits is none. */
export function isNoQuota(quota: Quota): boolean {
  return QUOTA_LIMITS.every((it) => quota[it] === NO_LIMIT);
}

/** A quota, and what the znode and all below it come to. */
export interface QuotaUse {
  readonly path: ZnodePath;
  readonly quota: Quota;
  readonly count: number;
  readonly bytes: number;
}

export function exceedsSoft({ quota, count, bytes }: Omit<QuotaUse, 'path'>): boolean {
  return isAbove(count, quota.countSoft) || isAbove(bytes, quota.bytesSoft);
}

export function isAbove(value: number, limit: number): boolean {
  return limit !== NO_LIMIT && value > limit;
}

/** What one quota adds to the bytes of all of them: its path and its numbers. */
export function quotaCost(path: ZnodePath): number {
  return 3 * path.length + 64;
}
