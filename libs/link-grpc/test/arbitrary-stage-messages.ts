// Every message between stages of a replica, as fast-check draws them.
import {
  makeFrontendIncarnation,
  WATCH_KINDS,
  ZNODE_KINDS,
  type AttachVerdict,
  type BroadcastReply,
  type BroadcastRequest,
  type DatabaseReply,
  type DatabaseRequest,
  type DeliveryReply,
  type DeliveryRequest,
  type LogEntry,
  type LookUpReply,
  type LookUpRequest,
  type ProcessorReply,
  type ProcessorRequest,
  type SessionRow,
  type WriteOperation,
  type ZnodeRecord,
} from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import {
  backupName,
  uint32,
  duration,
  expectedVersion,
  digest,
  count,
  acl,
  identities,
  ordinal,
  text,
  bytes,
  hash,
  zxid,
  term,
  session,
  sessionOrNone,
  path,
  errorCode,
  createMode,
  kind,
  one,
  some,
  attachment,
  announcement,
  readResult,
  subtree,
  outcome,
  watch,
  event,
  sessionEnd,
  failed,
  quota,
  quotaUse,
  transactionOf,
} from './arbitrary-values.ts';
import { readOperation } from './arbitrary-reads.ts';
import { shownZnode, watchTerms } from './arbitrary-watches.ts';

export const databaseRequest: Arbitrary<DatabaseRequest> = one<DatabaseRequest>(
  fc.record({ kind: kind('openStream'), frontend: ordinal.map(makeFrontendIncarnation) }),
  fc.record(
    {
      kind: kind('attach'),
      session,
      attachment,
      floor: zxid,
      firstUnsettled: count,
      watches: some(watch),
      more: fc.boolean(),
      identities,
      localTimeoutMs: duration,
    },
    {
      requiredKeys: [
        'kind',
        'session',
        'attachment',
        'floor',
        'firstUnsettled',
        'watches',
        'more',
        'identities',
      ],
    },
  ),
  fc.record({ kind: kind('detach'), session, attachment }),
  fc.record({ kind: kind('identify'), session, attachment, identities }),
  fc.record({
    kind: kind('unwatch'),
    session,
    attachment,
    path,
    watch: fc.constantFrom(...WATCH_KINDS),
  }),
  fc.record(
    {
      kind: kind('read'),
      session: sessionOrNone,
      afterSequence: count,
      floor: zxid,
      stalenessMs: one(count, fc.constant(Infinity)),
      operation: readOperation,
      identities,
      acceptsReadOnly: fc.constant(true as const),
    },
    {
      requiredKeys: [
        ...(['kind', 'session', 'afterSequence', 'floor', 'stalenessMs', 'operation'] as const),
        'identities',
      ],
    },
  ),
  fc.record(
    { kind: kind('openWatch'), watch: ordinal, path, from: zxid, identities, terms: watchTerms },
    { requiredKeys: ['kind', 'watch', 'path', 'from', 'identities'] },
  ),
  fc.record({ kind: kind('closeWatch'), watch: ordinal }),
);

const verdict: Arbitrary<AttachVerdict> = one<AttachVerdict>(
  fc.constant({ kind: 'attached' }),
  fc.constant({ kind: 'local' }),
  fc.constant({ kind: 'fenced' }),
  fc.record({ kind: kind('ended'), end: sessionEnd }),
  fc.constant({ kind: 'unknown' }),
  fc.constant({ kind: 'refused' }),
);

const ofSession = { session, attachment, zxid };

