import { ERROR_CODES } from '@paddock/model';
import type { ErrorCode } from '@paddock/model';

/**
 * Stable names of what can go wrong: those of the service, and of the client's own. `aborted`: the call was given up by
 * its signal. `invalidValue`: what is in a znode, or is to be, is not what its schema says.
 */
export type PaddockErrorCode = ErrorCode | 'aborted' | 'invalidValue';

export function isPaddockErrorCode(text: string): text is PaddockErrorCode {
  return text in ERROR_CODES || text === 'aborted' || text === 'invalidValue';
}

/** What passes by itself, and has changed nothing. */
const PASSING: readonly PaddockErrorCode[] = ['throttled', 'notServing', 'notReadOnly'];
/** What may have been done all the same, unless the error knows that it was not. */
const UNDECIDED: readonly PaddockErrorCode[] = ['connectionLoss', 'operationTimeout'];

/** Whether the same call, made again, may succeed by itself, and cannot do twice what it does. */
export function isRetryable(code: PaddockErrorCode, mayHaveTakenEffect: boolean): boolean {
  return PASSING.includes(code) || (UNDECIDED.includes(code) && !mayHaveTakenEffect);
}
