import type { Failed, OperationResult, SessionReply } from '@paddock/model';
import type { ClientEnd, ClientState } from './client-effects.ts';
import { failed } from './request-queue.ts';
import type { Request } from './request-queue.ts';

export const OUTCOME_GONE: Failed = {
  kind: 'failed',
  code: 'connectionLoss',
  reason: 'the write was executed, but its outcome is no longer kept; read to see what it was',
  mayHaveTakenEffect: true,
};

export const LISTING_TOO_LARGE = failed(
  'tooLarge',
  'the list of children is larger than a message; list it by pages',
);

const RESTORED = 'the session has ended, as the ensemble was brought to the state of a backup';

export function isOverResult(state: ClientState, ending: Ending | null): OperationResult {
  const was = state === 'expired' ? 'the session has expired' : 'the session is closed';
  return failed('sessionExpired', `${ending?.kind === 'restored' ? RESTORED : was}; connect again`);
}

/** What becomes of requests that are not answered when their session ends. */
export type Ending =
  /** The service has said which writes took effect; all others did not (H20). */
  | { readonly kind: 'expired' | 'closed' | 'restored' }
  /** The session is gone, and nobody knows what its last writes came to. */
  | { readonly kind: 'forgotten'; readonly reason: string }
  /** Somebody else's connection carries the session on. */
  | { readonly kind: 'moved' }
  /** The numbering of the session is not ours (H21). */
  | { readonly kind: 'mismatched'; readonly reason: string }
  | { readonly kind: 'refused' | 'abandoned'; readonly reason: string; readonly refusal?: Failed };

/** By no will of its client. */
export function isGone(kind: ClientEnd): boolean {
  return kind === 'expired' || kind === 'restored' || kind === 'forgotten';
}

/** For the application, which is told of a change of state. */
export function toldOf(ending: Ending | null): {
  readonly end?: ClientEnd;
  readonly refusal?: Failed;
} {
  if (ending === null) return {};
  if (ending.kind !== 'refused' || ending.refusal === undefined) return { end: ending.kind };
  return { end: ending.kind, refusal: ending.refusal };
}

export function endedBy(
  kind: 'forgotten' | 'refused',
  { reason, refusal }: Extract<SessionReply, { kind: 'ended' }>,
): Ending {
  if (kind === 'forgotten' || refusal === undefined) return { kind, reason };
  return { kind, reason, refusal };
}

export function resultAtEnd<Tag>(ending: Ending, request: Request<Tag>): OperationResult {
  if (request.operation.kind === 'closeSession') {
    // The session is gone: what was asked for (H19).
    const { kind } = ending;
    if (isGone(kind) || kind === 'closed') return { kind: 'closed' };
  }
  switch (ending.kind) {
    case 'expired':
      return failed(
        'sessionExpired',
        'the session has expired before this took effect; connect again',
      );
    case 'restored':
      return failed('sessionExpired', `${RESTORED}, before this took effect; connect again`);
    case 'forgotten':
      return request.sent && request.sequence !== 0
        ? unknownOutcome(ending.reason)
        : failed('sessionExpired', 'the session has expired; connect again');
    case 'closed':
      return failed(
        'sessionExpired',
        'the session was closed before this took effect; connect again',
      );
    case 'mismatched':
      return failed('sequenceMismatch', ending.reason);
    case 'moved':
      return request.sent && request.sequence !== 0
        ? unknownOutcome('the session was taken over by another connection')
        : failed('sessionMoved', 'the session was taken over by another connection; connect again');
    case 'refused':
      if (ending.refusal !== undefined) return ending.refusal;
      return request.sent && request.sequence !== 0
        ? unknownOutcome(ending.reason)
        : failed('systemError', `the service refused the connection: ${ending.reason}`);
    case 'abandoned':
      return request.sent && request.sequence !== 0
        ? unknownOutcome(ending.reason)
        : failed('connectionLoss', `not done: ${ending.reason}`);
  }
}

function unknownOutcome(reason: string): OperationResult {
  const unknown = `whether this write took effect is unknown: ${reason}`;
  return { kind: 'failed', code: 'connectionLoss', reason: unknown, mayHaveTakenEffect: true };
}
