// Every message between replicas, as fast-check draws them.
import type {
  ElectionReply,
  ElectionRequest,
  ElectorIdentity,
  HistoryEnd,
  LeaderMessage,
  LearnerMessage,
  LogSliceReply,
  LogSliceRequest,
  SnapshotReply,
  SnapshotRequest,
} from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import {
  backupName,
  epoch,
  digest,
  count,
  ordinal,
  text,
  bytes,
  zxid,
  kind,
  one,
  some,
} from './arbitrary-values.ts';
import { logEntry } from './arbitrary-stage-messages.ts';

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
  fc.record({ kind: kind('backupHeld'), backup: backupName }),
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
  fc.record({ kind: kind('handOver'), replica: count }),
  fc.record({ kind: kind('removed'), version: count }),
  fc.record({ kind: kind('backupNeeded'), backup: backupName }),
  fc.record({ kind: kind('digestVerdict'), zxid, digest: fc.option(digest, { nil: null }) }),
);

export const snapshotRequest: Arbitrary<SnapshotRequest> = one<SnapshotRequest>(
  fc.record({ kind: kind('fetch'), atLeast: zxid }),
  fc.record({ kind: kind('fetchBackup'), backup: backupName }),
  fc.record({ kind: kind('offerBackup'), backup: backupName }),
  fc.record({ kind: kind('backupChunk'), chunk: bytes }),
  fc.record({ kind: kind('backupEnds'), chunks: count }),
);

export const snapshotReply: Arbitrary<SnapshotReply> = one<SnapshotReply>(
  fc.record({ kind: kind('snapshotBegins'), zxid, bytes: count }),
  fc.record({ kind: kind('chunk'), chunk: bytes }),
  fc.record({ kind: kind('snapshotEnds'), chunks: count }),
  fc.record({ kind: kind('backupHeld'), backup: backupName }),
);

export const logSliceRequest: Arbitrary<LogSliceRequest> = fc.record({
  kind: kind('readSlice'),
  after: zxid,
  before: zxid,
  newestFirst: fc.boolean(),
});

export const logSliceReply: Arbitrary<LogSliceReply> = fc.record({
  kind: kind('slice'),
  logStart: zxid,
  through: zxid,
  entries: some(logEntry),
});
