export {
  ACL_ID_MAX,
  ALL_PERMISSIONS,
  aclBytes,
  aclKey,
  EXPIRED_SCHEME,
  internedAcl,
  OPEN_ACCESS,
  OPEN_ACL,
  permissionNames,
  PERMISSION_NAMES,
  PERMISSIONS,
  SUPER,
  TOKEN_GROUP_SCHEME,
  PARENT_SCHEME,
  TOKEN_SCHEME,
} from './acl.ts';
export type {
  Access,
  Acl,
  AclEntry,
  Identities,
  Identity,
  Permission,
  ProvedIdentities,
  ProvedIdentity,
} from './acl.ts';
export {
  aclBelow,
  aclOfWriter,
  faultOfAcl,
  faultOfPermissions,
  missingPermission,
  permits,
  permitsAll,
  withoutHashes,
} from './acl-check.ts';
export { faultOfAddressRange, isLoopback } from './ip-address.ts';
export { assert, InvariantError, unreachable } from './assert.ts';
export type { BaseRecord, EpochRecord } from './durable-record.ts';
export { errorCodeFromNumber, errorCodeNumber, ERROR_CODES } from './error-code.ts';
export type { ErrorCode } from './error-code.ts';
export { DEFAULT_LIMITS, DEFAULT_TIMING, ephemeralCost } from './limits.ts';
export type { Limits, Timing } from './limits.ts';
export type {
  EnsembleConfiguration,
  EntryKind,
  LogEntry,
  ReplicaLife,
  ReplicaMember,
  ReplicaRole,
  RestorationEntry,
  TermMarker,
} from './log-entry.ts';
export { MEMBERS_REFUSALS } from './membership.ts';
export type {
  MembersAnswer,
  MembershipChange,
  MembershipPlan,
  MembersPicture,
  MembersQuestion,
  MembersRefusal,
  MemberState,
  MemberStep,
  QuorumOutlook,
} from './membership.ts';
export {
  ANY_VERSION,
  BATCH_PATHS_MAX,
  BATCH_READS_MAX,
  CREATE_MODES,
  createdOf,
  EVENT_KINDS,
  hasTtl,
  isEphemeral,
  isPersistent,
  isSequential,
  kindOfMode,
  NO_TTL,
  SUBTREE_PAGE_BYTES,
  LIST_NAME_BYTES_MAX,
  PAGE_NAMES_MAX,
  PAGE_SESSIONS_MAX,
  TTL_MAX_MS,
  WATCH_KINDS,
  watchKindOf,
} from './operation.ts';
export type {
  BatchedRead,
  BatchedResult,
  Created,
  CreateMode,
  Descendants,
  SubtreeZnode,
  EventKind,
  Failed,
  IdentitiesTold,
  Outcome,
  PersistentMode,
  ReadOperation,
  ReadResult,
  Refusal,
  WatchEvent,
  WatchKind,
  WatchedPath,
  WatchRegistration,
  WriteOperation,
  WriteResult,
  ZnodeRead,
  ZnodeReadResult,
} from './operation.ts';
export {
  childPath,
  nodeName,
  parentPath,
  parseZnodePath,
  PATH_LENGTH_MAX,
  ROOT,
  isWithin,
  sequentialPath,
  endsWithCounter,
  trustedPath,
} from './path.ts';
export type { PathParse, ZnodePath } from './path.ts';
export {
  exceedsSoft,
  isAbove,
  isNoQuota,
  NO_LIMIT,
  NO_QUOTA,
  QUOTA_LIMITS,
  quotaCost,
} from './quota.ts';
export type { Quota, QuotaUse } from './quota.ts';
export { LIMIT_KINDS } from './reached-limit.ts';
export type { LimitKind, ReachedLimit } from './reached-limit.ts';
export type { EphemeralRecord, PlacedRecord, ZnodeRecord } from './record.ts';
export { tellsOf, WatchProgress } from './persistent-watch.ts';
export { StreamProgress, watchStart } from './stream-progress.ts';
export { reapedAt } from './reaping.ts';
export type { Reapable } from './reaping.ts';
export { answerBytes, resultBytes } from './result-bytes.ts';
export { requestHash } from './request-hash.ts';
export {
  formatSessionId,
  isSessionId,
  makeFrontendIncarnation,
  makeSessionId,
  NO_SESSION,
  sameAttachment,
  trustedSessionId,
} from './session.ts';
export type {
  Attachment,
  FrontendIncarnation,
  SessionEnd,
  SessionId,
  SessionInfo,
  SessionRow,
} from './session.ts';
export type { StageEvent } from './stage-event.ts';
export { ZNODE_KINDS } from './stat.ts';
export type { Stat, ZnodeKind } from './stat.ts';
export { decodeText, encodeText, encodeTextInto, shortened } from './text.ts';
export { COMPARED_NUMBERS, RELATIONS, transactionBytes } from './transaction-operation.ts';
export type {
  ComparedNumber,
  Comparison,
  FailedStep,
  Guard,
  Relation,
  Transacted,
  TransactionOperation,
  TransactionResult,
  TransactionStep,
} from './transaction-operation.ts';
export type {
  Acknowledgement,
  AppliedStep,
  Change,
  Transaction,
  ZnodeCreation,
  ZnodeDeletion,
  ZnodeEdit,
} from './transaction.ts';
export {
  COUNTER_MAX,
  counterOf,
  EPOCH_LEAP,
  EPOCH_MAX,
  EPOCH_ZERO,
  epochOf,
  firstZxid,
  follows,
  formatTerm,
  formatZxid,
  isEpoch,
  makeEpoch,
  makeTerm,
  makeZxid,
  maxZxid,
  nextZxid,
  parseZxid,
  TERM_ZERO,
  termEpoch,
  termIncarnation,
  trustedZxid,
  ZXID_ZERO,
} from './zxid.ts';
export type { Epoch, Term, Zxid } from './zxid.ts';
export { LOG_LIMIT_DEFAULT, LOG_LIMIT_MAX } from './log-query.ts';
export type { LogExtent, LogQuery } from './log-query.ts';
export { isSelected, pathChangesOf, restorationOf } from './path-change.ts';
export type { ChangeCause, LoggedRestoration, PathChange, PathSelection } from './path-change.ts';
export type { LogSliceReply, LogSliceRequest } from './links/frontend-broadcaster.ts';
export type { DeliveryReply, DeliveryRequest } from './links/database-broadcaster.ts';
export type {
  ElectionReply,
  ElectionRequest,
  ElectorIdentity,
  HistoryEnd,
} from './links/election.ts';
export type {
  AttachVerdict,
  DatabaseReply,
  DatabaseRequest,
  TermAnnouncement,
} from './links/frontend-database.ts';
export type {
  ProcessorReply,
  ProcessorRequest,
  ProcessorRequestBatch,
  SessionTouch,
} from './links/frontend-processor.ts';
export type { LeaderMessage, LearnerMessage } from './links/leader-learner.ts';
export type { SnapshotReply, SnapshotRequest } from './links/snapshot-transfer.ts';
export type { BroadcastReply, BroadcastRequest } from './links/processor-broadcaster.ts';
export type {
  LookUpAnswer,
  LookUpQuery,
  LookUpReply,
  LookUpRequest,
} from './links/processor-database.ts';
export { isClientWrite, isReadOnlyRead } from './links/session-stream.ts';
export type {
  ClientOperation,
  ClientChildrenPage,
  ClientRead,
  ClientReadMany,
  ClientSubtree,
  ClientSessionList,
  ClientWatchList,
  ClientWrite,
  ClientZnodeRead,
  ConnectionEnd,
  Credential,
  NumberedResult,
  OperationResult,
  ReadConsistency,
  SessionReply,
  SessionRequest,
} from './links/session-stream.ts';
export { DEPTH_MAX, PLAIN_WATCH, tellsOnTerms } from './watch-terms.ts';
export type { ShownZnode, WatchTerms } from './watch-terms.ts';
