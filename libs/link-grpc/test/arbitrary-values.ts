// What the messages of several boundaries have in common, as fast-check draws it.
import {
  CREATE_MODES,
  ERROR_CODES,
  EVENT_KINDS,
  EPOCH_MAX,
  LIMIT_KINDS,
  makeEpoch,
  makeFrontendIncarnation,
  makeSessionId,
  makeTerm,
  makeZxid,
  NO_SESSION,
  RELATIONS,
  trustedPath,
  WATCH_KINDS,
  ZNODE_KINDS,
  type Acl,
  type Attachment,
  type BatchedResult,
  type Comparison,
  type ErrorCode,
  type Failed,
  type Identities,
  type Outcome,
  type Quota,
  type QuotaUse,
  type ReachedLimit,
  type ReadResult,
  type SessionInfo,
  type Stat,
  type TermAnnouncement,
  type TransactionOperation,
  type TransactionResult,
  type TransactionStep,
  type WatchedPath,
  type WatchEvent,
  type WatchRegistration,
  type WriteResult,
  type ZnodeReadResult,
} from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';

export const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
export const duration = fc.integer({ min: 0, max: 2 ** 31 - 1 });
export const version = fc.integer({ min: 0, max: 2 ** 31 - 1 });
export const expectedVersion = fc.integer({ min: -1, max: 2 ** 31 - 1 });
export const count = fc.maxSafeNat();
export const ordinal = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
export const epoch = fc.integer({ min: 0, max: EPOCH_MAX }).map(makeEpoch);
export const text = fc.string({ unit: 'grapheme', maxLength: 20 });
export const bytes = fc.uint8Array({ maxLength: 80 });
export const backupName = fc.stringMatching(/^[0-9a-z.-]{1,128}$/);

export const digest = fc.uint8Array({ maxLength: 64 });
export const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

export const zxid = fc.tuple(epoch, uint32).map(([e, c]) => makeZxid(e, c));
export const term = fc.tuple(epoch, uint32).map(([e, c]) => makeTerm(e, c));
export const session = ordinal.map(makeSessionId);
export const sessionOrNone = fc.oneof(fc.constant(NO_SESSION), session);
export const name = fc.stringMatching(/^[a-zäöü✓0-9_-]{1,8}$/);
export const path = fc
  .array(name, { maxLength: 5 })
  .map((names) => trustedPath(`/${names.join('/')}`));
export const errorCode = fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[]));
export const createMode = fc.constantFrom(...CREATE_MODES);

export function kind<T extends string>(it: T): Arbitrary<T> {
  return fc.constant(it);
}

export function one<T>(...of: Arbitrary<T>[]): Arbitrary<T> {
  return fc.oneof(...of);
}

export function some<T>(of: Arbitrary<T>, minLength = 0): Arbitrary<T[]> {
  return fc.array(of, { minLength, maxLength: 4 });
}

export const stat: Arbitrary<Stat> = fc.record({
  czxid: zxid,
  mzxid: zxid,
  pzxid: zxid,
  ctime: count,
  mtime: count,
  version: uint32,
  cversion: uint32,
  aversion: uint32,
  ephemeralOwner: sessionOrNone,
  dataLength: uint32,
  numChildren: uint32,
  kind: fc.constantFrom(...ZNODE_KINDS),
  ttlMs: count,
});

export const acl: Arbitrary<Acl> = fc.array(
  fc.record({ permissions: fc.integer({ min: 0, max: 31 }), scheme: text, id: text }),
  { minLength: 1, maxLength: 3 },
);

/** None, in as many cases as some. */
export const identities: Arbitrary<Identities> = fc.option(
  fc.array(fc.record({ scheme: text, id: text }), { minLength: 1, maxLength: 3 }),
  { nil: undefined },
);

export const attachment: Arbitrary<Attachment> = fc.record({
  frontend: ordinal.map(makeFrontendIncarnation),
  connection: count,
  attempt: count,
});

export const announcement: Arbitrary<TermAnnouncement> = fc.record({
  term,
  processorAddress: text,
});
export const limit: Arbitrary<ReachedLimit> = fc.record({
  kind: fc.constantFrom(...LIMIT_KINDS),
  path: text,
  limit: count,
  use: count,
  more: count,
});
export const failed: Arbitrary<Failed> = fc.record(
  {
    kind: kind('failed'),
    code: errorCode,
    reason: text,
    step: fc.record({ index: fc.integer({ min: -1, max: 9999 }), path: text }),
    limit,
    retryAfterMs: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  },
  { requiredKeys: ['kind', 'code', 'reason'] },
);

export const quota: Arbitrary<Quota> = fc.record({
  countHard: count,
  countSoft: count,
  bytesHard: count,
  bytesSoft: count,
});

export const quotaUse: Arbitrary<QuotaUse> = fc.record({ path, quota, count, bytes: count });

const created = fc.record(
  { kind: kind('created'), path, stat, counter: uint32 },
  { requiredKeys: ['kind', 'path', 'stat'] },
);
const dataSet = fc.record({ kind: kind('dataSet'), stat });

