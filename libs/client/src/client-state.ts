import type { ClientEnd, ClientState } from '@paddock/client-core';
import type { Failed } from '@paddock/model';

export interface StateChange {
  readonly state: ClientState;
  readonly reason: string;
  /** Of a final state: what has made it so. */
  readonly end?: ClientEnd;
  /** Where the service has refused to open a session for a limit. */
  readonly refusal?: Failed;
}

export type StateListener = (change: StateChange) => void;

export interface ClientLimits {
  /** Requests that may wait for their answers in this process. */
  readonly maxPending: number;
  /** How long `close` waits for the service, in milliseconds. */
  readonly closeTimeoutMs: number;
}
