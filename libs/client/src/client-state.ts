import type { ClientState } from '@paddock/client-core';

export interface StateChange {
  readonly state: ClientState;
  readonly reason: string;
}

export type StateListener = (change: StateChange) => void;

export interface ClientLimits {
  /** Requests that may wait for their answers in this process. */
  readonly maxPending: number;
  /** How long `close` waits for the service, in milliseconds. */
  readonly closeTimeoutMs: number;
}
