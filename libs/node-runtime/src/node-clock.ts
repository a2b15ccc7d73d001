import { performance } from 'node:perf_hooks';
import type { Clock } from '@paddock/ports';

export const NODE_CLOCK: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