export const databaseReply: Arbitrary<DatabaseReply> = one<DatabaseReply>(
  fc.record({
    kind: kind('streamOpened'),
    applied: zxid,
    term: fc.option(announcement, { nil: null }),
  }),
  fc.record({
    ...ofSession,
    kind: kind('attachAnswer'),
    verdict,
    timeoutMs: duration,
    lastSequence: count,
    outcomes: some(outcome),
  }),
  fc.record({ kind: kind('watchesCompacted'), session, watches: some(watch) }),
  fc.record({ kind: kind('readsAccepted'), reads: count }),
  fc.record(
    {
      kind: kind('readReply'),
      read: ordinal,
      zxid,
      result: one(readResult, subtree),
      readOnly: fc.constant(true as const),
    },
    { requiredKeys: ['kind', 'read', 'zxid', 'result'] },
  ),
  fc.record({ kind: kind('outcome'), session, attachment, outcome }),
  fc.record({ ...ofSession, kind: kind('sessionOpened'), timeoutMs: duration }),
  fc.record({
    ...ofSession,
    kind: kind('sessionResumed'),
    timeoutMs: duration,
    lastSequence: count,
  }),
  fc.record({ ...ofSession, kind: kind('sessionFenced') }),
  fc.record({ ...ofSession, kind: kind('sessionEnded'), end: sessionEnd, outcomes: some(outcome) }),
  fc.record({ kind: kind('event'), session, event }),
  fc.record({ kind: kind('watchOpened'), watch: ordinal, zxid }),
  fc.record(
    { kind: kind('watchEvent'), watch: ordinal, event, shown: shownZnode },
    { requiredKeys: ['kind', 'watch', 'event'] },
  ),
  fc.record({ kind: kind('watchProgress'), watch: ordinal, zxid }),
  fc.record(
    {
      kind: kind('watchEnded'),
      watch: ordinal,
      code: errorCode,
      oldest: zxid.filter((it) => it > 0),
    },
    { requiredKeys: ['kind', 'watch', 'code'] },
  ),
  fc.record({ kind: kind('termMarker'), zxid, term: announcement }),
  fc.record({ kind: kind('termHeld'), held: fc.boolean() }),
  fc.record({ kind: kind('serving'), serving: fc.boolean(), reason: text }),
  fc.record({ kind: kind('applied'), zxid }),
);

const writeOperation: Arbitrary<WriteOperation> = one<WriteOperation>(
  fc.record({
    kind: kind('create'),
    path,
    data: bytes,
    mode: createMode,
    ttlMs: count,
    acl: fc.option(acl, { nil: undefined }),
  }),
  fc.record({ kind: kind('setAcl'), path, acl, version: expectedVersion }),
  fc.record({ kind: kind('setData'), path, data: bytes, version: expectedVersion }),
  fc.record({ kind: kind('delete'), path, version: expectedVersion }),
  failed.map((it): WriteOperation => ({ ...it, kind: 'refused' })),
  transactionOf(path),
  fc.record({ kind: kind('setQuota'), path, quota }),
  fc.constant({ kind: 'closeSession' }),
);

export const processorRequest: Arbitrary<ProcessorRequest> = one<ProcessorRequest>(
  fc.record({
    kind: kind('openSession'),
    session,
    secretHash: hash,
    timeoutMs: duration,
    attachment,
  }),
  fc.record({
    kind: kind('resumeSession'),
    session,
    secretHash: hash,
    attachment,
    ackedThrough: count,
  }),
  fc.record({
    kind: kind('write'),
    session,
    attachment,
    sequence: ordinal,
    ackedThrough: count,
    operation: writeOperation,
    identities,
  }),
  fc.record({
    kind: kind('touch'),
    round: count,
    touches: some(fc.record({ session, attachment })),
  }),
  fc.record({ kind: kind('acknowledge'), session, attachment, through: count }),
  fc.record({ kind: kind('readIndex'), request: count }),
);

export const processorReply: Arbitrary<ProcessorReply> = one<ProcessorReply>(
  fc.record({ kind: kind('touched'), round: count }),
  fc.record({ kind: kind('termRefused'), current: fc.option(announcement, { nil: null }) }),
  fc.record({
    kind: kind('expect'),
    session,
    attachment,
    sequence: ordinal,
    retryAfterMs: duration,
  }),
  fc.record({
    kind: kind('verdict'),
    session,
    attachment,
    code: errorCode,
    reason: text,
    basis: zxid,
    term,
  }),
  fc.record({ kind: kind('readIndexFloor'), request: count, floor: zxid }),
);

const record: Arbitrary<ZnodeRecord> = fc.record({
  version: uint32,
  cversion: uint32,
  creates: count,
  numChildren: uint32,
  dataLength: uint32,
  ephemeralOwner: sessionOrNone,
  kind: fc.constantFrom(...ZNODE_KINDS),
  ttlMs: count,
  mtime: count,
  czxid: zxid,
  mzxid: zxid,
  access: fc.option(fc.record({ acl, version: uint32 }), { nil: undefined }),
});

const row: Arbitrary<SessionRow> = fc.record({
  session,
  timeoutMs: duration,
  secretHash: hash,
  attachment,
  lastSequence: count,
  ephemeralBytes: count,
});

