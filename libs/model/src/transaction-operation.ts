import { aclBytes } from './acl.ts';
import type { Acl } from './acl.ts';
import type { Created, CreateMode, Failed, ZnodeReadResult } from './operation.ts';
import type { ZnodePath } from './path.ts';
import type { Stat } from './stat.ts';
import type { Zxid } from './zxid.ts';

/**
 * Several operations that take effect together or not at all: `then` where all comparisons hold, else `otherwise`.
 * ZooKeeper's multi has no comparisons. `Path` is text as a client sends it, or a path that was checked.
 */
export interface TransactionOperation<Path extends string = ZnodePath> {
  readonly kind: 'transaction';
  /** Refused as guardFailed, before anything is compared, where the writer does not hold this lock any more. */
  readonly guard: Guard<Path> | null;
  readonly compare: readonly Comparison<Path>[];
  readonly then: readonly TransactionStep<Path>[];
  readonly otherwise: readonly TransactionStep<Path>[];
}

/** The znode that stands for a lock, and the transaction that created it: whoever holds another one holds nothing. */
export interface Guard<Path extends string = ZnodePath> {
  readonly path: Path;
  readonly czxid: Zxid;
}

export const RELATIONS = ['equal', 'notEqual', 'less', 'greater'] as const;
export type Relation = (typeof RELATIONS)[number];

export const COMPARED_NUMBERS = ['version', 'mzxid', 'childCount', 'owner'] as const;
export type ComparedNumber = (typeof COMPARED_NUMBERS)[number];

/** Of a znode that does not exist nothing holds but that it does not exist. */
export type Comparison<Path extends string = ZnodePath> =
  | { readonly kind: 'exists'; readonly path: Path; readonly exists: boolean }
  | {
      readonly kind: ComparedNumber;
      readonly path: Path;
      readonly relation: Relation;
      readonly value: number;
    }
  /** Bytes in their order, as memcmp has it; the shorter one is less where it is how the longer one begins. */
  | {
      readonly kind: 'data';
      readonly path: Path;
      readonly relation: Relation;
      readonly data: Uint8Array;
    };

export type TransactionStep<Path extends string = ZnodePath> =
  | {
      readonly kind: 'create';
      readonly path: Path;
      readonly data: Uint8Array;
      readonly mode: CreateMode;
      readonly ttlMs: number;
      /** Whether missing ancestors are created as well: persistent, without data. */
      readonly parents: boolean;
      /** Of the znode and of the ancestors that are created; undefined: OPEN_ACL. */
      readonly acl?: Acl | undefined;
    }
  | {
      readonly kind: 'setData';
      readonly path: Path;
      readonly data: Uint8Array;
      readonly version: number;
      /** Whether a znode that is missing is created: persistent. Its version is not compared then. */
      readonly upsert: boolean;
    }
  | {
      readonly kind: 'delete';
      readonly path: Path;
      readonly version: number;
      /** Whether everything below goes with it, up to Limits.transactionZnodes in all. */
      readonly recursive: boolean;
    }
  | { readonly kind: 'check'; readonly path: Path; readonly version: number }
  /** `version`: how often the ACL was set before. */
  | { readonly kind: 'setAcl'; readonly path: Path; readonly acl: Acl; readonly version: number }
  /** Shows what the steps before it have done. Its failure fails nothing else. */
  | { readonly kind: 'getData' | 'exists' | 'getChildren'; readonly path: Path };

export type TransactionResult =
  | Created
  | { readonly kind: 'dataSet'; readonly stat: Stat }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'checked' }
  | { readonly kind: 'aclSet'; readonly stat: Stat }
  | ZnodeReadResult;

/** Where in a transaction a refusal comes from. */
export interface FailedStep {
  /** The step's index in its branch; of a comparison or a guard that cannot be, -1. */
  readonly index: number;
  readonly path: string;
}

export interface Transacted {
  readonly kind: 'transacted';
  /** Whether all comparisons held, so that `then` was done. */
  readonly succeeded: boolean;
  /** One for each step of that branch. */
  readonly results: readonly TransactionResult[];
}

export type FailedTransaction = Failed & { readonly step: FailedStep };

const STEP_BYTES = 64;

/** What the operation takes, at least as much as its bytes: UTF-8 has up to three for a UTF-16 unit. */
export function transactionBytes(operation: TransactionOperation<string>): number {
  const { guard, compare, then, otherwise } = operation;
  let bytes = 3 * (guard?.path.length ?? 0);
  for (const it of [...compare, ...then, ...otherwise]) {
    bytes += STEP_BYTES + 3 * it.path.length + ('data' in it ? it.data.length : 0);
    if ('acl' in it) bytes += 3 * aclBytes(it.acl);
  }
  return bytes;
}
