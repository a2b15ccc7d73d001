export type { ClientEnd, ClientState, ClientWatchEvent } from '@paddock/client-core';
export { ALL_PERMISSIONS, OPEN_ACL, PERMISSIONS } from '@paddock/model';
export { decodeText, encodeText, formatSessionId, formatZxid, parseZxid } from '@paddock/model';
export type {
  BatchedRead,
  Acl,
  AclEntry,
  Comparison,
  CreateMode,
  Credential,
  ErrorCode,
  Guard,
  Identity,
  Permission,
  Quota,
  QuotaUse,
  ReadConsistency,
  SessionId,
  SessionInfo,
  Stat,
  SubtreeZnode,
  TransactionStep,
  WatchedPath,
  WatchKind,
  ZnodeKind,
  ZnodePath,
  Zxid,
} from '@paddock/model';
export { CREATOR_ALL_ACL, formatAcl, parseAcl, PERMISSION_NAMES, READ_ACL_UNSAFE } from './acl.ts';
export { fetchBackup } from './backup.ts';
export type { Backup, BackupOptions } from './backup.ts';
export { read } from './batch.ts';
export type { BatchRead, BatchResult } from './batch.ts';
export { Changes, watchChanges } from './changes.ts';
export type { Change, ChangesOptions } from './changes.ts';
export { Client } from './client.ts';
export type {
  ClientLimits,
  SessionEnding,
  SessionStatus,
  StateChange,
  StateListener,
} from './client-state.ts';
export type { CallerOptions } from './caller.ts';
export { certificatesOf } from './certificates.ts';
export type { TlsOptions } from './certificates.ts';
export { connect } from './connect.ts';
export type { ConnectOptions } from './connect.ts';
export { DEFAULT_SERVERS, parseServers } from './servers.ts';
export type { ServiceAddress } from './servers.ts';
export type { NameResolver, ServiceRecord } from './name-resolution.ts';
export type { TokenSource } from './token.ts';
export { readLog } from './history.ts';
export type { LoggedChange, LoggedChanges, LogOptions } from './history.ts';
export { PaddockError } from './paddock-error.ts';
export type { PaddockErrorCode } from './paddock-error-code.ts';
export type { CallOptions } from './call-options.ts';
export type {
  ChildrenList,
  ConsistencyOptions,
  EphemeralsOptions,
  ListOptions,
  PagingOptions,
  QueryOptions,
  ReadOptions,
  Reflecting,
  SessionList,
  SessionsOptions,
  Watch,
  WatchList,
} from './reading.ts';
export { SessionRequests } from './session-requests.ts';
export { SessionDriver } from './session-driver.ts';
export type { SessionDialer, SessionDriverDependencies } from './session-driver.ts';
export { parsedJson, validated } from './standard-schema.ts';
export type { Parsed, SchemaIssue, StandardSchema, Validated } from './standard-schema.ts';
export { readSubtree } from './subtree.ts';
export type { Subtree, SubtreeOptions } from './subtree.ts';
export { step, when } from './transaction.ts';
export type {
  CreatedZnode,
  CreateOptions,
  RelationSign,
  StepResult,
  TransactionOptions,
  TransactionOutcome,
  VersionOptions,
  ZnodeData,
} from './transaction.ts';
export { InvalidValueError, JSON_CODEC, TypedNode } from './typed-node.ts';
export type { NodeState, ValueCodec } from './typed-node.ts';
export type { ChangeData, CurrentData } from './update.ts';
export type { ConnectTrace, RequestTrace } from './tracing.ts';
export { Watcher } from './watcher.ts';
export type { WatcherOptions } from './watcher.ts';
export { WatchStream } from './watch-stream.ts';
export type { WatchListener } from './watch-stream.ts';
export type { ListedMembers, MembersList, MembersPlan } from '@paddock/link-grpc';
export type { MembershipChange, MemberState, MemberStep, QuorumOutlook } from '@paddock/model';
export { Members, MembersError } from './members.ts';
export type { MembersErrorCode, MembersOptions } from './members.ts';
