import { isClientWrite, parentPath, trustedPath } from '@paddock/model';
import type {
  ClientOperation,
  Failed,
  ReachedLimit,
  TransactionOperation,
  TransactionStep,
  Zxid,
} from '@paddock/model';
import type { GivingUp } from './call-options.ts';
import { isRetryable } from './paddock-error-code.ts';
import type { PaddockErrorCode } from './paddock-error-code.ts';

/**
 * Why a request failed. By code: `noNode`, `nodeExists`, `badVersion`, `notEmpty` and the like are the service's
 * refusals, and nothing was changed. `sessionExpired`: not done, the session is over. `connectionLoss`: the connection
 * was given up. `operationTimeout` and `aborted`: the call was. `mayHaveTakenEffect` says whether it is known that
 * nothing was done. The cause is what has led to it, where that is an error of its own.
 */
export class PaddockError extends Error {
  override readonly name = 'PaddockError';
  readonly code: PaddockErrorCode;
  /** The znode that the request was about; empty where there is none. */
  readonly path: string;
  /** The index of the step of a transaction that was refused; null where it is about something else. */
  readonly step: number | null;
  /** The limit that the request was refused for; null where it was for something else. */
  readonly limit: ReachedLimit | null;
  /** Milliseconds to wait before the same may succeed; null where it will not by itself. */
  readonly retryAfterMs: number | null;
  /** Of a watch that is `compacted`: the oldest zxid that another can begin at; null of anything else. */
  readonly oldest: Zxid | null;
  /** Whether a change that was asked for may be made all the same, or has been: nobody has said that it is not. */
  readonly mayHaveTakenEffect: boolean;
  /** Whether the same call, made again, may succeed by itself, and cannot do twice what it does. */
  readonly retryable: boolean;

  constructor(code: PaddockErrorCode, path: string, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.code = code;
    this.path = path;
    this.step = details.step ?? null;
    this.limit = details.limit ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.oldest = details.oldest ?? null;
    this.mayHaveTakenEffect = details.mayHaveTakenEffect ?? false;
    this.retryable = isRetryable(code, this.mayHaveTakenEffect);
  }
}

export interface ErrorDetails {
  readonly step?: number;
  readonly limit?: ReachedLimit | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly oldest?: Zxid | undefined;
  readonly mayHaveTakenEffect?: boolean | undefined;
  readonly cause?: unknown;
}

const VERBS: Readonly<Record<ClientOperation['kind'], string>> = {
  create: 'create',
  setData: 'set',
  delete: 'delete',
  getData: 'get',
  exists: 'exists',
  getChildren: 'list',
  getChildrenPage: 'list',
  countDescendants: 'count',
  readMany: 'read',
  getSubtree: 'snapshot',
  getEphemerals: 'ephemerals',
  listSessions: 'sessions',
  getWatches: 'watches',
  getQuotas: 'quotas',
  setQuota: 'set quota',
  setAcl: 'set the ACL of',
  getAcl: 'get the ACL of',
  can: 'ask for permissions on',
  addAuth: 'prove an identity',
  whoAmI: 'who am I',
  sync: 'sync',
  transaction: 'transaction',
  closeSession: 'close',
  unknown: 'request',
};

const VERBS_OF_STEPS: Readonly<Record<TransactionStep['kind'], string>> = {
  create: 'create',
  setData: 'set',
  delete: 'delete',
  check: 'check',
  setAcl: 'set the ACL of',
  getData: 'get',
  exists: 'exists',
  getChildren: 'list',
};

export function requestError(operation: ClientOperation, failure: Failed): PaddockError {
  if (operation.kind === 'transaction') return transactionError(operation, failure);
  const path = 'path' in operation ? operation.path : '';
  const about = aboutOf(operation);
  const advice = adviceOf(operation, failure);
  const explanation = [failure.reason, advice].filter((part) => part !== '').join('; ');
  const tail = explanation === '' ? failure.code : `${explanation} (${failure.code})`;
  return new PaddockError(failure.code, path, `${about}: ${tail}`, detailsOf(failure));
}