export const lookUpRequest: Arbitrary<LookUpRequest> = fc.record({
  lookUp: ordinal,
  floor: zxid,
  query: one<LookUpRequest['query']>(
    fc.record({ kind: kind('znodes'), paths: some(path) }),
    fc.record({ kind: kind('ephemerals'), session }),
    fc.record({ kind: kind('sessions'), after: sessionOrNone, limit: uint32 }),
    fc.record({ kind: kind('subtree'), path, limit: uint32 }),
    fc.record({ kind: kind('data'), paths: some(path) }),
    fc.record({ kind: kind('subtreeUse'), path }),
    fc.record({ kind: kind('reapable'), time: count, limit: uint32 }),
    fc.constant({ kind: 'termStart' }),
  ),
});

export const lookUpReply: Arbitrary<LookUpReply> = one<LookUpReply>(
  fc.record({ kind: kind('applied'), zxid }),
  fc.record({
    kind: kind('answer'),
    lookUp: ordinal,
    zxid,
    answer: one<Extract<LookUpReply, { kind: 'answer' }>['answer']>(
      fc.record({ kind: kind('znodes'), records: some(fc.option(record, { nil: null })) }),
      fc.record({
        kind: kind('ephemerals'),
        ephemerals: some(
          fc.record({ path, parent: path, dataLength: uint32, parentRecord: record }),
        ),
      }),
      fc.record({ kind: kind('sessions'), rows: some(row), more: fc.boolean() }),
      fc.record({
        kind: kind('subtree'),
        znodes: some(fc.record({ path, record })),
        more: fc.boolean(),
      }),
      fc.record({ kind: kind('data'), data: some(fc.option(bytes)) }),
      fc.record({ kind: kind('reapable'), paths: some(path) }),
      fc.record({ kind: kind('subtreeUse'), count, bytes: count }),
      fc.record({
        kind: kind('termStart'),
        time: count,
        oldestTombstone: zxid,
        quotas: some(quotaUse),
      }),
    ),
  }),
);

export const logEntry: Arbitrary<LogEntry> = fc.record({
  zxid,
  kind: fc.constantFrom('data', 'termMarker', 'configuration', 'restoration'),
  payload: bytes,
});

export const broadcastRequest: Arbitrary<BroadcastRequest> = one<BroadcastRequest>(
  fc.record({ kind: kind('offer'), processorAddress: text }),
  fc.record({ kind: kind('propose'), term, entries: some(logEntry, 1) }),
  fc.record({ kind: kind('confirmLeadership'), term, round: count }),
);

export const broadcastReply: Arbitrary<BroadcastReply> = one<BroadcastReply>(
  fc.record({ kind: kind('termGranted'), term, lastProposed: zxid }),
  fc.record({ kind: kind('termEnded'), term, reason: text }),
  fc.record({ kind: kind('leadershipConfirmed'), round: count, floor: zxid }),
  fc.record({ kind: kind('configure'), term, configuration: bytes }),
);

export const deliveryRequest: Arbitrary<DeliveryRequest> = one<DeliveryRequest>(
  fc.record({
    kind: kind('deliver'),
    replica: ordinal,
    incarnation: ordinal,
    applied: zxid,
    snapshot: zxid,
    configuration: bytes,
  }),
  fc.record({ kind: kind('applied'), zxid }),
  fc.record({ kind: kind('snapshotVerified'), zxid, purgeBelow: zxid }),
  fc.record({ kind: kind('digest'), zxid, digest }),
  fc.record({ kind: kind('probe'), probe: count }),
  fc.record({ kind: kind('backupHeld'), backup: backupName }),
  fc.record({ kind: kind('backupLost'), zxid }),
);

export const deliveryReply: Arbitrary<DeliveryReply> = one<DeliveryReply>(
  fc.record({ kind: kind('entries'), entries: some(logEntry, 1) }),
  fc.record({ kind: kind('termHeld'), held: fc.boolean() }),
  fc.record({ kind: kind('snapshotNeeded'), atLeast: zxid, databaseAddress: text }),
  fc.record({ kind: kind('backupNeeded'), backup: backupName, databaseAddress: text }),
  fc.record({ kind: kind('probed'), probe: count, floor: zxid }),
  fc.record({
    kind: kind('digestVerdict'),
    zxid,
    verdict: fc.constantFrom('agreed', 'undecided', 'contradicted'),
  }),
);