const znodeReadResult: Arbitrary<ZnodeReadResult> = one<ZnodeReadResult>(
  fc.record({ kind: kind('data'), data: bytes, stat }),
  fc.record({ kind: kind('stat'), stat }),
  fc.record({ kind: kind('children'), children: some(name), stat }),
  failed,
);

const sessionInfo: Arbitrary<SessionInfo> = fc.record({
  session,
  timeoutMs: duration,
  frontend: ordinal.map(makeFrontendIncarnation),
  connection: count,
  writes: count,
  outcomes: uint32,
  ephemerals: uint32,
  ephemeralBytes: count,
  watches: fc.option(uint32),
  isLocal: fc.boolean(),
});
const watchedPath: Arbitrary<WatchedPath> = fc.record({
  path,
  kinds: some(fc.constantFrom(...WATCH_KINDS)),
});

const batchedResult: Arbitrary<BatchedResult> = one<BatchedResult>(
  znodeReadResult,
  fc.record({ kind: kind('descendants'), descendants: uint32, subtreeBytes: count, stat }),
);

export const batchedKind = fc.constantFrom(
  ...(['getData', 'exists', 'getChildren', 'countDescendants'] as const),
);

export const readResult: Arbitrary<ReadResult> = one<ReadResult>(
  batchedResult,
  fc.record({ kind: kind('many'), results: some(batchedResult) }),
  fc.record({ kind: kind('childrenPage'), children: some(name), more: fc.boolean(), stat }),
  fc.record({ kind: kind('ephemerals'), paths: some(path) }),
  fc.record({ kind: kind('sessions'), sessions: some(sessionInfo), more: fc.boolean() }),
  fc.record({ kind: kind('watches'), watches: some(watchedPath), more: fc.boolean() }),
  fc.record({ kind: kind('quotas'), quotas: some(quotaUse) }),
  fc.record({ kind: kind('acl'), acl, stat }),
  fc.record({ kind: kind('permitted'), permitted: fc.boolean() }),
);

const aclSet = fc.record({ kind: kind('aclSet'), stat });

/** Between stages: clients are told in parts. */
export const subtree: Arbitrary<ReadResult> = fc.record({
  kind: kind('subtree'),
  snapshot: count,
  zxid,
  znodes: some(fc.record({ path, data: bytes, stat })),
  more: fc.boolean(),
});

const stepResult: Arbitrary<TransactionResult> = one<TransactionResult>(
  created,
  dataSet,
  fc.constant({ kind: 'deleted' }),
  fc.constant({ kind: 'checked' }),
  aclSet,
  znodeReadResult,
);

export const writeResult: Arbitrary<WriteResult> = one<WriteResult>(
  created,
  dataSet,
  fc.constant({ kind: 'deleted' }),
  fc.constant({ kind: 'closed' }),
  fc.constant({ kind: 'quotaSet' }),
  aclSet,
  fc.record({ kind: kind('transacted'), succeeded: fc.boolean(), results: some(stepResult) }),
  failed,
);

/** A transaction whose paths are these. */
export function transactionOf<Path extends string>(
  of: Arbitrary<Path>,
): Arbitrary<TransactionOperation<Path>> {
  const relation = fc.constantFrom(...RELATIONS);
  const comparison = one<Comparison<Path>>(
    fc.record({ kind: kind('exists'), path: of, exists: fc.boolean() }),
    fc.record({
      kind: fc.constantFrom('version', 'childCount'),
      path: of,
      relation,
      value: uint32,
    }),
    fc.record({ kind: kind('mzxid'), path: of, relation, value: zxid }),
    fc.record({ kind: kind('owner'), path: of, relation, value: count }),
    fc.record({ kind: kind('data'), path: of, relation, data: bytes }),
  );
  const step = one<TransactionStep<Path>>(
    fc.record({
      kind: kind('create'),
      path: of,
      data: bytes,
      mode: createMode,
      ttlMs: count,
      parents: fc.boolean(),
      acl: fc.option(acl, { nil: undefined }),
    }),
    fc.record({ kind: kind('setAcl'), path: of, acl, version: expectedVersion }),
    fc.record({
      kind: kind('setData'),
      path: of,
      data: bytes,
      version: expectedVersion,
      upsert: fc.boolean(),
    }),
    fc.record({
      kind: kind('delete'),
      path: of,
      version: expectedVersion,
      recursive: fc.boolean(),
    }),
    fc.record({ kind: kind('check'), path: of, version: expectedVersion }),
    fc.record({ kind: fc.constantFrom('getData', 'exists', 'getChildren'), path: of }),
  );
  return fc.record({
    kind: kind('transaction'),
    guard: fc.option(fc.record({ path: of, czxid: zxid })),
    compare: some(comparison),
    then: some(step),
    otherwise: some(step),
  });
}

export const outcome: Arbitrary<Outcome> = fc.record({
  sequence: ordinal,
  zxid,
  requestHash: uint32,
  result: writeResult,
});

export const watch: Arbitrary<WatchRegistration> = fc.record({
  path,
  kind: fc.constantFrom(...WATCH_KINDS),
  from: zxid,
});

export const event: Arbitrary<WatchEvent> = fc.record({
  kind: fc.constantFrom(...EVENT_KINDS),
  path,
  zxid,
});
export const sessionEnd = fc.constantFrom('closed', 'expired', 'restored');