function aboutOf(operation: ClientOperation): string {
  const path = 'path' in operation ? operation.path : '';
  return path === '' ? VERBS[operation.kind] : `${VERBS[operation.kind]} ${path}`;
}

/** Of a call that nobody waits for any more. */
export function givenUpError(
  operation: ClientOperation,
  why: GivingUp,
  wasSent: boolean,
): PaddockError {
  const changes = isClientWrite(operation) || operation.kind === 'addAuth';
  const mayHaveTakenEffect = wasSent && changes;
  const rest = mayHaveTakenEffect ? 'it was sent, and may take effect' : 'it is not done';
  const reason = why.code === 'aborted' ? 'by its signal' : `after ${why.deadlineMs} ms`;
  const message = `${aboutOf(operation)}: given up ${reason}; ${rest} (${why.code})`;
  const cause = why.code === 'aborted' ? { cause: why.cause } : {};
  const path = 'path' in operation ? operation.path : '';
  return new PaddockError(why.code, path, message, { mayHaveTakenEffect, ...cause });
}

/** Of what changes nothing, and is given up. */
export function abortedError(path: string, about: string, { reason }: AbortSignal): PaddockError {
  const message = `${about}: given up by its signal (aborted)`;
  return new PaddockError('aborted', path, message, { cause: reason });
}

function transactionError(
  { then, otherwise }: TransactionOperation<string>,
  failure: Failed,
): PaddockError {
  const { code, reason, step } = failure;
  const details = detailsOf(failure);
  const tail = reason === '' ? code : `${reason} (${code})`;
  const { index, path } = step ?? { index: -1, path: '' };
  if (index < 0) return new PaddockError(code, path, `transaction: ${tail}`, details);
  const kinds = [then[index], otherwise[index]].flatMap((it) =>
    it?.path === path ? [VERBS_OF_STEPS[it.kind]] : [],
  );
  const about = [`step ${index}`, kinds[0] ?? '', path].filter((it) => it !== '').join(' ');
  const message = `transaction, ${about}: ${tail}`;
  return new PaddockError(code, path, message, { ...details, step: index });
}

function detailsOf({ limit, retryAfterMs, mayHaveTakenEffect }: Failed): ErrorDetails {
  return { limit, retryAfterMs, mayHaveTakenEffect };
}

/** Why a read within a transaction has nothing to show. */
export function stepError(
  step: TransactionStep<string> | undefined,
  { code, reason }: Failed,
): PaddockError {
  const path = step?.path ?? '';
  const verb = step === undefined ? 'read' : VERBS_OF_STEPS[step.kind];
  const tail = reason === '' ? code : `${reason} (${code})`;
  return new PaddockError(code, path, `${verb} ${path}: ${tail}`);
}

/** What the reason cannot say, because it depends on what was asked. */
function adviceOf(operation: ClientOperation, failure: Failed): string {
  const hasReason = failure.reason !== '';
  switch (failure.code) {
    case 'noNode':
      if (operation.kind === 'create') {
        const parent = parentPath(trustedPath(operation.path));
        return `its parent ${parent} does not exist; create that first`;
      }
      return hasReason ? '' : 'there is no such znode';
    case 'nodeExists':
      return hasReason ? '' : 'the znode exists already; use set to change it';
    case 'badVersion':
      return `${hasReason ? '' : 'the znode has another version; '}read it again and retry with its version`;
    case 'notEmpty':
      return `${hasReason ? '' : 'the znode has children; '}delete them first`;
    case 'noChildrenForEphemerals':
      return hasReason ? '' : 'an ephemeral znode cannot have children; choose a persistent parent';
    case 'throttled':
    case 'notReadOnly':
    case 'notServing':
      return 'try again later';
    default:
      return '';
  }
}
