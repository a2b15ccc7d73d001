// Every message of every boundary, as fast-check draws them.
import {
  makeFrontendIncarnation,
  type AttachVerdict,
  type BroadcastReply,
  type BroadcastRequest,
  type ClientOperation,
  type DatabaseReply,
  type DatabaseRequest,
  type DeliveryReply,
  type DeliveryRequest,
  type ElectionReply,
  type ElectionRequest,
  type ElectorIdentity,
  type HistoryEnd,
  type LeaderMessage,
  type LearnerMessage,
  type LogEntry,
  type LookUpReply,
  type LookUpRequest,
  type NumberedResult,
  type OperationResult,
  type ProcessorReply,
  type ProcessorRequest,
  type ReadConsistency,
  type ReadOperation,
  type SessionReply,
  type SessionRequest,
  type SessionRow,
  type SnapshotReply,
  type SnapshotRequest,
  type WriteOperation,
  type ZnodeRecord,
} from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import {
  uint32,
  duration,
  version,
  expectedVersion,
  epoch,
  digest,
  count,
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
  writeResult,
  readResult,
  outcome,
  watch,
  event,
  sessionEnd,
} from './arbitrary-values.ts';

export { term } from './arbitrary-values.ts';

const readOperation: Arbitrary<ReadOperation> = fc.record({
  kind: fc.constantFrom('getData', 'exists', 'getChildren'),
  path,
  watch: fc.boolean(),
});

export const databaseRequest: Arbitrary<DatabaseRequest> = one<DatabaseRequest>(
  fc.record({ kind: kind('openStream'), frontend: ordinal.map(makeFrontendIncarnation) }),
  fc.record({
    kind: kind('attach'),
    session,
    attachment,
    floor: zxid,
    firstUnsettled: count,
    watches: some(watch),
    more: fc.boolean(),
  }),
  fc.record({ kind: kind('detach'), session, attachment }),
  fc.record({
    kind: kind('read'),
    session: sessionOrNone,
    afterSequence: count,
    floor: zxid,
    stalenessMs: one(count, fc.constant(Infinity)),
    operation: readOperation,
  }),
  fc.record({ kind: kind('openWatch'), watch: ordinal, path, from: zxid }),
  fc.record({ kind: kind('closeWatch'), watch: ordinal }),
);

const verdict: Arbitrary<AttachVerdict> = one<AttachVerdict>(
  fc.constant({ kind: 'attached' }),
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
    compacted: some(watch),
  }),
  fc.record({ kind: kind('readsAccepted'), reads: count }),
  fc.record({ kind: kind('readReply'), read: ordinal, zxid, result: readResult }),
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
  fc.record({ kind: kind('watchEvent'), watch: ordinal, event }),
  fc.record({ kind: kind('watchEnded'), watch: ordinal, code: errorCode }),
  fc.record({ kind: kind('termMarker'), zxid, term: announcement }),
  fc.record({ kind: kind('termHeld'), held: fc.boolean() }),
  fc.record({ kind: kind('serving'), serving: fc.boolean(), reason: text }),
  fc.record({ kind: kind('applied'), zxid }),
);

const writeOperation: Arbitrary<WriteOperation> = one<WriteOperation>(
  fc.record({ kind: kind('create'), path, data: bytes, mode: createMode }),
  fc.record({ kind: kind('setData'), path, data: bytes, version: expectedVersion }),
  fc.record({ kind: kind('delete'), path, version: expectedVersion }),
  fc.record({ kind: kind('refused'), code: errorCode, reason: text }),
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
  ephemeralOwner: sessionOrNone,
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
        ephemerals: some(fc.record({ path, parent: path, parentRecord: record })),
      }),
      fc.record({ kind: kind('sessions'), rows: some(row), more: fc.boolean() }),
      fc.record({ kind: kind('termStart'), time: count, oldestTombstone: zxid }),
    ),
  }),
);

