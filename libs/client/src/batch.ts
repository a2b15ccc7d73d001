// Several reads in one call.
import { ROOT, ZXID_ZERO } from '@paddock/model';
import type {
  BatchedRead,
  BatchedResult,
  ClientReadMany,
  Failed,
  OperationResult,
  Zxid,
} from '@paddock/model';
import { requestError } from './paddock-error.ts';
import type { PaddockError } from './paddock-error.ts';
import { termsOf } from './reading.ts';
import type { ConsistencyOptions, Reflecting } from './reading.ts';

/** The reads of a batch. */
export const read = {
  get: (path: string): BatchedRead<string> => ({ kind: 'getData', path }),
  exists: (path: string): BatchedRead<string> => ({ kind: 'exists', path }),
  list: (path: string): BatchedRead<string> => ({ kind: 'getChildren', path }),
  count: (path: string): BatchedRead<string> => ({ kind: 'countDescendants', path }),
} as const;

/** What one read of a batch has shown. That there is no such znode is an error of its own, and fails nothing else. */
export type BatchResult =
  Exclude<BatchedResult, Failed> | { readonly kind: 'failed'; readonly error: PaddockError };

export interface BatchRead extends Reflecting {
  /** One for each read, in their order. */
  readonly results: readonly BatchResult[];
}

export function batchOf(
  reads: readonly BatchedRead<string>[],
  options: ConsistencyOptions,
): ClientReadMany {
  return { kind: 'readMany', path: ROOT, reads, ...termsOf(options) };
}

/** Null where the result is of something else. */
export function batchReadOf(
  { reads }: ClientReadMany,
  zxid: Zxid,
  result: OperationResult,
): BatchRead | null {
  if (result.kind !== 'many') return null;
  const results = result.results.map((it, index): BatchResult => {
    if (it.kind !== 'failed') return it;
    const { kind = 'exists', path = '' } = reads[index] ?? {};
    const terms = { path, watch: false, atLeast: ZXID_ZERO };
    return { kind: 'failed', error: requestError({ kind, ...terms }, it) };
  });
  return { results, zxid };
}
