// Every message between a client and a front-end, as fast-check draws them.
import { ROOT, WATCH_KINDS } from '@paddock/model';
import type {
  ClientOperation,
  NumberedResult,
  OperationResult,
  ReadConsistency,
  SessionReply,
  SessionRequest,
} from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import {
  acl,
  batchedKind,
  uint32,
  duration,
  version,
  expectedVersion,
  count,
  failed,
  text,
  bytes,
  zxid,
  session,
  sessionOrNone,
  createMode,
  kind,
  one,
  some,
  writeResult,
  readResult,
  outcome,
  watch,
  event,
  quota,
  transactionOf,
} from './arbitrary-values.ts';

const consistency: Arbitrary<ReadConsistency> = one<ReadConsistency>(
  fc.record({ kind: kind('boundedStaleness'), ms: uint32 }),
  fc.constant({ kind: 'linearizable' }),
);

const maybeAcl = fc.option(acl, { nil: undefined });

export const clientOperation: Arbitrary<ClientOperation> = one<ClientOperation>(
  fc.record({
    kind: kind('create'),
    path: text,
    data: bytes,
    mode: createMode,
    ttlMs: count,
    acl: maybeAcl,
  }),
  fc.record({ kind: kind('setAcl'), path: text, acl, version: expectedVersion }),
  fc.record({ kind: kind('getAcl'), path: text, atLeast: zxid }),
  fc.record({ kind: kind('can'), path: text, atLeast: zxid, permissions: uint32 }),
  fc.record({ kind: kind('addAuth'), scheme: text, credential: bytes }),
  fc.constant({ kind: 'whoAmI' }),
  fc.record({ kind: kind('setData'), path: text, data: bytes, version: expectedVersion }),
  fc.record({ kind: kind('delete'), path: text, version: expectedVersion }),
  transactionOf(text),
  fc.record({ kind: kind('setQuota'), path: text, quota }),
  fc.record(
    {
      kind: fc.constantFrom('getData', 'exists', 'getChildren'),
      path: text,
      watch: fc.boolean(),
      atLeast: zxid,
      consistency,
    },
    { requiredKeys: ['kind', 'path', 'watch', 'atLeast'] },
  ),
  fc.record(
    {
      kind: fc.constantFrom('countDescendants', 'getQuotas'),
      path: text,
      atLeast: zxid,
      consistency,
    },
    { requiredKeys: ['kind', 'path', 'atLeast'] },
  ),
  fc.record(
    {
      kind: kind('readMany'),
      path: fc.constant(ROOT),
      atLeast: zxid,
      consistency,
      reads: some(fc.record({ kind: batchedKind, path: text })),
    },
    { requiredKeys: ['kind', 'path', 'atLeast', 'reads'] },
  ),
  fc.record(
    {
      kind: kind('getChildrenPage'),
      path: text,
      watch: fc.boolean(),
      atLeast: zxid,
      consistency,
      after: text,
      limit: uint32,
    },
    { requiredKeys: ['kind', 'path', 'watch', 'atLeast', 'after', 'limit'] },
  ),
  fc.record(
    { kind: kind('getEphemerals'), path: text, atLeast: zxid, consistency, owner: sessionOrNone },
    { requiredKeys: ['kind', 'path', 'atLeast', 'owner'] },
  ),
  fc.record(
    {
      kind: kind('listSessions'),
      path: fc.constant(ROOT),
      atLeast: zxid,
      consistency,
      afterSession: sessionOrNone,
      limit: uint32,
    },
    { requiredKeys: ['kind', 'path', 'atLeast', 'afterSession', 'limit'] },
  ),
  fc.record(
    {
      kind: kind('getWatches'),
      path: text,
      atLeast: zxid,
      consistency,
      after: text,
      limit: uint32,
    },
    { requiredKeys: ['kind', 'path', 'atLeast', 'after', 'limit'] },
  ),
  fc.record({
    kind: kind('exists'),
    path: text,
    watch: fc.boolean(),
    mode: fc.constantFrom('persistent', 'persistentRecursive'),
    atLeast: zxid,
  }),
  fc.constant({ kind: 'closeSession' }),
  fc.constant({ kind: 'sync' }),
  fc.constant({ kind: 'unknown' }),
);

const credentials = fc.option(some(fc.record({ scheme: text, credential: bytes }), 1), {
  nil: undefined,
});

export const sessionRequest: Arbitrary<SessionRequest> = one<SessionRequest>(
  fc.record(
    {
      kind: kind('open'),
      timeoutMs: duration,
      credentials,
      acceptsReadOnly: fc.constant(true as const),
      floor: zxid.filter((it) => it > 0),
      local: fc.record({ watches: some(watch) }),
    },
    { requiredKeys: ['kind', 'timeoutMs', 'credentials'] },
  ),
  fc.record({
    kind: kind('resume'),
    session,
    secret: fc.uint8Array({ maxLength: 64 }),
    attempt: version,
    ackedThrough: count,
    floor: zxid,
    watches: some(watch),
    credentials,
  }),
  fc.record({
    kind: kind('operations'),
    firstSequence: count,
    ackedThrough: count,
    operations: some(clientOperation, 1),
  }),
  fc.record({ kind: kind('heartbeat'), number: count }),
  fc.constant({ kind: 'upgrade' }),
  fc.record({ kind: kind('unwatch'), path: text, watch: fc.constantFrom(...WATCH_KINDS) }),
);

const numberedResult: Arbitrary<NumberedResult> = fc.record({
  zxid,
  result: one<OperationResult>(writeResult, readResult, fc.constant({ kind: 'synced' })),
});

export const sessionReply: Arbitrary<SessionReply> = one<SessionReply>(
  fc.record(
    {
      kind: kind('opened'),
      session,
      secret: fc.uint8Array({ maxLength: 64 }),
      timeoutMs: duration,
      zxid,
      isLocal: fc.constant(true as const),
    },
    { requiredKeys: ['kind', 'session', 'secret', 'timeoutMs', 'zxid'] },
  ),
  fc.record({ kind: kind('upgraded'), zxid }),
  fc.record({
    kind: kind('resumed'),
    timeoutMs: duration,
    zxid,
    lastSequence: count,
    outcomes: some(outcome),
    more: fc.boolean(),
  }),
  fc.record({ kind: kind('readOnly'), timeoutMs: duration }),
  fc.record({ kind: kind('results'), results: some(numberedResult, 1) }),
  fc.record({ kind: kind('event'), event }),
  fc.record({ kind: kind('watchesCompacted'), watches: some(watch) }),
  fc.record({ kind: kind('heartbeat'), acknowledged: count, covered: zxid }),
  fc.record({ kind: kind('expect'), sequence: count, retryAfterMs: duration }),
  fc.record(
    {
      kind: kind('ended'),
      cause: fc.constantFrom(
        'closed',
        'expired',
        'restored',
        'fenced',
        'resumeElsewhere',
        'refused',
        'forgotten',
      ),
      reason: text,
      outcomes: some(outcome),
      refusal: failed,
    },
    { requiredKeys: ['kind', 'cause', 'reason', 'outcomes'] },
  ),
);
