import {
  hasTtl,
  NO_LIMIT,
  NO_TTL,
  parseZnodePath,
  QUOTA_LIMITS,
  shortened,
  TTL_MAX_MS,
} from '@paddock/model';
import type { CreateMode, Quota, WatchTerms } from '@paddock/model';

const QUOTED_MAX = 100;
const VERSION_MAX = 2 ** 31 - 1;

/** What is wrong with it, and what would be right; null where nothing is. */
export function faultOfTtl(mode: CreateMode, ttlMs: number): string | null {
  if (!hasTtl(mode)) {
    return ttlMs === NO_TTL
      ? null
      : `a znode that is ${mode} has no time to live: choose a mode with one`;
  }
  const isTtl = Number.isInteger(ttlMs) && ttlMs > 0 && ttlMs <= TTL_MAX_MS;
  return isTtl ? null : `a time to live is an integer from 1 to ${TTL_MAX_MS} ms, not ${ttlMs}`;
}

export function faultOfVersion(version: number): string | null {
  const isVersion = Number.isInteger(version) && version >= -1 && version <= VERSION_MAX;
  return isVersion ? null : `a version is an integer from -1 (any) on, not ${version}`;
}

export function faultOfQuota(quota: Quota): string | null {
  for (const limit of QUOTA_LIMITS) {
    const value = quota[limit];
    if (Number.isSafeInteger(value) && value >= NO_LIMIT) continue;
    return `the limit ${limit} is an integer from 0 (none) on, not ${value}`;
  }
  return null;
}

/** Of what a page of children begins behind: nothing, or what may be a name. */
export function faultOfAfter(after: string): string | null {
  if (after === '') return null;
  if (after.includes('/')) {
    return `after is the name of a child, and "${shortened(after, QUOTED_MAX)}" has a "/"`;
  }
  const parsed = parseZnodePath(`/${after}`);
  return parsed.ok ? null : `after is no name of a child: ${parsed.reason}`;
}

/** Milliseconds from which on a watch may say how far it is. */
const PROGRESS_MS_MIN = 100;

export function faultOfTerms(terms: WatchTerms | undefined): string | null {
  if (terms === undefined || terms.progressMs === 0) return null;
  if (terms.progressMs >= PROGRESS_MS_MIN) return null;
  return `a watch says how far it is every ${PROGRESS_MS_MIN} ms or less often, not every ${terms.progressMs}`;
}
