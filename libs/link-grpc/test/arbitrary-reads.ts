// What front-ends ask databases to read, as fast-check draws it.
import type { ReadOperation } from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import {
  path,
  kind,
  one,
  some,
  session,
  sessionOrNone,
  text,
  ordinal,
  uint32,
  batchedKind,
} from './arbitrary-values.ts';

export const readOperation: Arbitrary<ReadOperation> = one<ReadOperation>(
  fc.record({
    kind: fc.constantFrom('getData', 'exists', 'getChildren'),
    path,
    watch: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom('countDescendants', 'getQuotas', 'getAcl'),
    path,
    watch: fc.constant(false as const),
  }),
  fc.record({
    kind: kind('readMany'),
    path,
    watch: fc.constant(false as const),
    reads: some(fc.record({ kind: batchedKind, path })),
  }),
  fc.record({
    kind: kind('getSubtree'),
    path,
    watch: fc.constant(false as const),
    snapshot: fc.oneof(fc.constant(0), ordinal),
    bytes: uint32,
  }),
  fc.record({
    kind: kind('can'),
    path,
    watch: fc.constant(false as const),
    permissions: fc.integer({ min: 0, max: 31 }),
  }),
  fc.record({
    kind: kind('getChildrenPage'),
    path,
    watch: fc.boolean(),
    after: text,
    limit: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  }),
  fc.record({
    kind: kind('getEphemerals'),
    path,
    watch: fc.constant(false as const),
    owner: session,
  }),
  fc.record({
    kind: kind('listSessions'),
    path,
    watch: fc.constant(false as const),
    afterSession: sessionOrNone,
    limit: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  }),
  fc.record({
    kind: kind('getWatches'),
    path,
    watch: fc.constant(false as const),
    after: text,
    limit: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  }),
  fc.record({
    kind: kind('exists'),
    path,
    watch: fc.boolean(),
    mode: fc.constantFrom('persistent', 'persistentRecursive'),
  }),
);
