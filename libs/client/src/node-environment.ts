import { randomBytes, randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Clock, Random } from '@paddock/ports';

// The client is shipped alone, so it does not take these from the servers' runtime.

export const NODE_CLOCK: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

export const NODE_RANDOM: Random = {
  safeInteger: () => randomInt(1, 2 ** 48),
  below: (bound) => randomInt(bound),
  bytes: (length) => new Uint8Array(randomBytes(length)),
};
