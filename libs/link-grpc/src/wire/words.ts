// The enumerations of the contracts, both ways. Zero and numbers that are not known are refused.
import { paddock } from '@paddock/contracts';
import type {
  ChangeCause,
  ConnectionEnd,
  CreateMode,
  DeliveryReply,
  EntryKind,
  ErrorCode,
  EventKind,
  LimitKind,
  PathChange,
  PersistentMode,
  ReadOperation,
  Relation,
  SessionEnd,
  WatchKind,
  ZnodeKind,
} from '@paddock/model';
import type { Field } from './fields.ts';
import { WireError } from './wire-error.ts';

const client = paddock.client.v1;
const stage = paddock.stage.v1;
const { ReadKind } = paddock.frontend_database.v1;
const { Verdict } = paddock.database_broadcaster.v1;

type DigestVerdict = Extract<DeliveryReply, { kind: 'digestVerdict' }>['verdict'];
type WireReadKind = paddock.frontend_database.v1.ReadKind;

/** One enumeration: its numbers by word, and its words by number. */
class Words<Word extends string, Wire extends number> {
  readonly #field: string;
  readonly #numbers: Readonly<Record<Word, Wire>>;
  readonly #words: (Word | undefined)[] = [];

  constructor(field: string, numbers: Readonly<Record<Word, Wire>>) {
    this.#field = field;
    this.#numbers = numbers;
    for (const word in numbers) this.#words[numbers[word]] = word;
  }

  write(word: Word): Wire {
    return this.#numbers[word];
  }

