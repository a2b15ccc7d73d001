import type { ClientEnd, ClientState } from '@paddock/client-core';
import type { Failed, SessionId } from '@paddock/model';
import { PushStream } from './push-stream.ts';

export interface StateChange {
  readonly state: ClientState;
  readonly reason: string;
  /** Of a final state: what has made it so. */
  readonly end?: ClientEnd;
  /** Where the service has refused to open a session for a limit. */
  readonly refusal?: Failed;
}

export type StateListener = (change: StateChange) => void;

/** How a session has ended. */
export interface SessionEnding {
  /** expired: by no will of its client. */
  readonly state: 'expired' | 'closed';
  readonly end: ClientEnd;
  readonly reason: string;
}

/** How a session is from some moment on. `missed`: how many before it were not taken in time; 0 as a rule. */
export type SessionStatus = { readonly missed: number } & (
  | SessionEnding
  | {
      /** Answered; by a replica without a leader, where it is `readOnly`, which keeps no session alive. */
      readonly state: 'connected' | 'readOnly';
      /** Null where a client that is `readOnly` has none yet. */
      readonly session: SessionId | null;
      /** Milliseconds, as granted. */
      readonly timeoutMs: number;
      readonly reason: string;
    }
  /** lost: it may be over for the service, by the clock of this process; whatever it holds must be let go of. */
  | { readonly state: 'connecting' | 'suspended' | 'lost'; readonly reason: string }
);

/** Statuses that wait for the application. */
const STATUSES_MAX = 1000;

/** The statuses of a session, from now on to its end, of which none goes by unsaid. */
export class StatusStream extends PushStream<SessionStatus> {
  readonly #left: () => void;

  /** `left` is called when nobody takes any more. */
  constructor(left: () => void) {
    super(STATUSES_MAX);
    this.#left = left;
  }

  override return(): Promise<IteratorResult<SessionStatus, undefined>> {
    this.#left();
    return super.return();
  }

  push(status: SessionStatus): void {
    this.keep(status);
    if (isEnd(status.state)) this.end();
  }

  protected override overflown(kept: SessionStatus[], next: SessionStatus): SessionStatus {
    const missed = kept.reduce((sum, it) => sum + it.missed + 1, 0);
    kept.length = 0;
    return { ...next, missed };
  }
}

/** Whether nothing follows. */
export function isEnd(state: ClientState): state is SessionEnding['state'] {
  return state === 'expired' || state === 'closed';
}

export interface ClientLimits {
  /** Requests that may wait for their answers in this process. */
  readonly maxPending: number;
  /** How long `close` waits for the service, in milliseconds. */
  readonly closeTimeoutMs: number;
}
