import { ANY_VERSION, encodeText, NO_TTL } from '@paddock/model';
import type {
  Acl,
  Comparison,
  Created,
  CreateMode,
  Guard,
  OperationResult,
  Relation,
  SessionId,
  Stat,
  TransactionOperation,
  TransactionStep,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import { stepError } from './paddock-error.ts';
import type { PaddockError } from './paddock-error.ts';

/** Text is sent as UTF-8. */
export type ZnodeData = Uint8Array | string;

export interface CreateOptions {
  /** `persistent` unless told otherwise. */
  readonly mode?: CreateMode;
  /**
   * Milliseconds after which it goes, if its data has not changed and it has no children. Makes `mode` one with a TTL.
   */
  readonly ttlMs?: number;
  /** Who may do what with it: everybody everything, unless told otherwise. */
  readonly acl?: Acl;
}

export interface CreatedZnode {
  readonly path: ZnodePath;
  readonly stat: Stat;
  /** Of a sequential znode, the number that its name ends with: sort by it, and not by the name. */
  readonly counter?: number;
  /** Of the creation. */
  readonly zxid: Zxid;
}

export interface VersionOptions {
  /** The version that the znode must have; any, unless told otherwise. */
  readonly version?: number;
}

/** The steps of a transaction. Each sees what those before it have done. */
export const step = {
  /** `parents`: create what is missing above it as well. */
  create: (
    path: string,
    data: ZnodeData = '',
    options: CreateOptions & { readonly parents?: boolean } = {},
  ): TransactionStep<string> => ({
    kind: 'create',
    path,
    data: bytesOf(data),
    mode: createModeOf(options),
    ttlMs: options.ttlMs ?? NO_TTL,
    parents: options.parents ?? false,
    acl: options.acl,
  }),
  /** The version is that of the ACL. */
  setAcl: (path: string, acl: Acl, options: VersionOptions = {}): TransactionStep<string> => ({
    kind: 'setAcl',
    path,
    acl,
    version: options.version ?? ANY_VERSION,
  }),
  /** `upsert`: create it where it is missing, whatever the version. */
  set: (
    path: string,
    data: ZnodeData,
    options: VersionOptions & { readonly upsert?: boolean } = {},
  ): TransactionStep<string> => ({
    kind: 'setData',
    path,
    data: bytesOf(data),
    version: options.version ?? ANY_VERSION,
    upsert: options.upsert ?? false,
  }),
  /** `recursive`: with all below it. */
  delete: (
    path: string,
    options: VersionOptions & { readonly recursive?: boolean } = {},
  ): TransactionStep<string> => ({
    kind: 'delete',
    path,
    version: options.version ?? ANY_VERSION,
    recursive: options.recursive ?? false,
  }),
  /** Refuses the whole where the znode does not exist, or has another version. */
  check: (path: string, options: VersionOptions = {}): TransactionStep<string> => ({
    kind: 'check',
    path,
    version: options.version ?? ANY_VERSION,
  }),
  get: (path: string): TransactionStep<string> => ({ kind: 'getData', path }),
  exists: (path: string): TransactionStep<string> => ({ kind: 'exists', path }),
  list: (path: string): TransactionStep<string> => ({ kind: 'getChildren', path }),
} as const;

export type RelationSign = '=' | '!=' | '<' | '>';

const RELATION_OF: Readonly<Record<RelationSign, Relation>> = {
  '=': 'equal',
  '!=': 'notEqual',
  '<': 'less',
  '>': 'greater',
};

/** The conditions of a transaction. Of a znode that does not exist none holds but `absent`. */
export const when = {
  exists: (path: string): Comparison<string> => ({ kind: 'exists', path, exists: true }),
  absent: (path: string): Comparison<string> => ({ kind: 'exists', path, exists: false }),
  version: (path: string, sign: RelationSign, value: number): Comparison<string> =>
    numeric('version', path, sign, value),
  mzxid: (path: string, sign: RelationSign, value: Zxid): Comparison<string> =>
    numeric('mzxid', path, sign, value),
  childCount: (path: string, sign: RelationSign, value: number): Comparison<string> =>
    numeric('childCount', path, sign, value),
  /** `null`: a znode that nobody owns. */
  owner: (path: string, sign: RelationSign, value: SessionId | null): Comparison<string> =>
    numeric('owner', path, sign, value ?? 0),
  data: (path: string, sign: RelationSign, data: ZnodeData): Comparison<string> => ({
    kind: 'data',
    path,
    relation: RELATION_OF[sign],
    data: bytesOf(data),
  }),
} as const;

function numeric(
  kind: 'version' | 'mzxid' | 'childCount' | 'owner',
  path: string,
  sign: RelationSign,
  value: number,
): Comparison<string> {
  return { kind, path, relation: RELATION_OF[sign], value };
}

export interface TransactionOptions {
  /** All must hold for `then`; none always hold. */
  readonly when?: readonly Comparison<string>[];
  readonly then?: readonly TransactionStep<string>[];
  readonly otherwise?: readonly TransactionStep<string>[];
  /** The znode that stands for a lock, and its czxid: where the lock is lost nothing is done, by `guardFailed`. */
  readonly guard?: Guard<string>;
}

/** What a step came to. A read of what is not there is an error of its own, and fails nothing else. */
export type StepResult =
  | Created
  | { readonly kind: 'dataSet'; readonly stat: Stat }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'checked' }
  | { readonly kind: 'aclSet'; readonly stat: Stat }
  | { readonly kind: 'data'; readonly data: Uint8Array; readonly stat: Stat }
  | { readonly kind: 'stat'; readonly stat: Stat }
  | { readonly kind: 'children'; readonly children: readonly string[]; readonly stat: Stat }
  | { readonly kind: 'failed'; readonly error: PaddockError };

export interface TransactionOutcome {
  /** Whether every condition held, so that it was `then` that was done. */
  readonly succeeded: boolean;
  /** One for each step that was done, in their order. */
  readonly results: readonly StepResult[];
  /** The transaction's own. */
  readonly zxid: Zxid;
}

export function transactionOf(options: TransactionOptions): TransactionOperation<string> {
  return {
    kind: 'transaction',
    guard: options.guard ?? null,
    compare: options.when ?? [],
    then: options.then ?? [],
    otherwise: options.otherwise ?? [],
  };
}

export function bytesOf(data: ZnodeData): Uint8Array {
  return typeof data === 'string' ? encodeText(data) : data;
}

export function createModeOf({ mode = 'persistent', ttlMs }: CreateOptions): CreateMode {
  if (ttlMs === undefined) return mode;
  if (mode === 'persistent') return 'persistentWithTtl';
  return mode === 'persistentSequential' ? 'persistentSequentialWithTtl' : mode;
}

/** Null where the result is of something else. */
export function createdZnodeOf(zxid: Zxid, result: OperationResult): CreatedZnode | null {
  if (result.kind !== 'created') return null;
  const { kind: _, ...created } = result;
  return { ...created, zxid };
}

/** Null where the result is of something else. */
export function outcomeOf(
  operation: TransactionOperation<string>,
  zxid: Zxid,
  result: OperationResult,
): TransactionOutcome | null {
  if (result.kind !== 'transacted') return null;
  const steps = result.succeeded ? operation.then : operation.otherwise;
  const results = result.results.map((it, index): StepResult => {
    if (it.kind !== 'failed') return it;
    return { kind: 'failed', error: stepError(steps[index], it) };
  });
  return { succeeded: result.succeeded, results, zxid };
}