export const logEntry: Arbitrary<LogEntry> = fc.record({
  zxid,
  kind: fc.constantFrom('data', 'termMarker', 'configuration'),
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
);

export const deliveryReply: Arbitrary<DeliveryReply> = one<DeliveryReply>(
  fc.record({ kind: kind('entries'), entries: some(logEntry, 1) }),
  fc.record({ kind: kind('termHeld'), held: fc.boolean() }),
  fc.record({ kind: kind('snapshotNeeded'), atLeast: zxid, databaseAddress: text }),
  fc.record({ kind: kind('probed'), probe: count, floor: zxid }),
  fc.record({
    kind: kind('digestVerdict'),
    zxid,
    verdict: fc.constantFrom('agreed', 'undecided', 'contradicted'),
  }),
);

const clusterId = fc.string({ maxLength: 128 });

const identity: Arbitrary<ElectorIdentity> = fc.record({
  replica: ordinal,
  incarnation: ordinal,
  clusterId,
  voters: fc.uniqueArray(ordinal, { maxLength: 5 }).map((voters) => voters.sort((a, b) => a - b)),
});

const history: Arbitrary<HistoryEnd> = fc.record({ currentEpoch: epoch, lastZxid: zxid });

export const electionRequest: Arbitrary<ElectionRequest> = one<ElectionRequest>(
  fc.record({ kind: kind('introduce'), identity }),
  fc.record({ kind: kind('preVote'), ballot: count, history }),
  fc.record({ kind: kind('vote'), epoch, history }),
);

export const electionReply: Arbitrary<ElectionReply> = one<ElectionReply>(
  fc.record({ kind: kind('state'), identity, acceptedEpoch: epoch, leads: epoch }),
  fc.record({
    kind: kind('preVoteAnswer'),
    ballot: count,
    granted: fc.boolean(),
    acceptedEpoch: epoch,
  }),
  fc.record({ kind: kind('voteAnswer'), epoch, granted: fc.boolean(), acceptedEpoch: epoch }),
);

export const learnerMessage: Arbitrary<LearnerMessage> = one<LearnerMessage>(
  fc.record({
    kind: kind('follow'),
    replica: ordinal,
    incarnation: ordinal,
    clusterId,
    acceptedEpoch: epoch,
  }),
  fc.record({ kind: kind('epochAccepted'), epoch, history, isPromise: fc.boolean() }),
  fc.record({ kind: kind('position'), lastZxid: zxid }),
  fc.record({ kind: kind('synchronized'), epoch }),
  fc.record({ kind: kind('ack'), zxid }),
  fc.record({ kind: kind('heartbeatAck'), round: count }),
  fc.record({ kind: kind('probe'), probe: count }),
  fc.record({ kind: kind('digest'), zxid, digest }),
);

export const leaderMessage: Arbitrary<LeaderMessage> = one<LeaderMessage>(
  fc.record({ kind: kind('newEpoch'), epoch, databaseAddress: text }),
  fc.record({ kind: kind('truncate'), after: zxid }),
  fc.record({ kind: kind('snapshotNeeded'), atLeast: zxid }),
  fc.record({ kind: kind('entries'), entries: some(logEntry), committed: zxid }),
  fc.record({ kind: kind('commit'), zxid }),
  fc.record({ kind: kind('newLeader'), epoch }),
  fc.record({ kind: kind('upToDate'), committed: zxid }),
  fc.record({ kind: kind('heartbeat'), round: count, held: fc.boolean() }),
  fc.record({ kind: kind('probed'), probe: count, floor: zxid }),
  fc.record({ kind: kind('digestVerdict'), zxid, digest: fc.option(digest, { nil: null }) }),
);

export const snapshotRequest: Arbitrary<SnapshotRequest> = fc.record({
  kind: kind('fetch'),
  atLeast: zxid,
});

export const snapshotReply: Arbitrary<SnapshotReply> = one<SnapshotReply>(
  fc.record({ kind: kind('snapshotBegins'), zxid, bytes: count }),
  fc.record({ kind: kind('chunk'), chunk: bytes }),
  fc.record({ kind: kind('snapshotEnds'), chunks: count }),
);

const consistency: Arbitrary<ReadConsistency> = one<ReadConsistency>(
  fc.record({ kind: kind('boundedStaleness'), ms: uint32 }),
  fc.constant({ kind: 'linearizable' }),
);

export const clientOperation: Arbitrary<ClientOperation> = one<ClientOperation>(
  fc.record({ kind: kind('create'), path: text, data: bytes, mode: createMode }),
  fc.record({ kind: kind('setData'), path: text, data: bytes, version: expectedVersion }),
  fc.record({ kind: kind('delete'), path: text, version: expectedVersion }),
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
  fc.constant({ kind: 'closeSession' }),
  fc.constant({ kind: 'sync' }),
  fc.constant({ kind: 'unknown' }),
);

export const sessionRequest: Arbitrary<SessionRequest> = one<SessionRequest>(
  fc.record({ kind: kind('open'), timeoutMs: duration }),
  fc.record({
    kind: kind('resume'),
    session,
    secret: fc.uint8Array({ maxLength: 64 }),
    attempt: version,
    ackedThrough: count,
    floor: zxid,
    watches: some(watch),
  }),
  fc.record({
    kind: kind('operations'),
    firstSequence: count,
    ackedThrough: count,
    operations: some(clientOperation, 1),
  }),
  fc.record({ kind: kind('heartbeat'), number: count }),
);

const numberedResult: Arbitrary<NumberedResult> = fc.record({
  zxid,
  result: one<OperationResult>(writeResult, readResult, fc.constant({ kind: 'synced' })),
});

export const sessionReply: Arbitrary<SessionReply> = one<SessionReply>(
  fc.record({
    kind: kind('opened'),
    session,
    secret: fc.uint8Array({ maxLength: 64 }),
    timeoutMs: duration,
    zxid,
  }),
  fc.record({
    kind: kind('resumed'),
    timeoutMs: duration,
    zxid,
    lastSequence: count,
    outcomes: some(outcome),
    more: fc.boolean(),
  }),
  fc.record({ kind: kind('results'), results: some(numberedResult, 1) }),
  fc.record({ kind: kind('event'), event }),
  fc.record({ kind: kind('watchesCompacted'), watches: some(watch) }),
  fc.record({ kind: kind('heartbeat'), acknowledged: count }),
  fc.record({ kind: kind('expect'), sequence: count, retryAfterMs: duration }),
  fc.record({
    kind: kind('ended'),
    cause: fc.constantFrom(
      'closed',
      'expired',
      'fenced',
      'resumeElsewhere',
      'refused',
      'forgotten',
    ),
    reason: text,
    outcomes: some(outcome),
  }),
);
