// The terms of watches, and what their events show, as fast-check draws them.
import { EVENT_KINDS } from '@paddock/model';
import type { ShownZnode, WatchTerms } from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import { bytes, some, stat, uint32 } from './arbitrary-values.ts';

export const watchTerms: Arbitrary<WatchTerms> = fc.record({
  kinds: some(fc.constantFrom(...EVENT_KINDS)),
  depth: uint32,
  withStat: fc.boolean(),
  withData: fc.boolean(),
  progressMs: uint32,
});

export const shownZnode: Arbitrary<ShownZnode> = fc
  .record({ stat, data: bytes }, { requiredKeys: [] })
  .filter((it) => 'stat' in it || 'data' in it);