  read(value: Field<number>): Word {
    const word = this.#words[value ?? 0];
    if (word === undefined) {
      throw new WireError(this.#field, `is ${value ?? 0}, which is not known`);
    }
    return word;
  }
}

export const createModes = new Words<CreateMode, paddock.client.v1.CreateMode>('mode', {
  persistent: client.CreateMode.CREATE_MODE_PERSISTENT,
  ephemeral: client.CreateMode.CREATE_MODE_EPHEMERAL,
  persistentSequential: client.CreateMode.CREATE_MODE_PERSISTENT_SEQUENTIAL,
  ephemeralSequential: client.CreateMode.CREATE_MODE_EPHEMERAL_SEQUENTIAL,
  container: client.CreateMode.CREATE_MODE_CONTAINER,
  persistentWithTtl: client.CreateMode.CREATE_MODE_PERSISTENT_WITH_TTL,
  persistentSequentialWithTtl: client.CreateMode.CREATE_MODE_PERSISTENT_SEQUENTIAL_WITH_TTL,
});

export const znodeKinds = new Words<ZnodeKind, paddock.client.v1.ZnodeKind>('znode kind', {
  persistent: client.ZnodeKind.ZNODE_KIND_PERSISTENT,
  ephemeral: client.ZnodeKind.ZNODE_KIND_EPHEMERAL,
  container: client.ZnodeKind.ZNODE_KIND_CONTAINER,
  ttl: client.ZnodeKind.ZNODE_KIND_TTL,
});

export function znodeKindOf(value: Field<number>): ZnodeKind {
  return (value ?? 0) === 0 ? 'persistent' : znodeKinds.read(value);
}

export const logOperations = new Words<PathChange['operation'], paddock.client.v1.LogOperation>(
  'log operation',
  {
    created: client.LogOperation.LOG_OPERATION_CREATED,
    dataSet: client.LogOperation.LOG_OPERATION_DATA_SET,
    deleted: client.LogOperation.LOG_OPERATION_DELETED,
    aclSet: client.LogOperation.LOG_OPERATION_ACL_SET,
    restored: client.LogOperation.LOG_OPERATION_RESTORED,
  },
);

export const changeCauses = new Words<ChangeCause, paddock.client.v1.LogCause>('log cause', {
  request: client.LogCause.LOG_CAUSE_REQUEST,
  transaction: client.LogCause.LOG_CAUSE_TRANSACTION,
  sessionClosed: client.LogCause.LOG_CAUSE_SESSION_CLOSED,
  sessionExpired: client.LogCause.LOG_CAUSE_SESSION_EXPIRED,
  service: client.LogCause.LOG_CAUSE_SERVICE,
  restoration: client.LogCause.LOG_CAUSE_RESTORATION,
});

export const relations = new Words<Relation, paddock.client.v1.Relation>('relation', {
  equal: client.Relation.RELATION_EQUAL,
  notEqual: client.Relation.RELATION_NOT_EQUAL,
  less: client.Relation.RELATION_LESS,
  greater: client.Relation.RELATION_GREATER,
});

export const watchKinds = new Words<WatchKind, paddock.client.v1.WatchKind>('watch kind', {
  data: client.WatchKind.WATCH_KIND_DATA,
  exists: client.WatchKind.WATCH_KIND_EXISTS,
  children: client.WatchKind.WATCH_KIND_CHILDREN,
  persistent: client.WatchKind.WATCH_KIND_PERSISTENT,
  persistentRecursive: client.WatchKind.WATCH_KIND_PERSISTENT_RECURSIVE,
});

const watchModes = new Words<PersistentMode, paddock.client.v1.WatchMode>('watch mode', {
  persistent: client.WatchMode.WATCH_MODE_PERSISTENT,
  persistentRecursive: client.WatchMode.WATCH_MODE_PERSISTENT_RECURSIVE,
});

/** 0: one-shot. */
export function watchModeNumber(mode: PersistentMode | undefined): number {
  return mode === undefined ? 0 : watchModes.write(mode);
}

export function watchModeOf(value: Field<number>): PersistentMode | undefined {
  return (value ?? 0) === 0 ? undefined : watchModes.read(value);
}

export const eventKinds = new Words<EventKind, paddock.client.v1.EventKind>('event kind', {
  nodeCreated: client.EventKind.EVENT_KIND_NODE_CREATED,
  nodeDeleted: client.EventKind.EVENT_KIND_NODE_DELETED,
  nodeDataChanged: client.EventKind.EVENT_KIND_NODE_DATA_CHANGED,
  nodeChildrenChanged: client.EventKind.EVENT_KIND_NODE_CHILDREN_CHANGED,
});

export const endCauses = new Words<ConnectionEnd, paddock.client.v1.EndCause>('end cause', {
  closed: client.EndCause.END_CAUSE_CLOSED,
  expired: client.EndCause.END_CAUSE_EXPIRED,
  restored: client.EndCause.END_CAUSE_RESTORED,
  fenced: client.EndCause.END_CAUSE_FENCED,
  resumeElsewhere: client.EndCause.END_CAUSE_RESUME_ELSEWHERE,
  refused: client.EndCause.END_CAUSE_REFUSED,
  forgotten: client.EndCause.END_CAUSE_FORGOTTEN,
});

export const sessionEnds = new Words<SessionEnd, paddock.stage.v1.SessionEnd>('session end', {
  closed: stage.SessionEnd.SESSION_END_CLOSED,
  expired: stage.SessionEnd.SESSION_END_EXPIRED,
  restored: stage.SessionEnd.SESSION_END_RESTORED,
});

export const entryKinds = new Words<EntryKind, paddock.stage.v1.EntryKind>('entry kind', {
  data: stage.EntryKind.ENTRY_KIND_DATA,
  termMarker: stage.EntryKind.ENTRY_KIND_TERM_MARKER,
  configuration: stage.EntryKind.ENTRY_KIND_CONFIGURATION,
  restoration: stage.EntryKind.ENTRY_KIND_RESTORATION,
});

export const readKinds = new Words<ReadOperation['kind'], WireReadKind>('read kind', {
  getData: ReadKind.READ_KIND_GET_DATA,
  exists: ReadKind.READ_KIND_EXISTS,
  getChildren: ReadKind.READ_KIND_GET_CHILDREN,
  countDescendants: ReadKind.READ_KIND_COUNT_DESCENDANTS,
  getEphemerals: ReadKind.READ_KIND_GET_EPHEMERALS,
  getChildrenPage: ReadKind.READ_KIND_GET_CHILDREN_PAGE,
  listSessions: ReadKind.READ_KIND_LIST_SESSIONS,
  getWatches: ReadKind.READ_KIND_GET_WATCHES,
  readMany: ReadKind.READ_KIND_READ_MANY,
  getSubtree: ReadKind.READ_KIND_GET_SUBTREE,
  getQuotas: ReadKind.READ_KIND_GET_QUOTAS,
  getAcl: ReadKind.READ_KIND_GET_ACL,
  can: ReadKind.READ_KIND_CAN,
});

export const digestVerdicts = new Words<DigestVerdict, paddock.database_broadcaster.v1.Verdict>(
  'digest verdict',
  {
    agreed: Verdict.VERDICT_AGREED,
    undecided: Verdict.VERDICT_UNDECIDED,
    contradicted: Verdict.VERDICT_CONTRADICTED,
  },
);

const { ErrorCode: Code } = client;

/** On the wire an error code is ZooKeeper's number without its sign. */
export const errorCodes = new Words<ErrorCode, paddock.client.v1.ErrorCode>('error code', {
  systemError: Code.ERROR_CODE_SYSTEM_ERROR,
  connectionLoss: Code.ERROR_CODE_CONNECTION_LOSS,
  marshallingError: Code.ERROR_CODE_MARSHALLING_ERROR,
  unimplemented: Code.ERROR_CODE_UNIMPLEMENTED,
  operationTimeout: Code.ERROR_CODE_OPERATION_TIMEOUT,
  badArguments: Code.ERROR_CODE_BAD_ARGUMENTS,
  unknownSession: Code.ERROR_CODE_UNKNOWN_SESSION,
  noNode: Code.ERROR_CODE_NO_NODE,
  noAuth: Code.ERROR_CODE_NO_AUTH,
  badVersion: Code.ERROR_CODE_BAD_VERSION,
  noChildrenForEphemerals: Code.ERROR_CODE_NO_CHILDREN_FOR_EPHEMERALS,
  nodeExists: Code.ERROR_CODE_NODE_EXISTS,
  notEmpty: Code.ERROR_CODE_NOT_EMPTY,
  sessionExpired: Code.ERROR_CODE_SESSION_EXPIRED,
  invalidAcl: Code.ERROR_CODE_INVALID_ACL,
  authFailed: Code.ERROR_CODE_AUTH_FAILED,
  sessionMoved: Code.ERROR_CODE_SESSION_MOVED,
  notReadOnly: Code.ERROR_CODE_NOT_READ_ONLY,
  quotaExceeded: Code.ERROR_CODE_QUOTA_EXCEEDED,
  throttled: Code.ERROR_CODE_THROTTLED,
  sequenceMismatch: Code.ERROR_CODE_SEQUENCE_MISMATCH,
  notServing: Code.ERROR_CODE_NOT_SERVING,
  compacted: Code.ERROR_CODE_COMPACTED,
  tooLarge: Code.ERROR_CODE_TOO_LARGE,
  guardFailed: Code.ERROR_CODE_GUARD_FAILED,
});

const Limit = client.LimitKind;

export const limitKinds = new Words<LimitKind, paddock.client.v1.LimitKind>('limit kind', {
  quotaCount: Limit.LIMIT_KIND_QUOTA_COUNT,
  quotaBytes: Limit.LIMIT_KIND_QUOTA_BYTES,
  quotas: Limit.LIMIT_KIND_QUOTAS,
  childrenPerZnode: Limit.LIMIT_KIND_CHILDREN_PER_ZNODE,
  znodeDataBytes: Limit.LIMIT_KIND_ZNODE_DATA_BYTES,
  requestBytes: Limit.LIMIT_KIND_REQUEST_BYTES,
  transactionZnodes: Limit.LIMIT_KIND_TRANSACTION_ZNODES,
  ephemeralBytesPerSession: Limit.LIMIT_KIND_EPHEMERAL_BYTES_PER_SESSION,
  watchesPerSession: Limit.LIMIT_KIND_WATCHES_PER_SESSION,
  outstanding: Limit.LIMIT_KIND_OUTSTANDING,
  sessionsPerAddress: Limit.LIMIT_KIND_SESSIONS_PER_ADDRESS,
  requestsPerSecond: Limit.LIMIT_KIND_REQUESTS_PER_SECOND,
});
