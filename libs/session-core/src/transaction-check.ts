import {
  faultOfAcl,
  isSequential,
  PATH_LENGTH_MAX,
  parseZnodePath,
  shortened,
  trustedPath,
} from '@paddock/model';
import type {
  Comparison,
  ErrorCode,
  Limits,
  ReachedLimit,
  TransactionOperation,
  TransactionStep,
  WriteOperation,
} from '@paddock/model';
import { faultOfTtl, faultOfVersion } from './argument-faults.ts';

type Refused = Extract<WriteOperation, { readonly kind: 'refused' }>;
type Step = TransactionStep<string>;
/** What is wrong with one part. */
type Fault = readonly [code: ErrorCode, reason: string, limit?: ReachedLimit];

/** The transaction with its paths checked, or a refusal that says which of its steps is bad. */
export function checkTransaction(
  operation: TransactionOperation<string>,
  limits: Limits,
  schemes: ReadonlySet<string>,
): WriteOperation {
  const { guard, compare, then, otherwise } = operation;
  const steps = then.length + otherwise.length + compare.length;
  if (steps > limits.transactionZnodes) {
    const limit = limits.transactionZnodes;
    const reason = `${steps} steps and comparisons; a transaction has at most ${limit}`;
    const reached = { kind: 'transactionZnodes', path: '', limit, use: 0, more: steps } as const;
    return refused(['tooLarge', reason, reached], -1, '');
  }
  for (const { path } of [...(guard === null ? [] : [guard]), ...compare]) {
    const parsed = parseZnodePath(path);
    if (!parsed.ok) return refused(['badArguments', parsed.reason], -1, path);
  }
  for (const branch of [then, otherwise]) {
    for (const [index, step] of branch.entries()) {
      const fault = faultOfStep(step, limits, schemes);
      if (fault !== null) return refused(fault, index, step.path);
    }
  }
  return checked(operation);
}

/** It goes into the log: of a path that is too long to be one, as much as tells it apart. */
function refused([code, reason, limit]: Fault, index: number, text: string): Refused {
  const step = { index, path: shortened(text, PATH_LENGTH_MAX) };
  if (limit === undefined) return { kind: 'refused', code, reason, step };
  return { kind: 'refused', code, reason, step, limit };
}

function faultOfStep(step: Step, limits: Limits, schemes: ReadonlySet<string>): Fault | null {
  const sequential = step.kind === 'create' && isSequential(step.mode);
  const parsed = parseZnodePath(step.path, sequential);
  if (!parsed.ok) return ['badArguments', parsed.reason];
  if ('version' in step) {
    const fault = faultOfVersion(step.version);
    if (fault !== null) return ['badArguments', fault];
  }
  if (step.kind === 'create') {
    const fault = faultOfTtl(step.mode, step.ttlMs);
    if (fault !== null) return ['badArguments', fault];
  }
  if ('acl' in step && step.acl !== undefined) {
    const fault = faultOfAcl(step.acl, schemes);
    if (fault !== null) return ['invalidAcl', fault];
  }
  if ('data' in step && step.data.length > limits.znodeDataBytes) {
    const limit = limits.znodeDataBytes;
    const more = step.data.length;
    const reason = `the data has ${more} bytes; a znode holds at most ${limit}`;
    return ['tooLarge', reason, { kind: 'znodeDataBytes', path: '', limit, use: 0, more }];
  }
  return null;
}

/** Every path has been parsed by now. */
function checked(operation: TransactionOperation<string>): TransactionOperation {
  const { guard, compare, then, otherwise } = operation;
  return {
    kind: 'transaction',
    guard: guard === null ? null : { ...guard, path: trustedPath(guard.path) },
    compare: compare.map((it): Comparison => ({ ...it, path: trustedPath(it.path) })),
    then: then.map((it): TransactionStep => ({ ...it, path: trustedPath(it.path) })),
    otherwise: otherwise.map((it): TransactionStep => ({ ...it, path: trustedPath(it.path) })),
  };
}
