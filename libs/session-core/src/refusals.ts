import type { Failed } from '@paddock/model';
import type { Frontend } from './frontend.ts';
import { failed } from './operation-check.ts';

/** Of a request that its client may make again after `waitMs`. */
export function tooManyRequests({ rates }: Frontend, waitMs: number): Failed {
  const limit = rates.perSecond;
  const reason = `more than ${limit} requests a second: ask again after ${waitMs} ms`;
  const reached = { kind: 'requestsPerSecond', path: '', limit, use: limit, more: 1 } as const;
  return { ...failed('throttled', reason), limit: reached, retryAfterMs: waitMs };
}

/** Of a session that is to be opened from an address that has as many as it may have; null where it may have it. */
export function tooManySessions(front: Frontend, address: string): Failed | null {
  const limit = front.limits.sessionsPerAddress;
  if (limit === 0 || address === '') return null;
  let use = 0;
  for (const session of front.byLink.values()) {
    if (session.address === address && session.phase !== 'waiting') use++;
  }
  if (use < limit) return null;
  const reason = `${address} has ${use} sessions here, and at most ${limit} are allowed`;
  const reached = { kind: 'sessionsPerAddress', path: '', limit, use, more: 1 } as const;
  const retryAfterMs = front.timing.sessionTimeoutMinMs;
  return { ...failed('throttled', reason), limit: reached, retryAfterMs };
}
