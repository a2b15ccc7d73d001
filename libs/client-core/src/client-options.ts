import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import type { Credential } from '@paddock/model';
import type { Clock, Random } from '@paddock/ports';

export interface ClientOptions {
  /** host:port of session front-ends, at least one. They are taken in turn, in an order that is drawn. */
  readonly servers: readonly string[];
  /** A wish, in milliseconds; the service grants what its bounds allow. */
  readonly sessionTimeoutMs: number;
  /** Accepts to read from a replica that has lost the leader while no other is there. */
  readonly readOnly?: boolean;
  /** Opens a local session, which costs the ensemble nothing until the first write makes it a global one. */
  readonly local?: boolean;
  /** First delay after every server was dialled in vain; it doubles up to the maximum. */
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
  /**
   * Requests, and their bytes, that may be unanswered at once; the others wait here. Within what a front-end admits
   * a session, or it would stop reading and heartbeats would wait behind requests (H16).
   */
  readonly pipelineOperations: number;
  readonly pipelineBytes: number;
  /** A message is cut at this many operations or bytes. */
  readonly batchOperations: number;
  readonly batchBytes: number;
  /** Bytes of one request; a larger one is refused here, since the stream would not carry it. */
  readonly requestBytes: number;
  /** Bytes of the watches of a session, which one message must carry at a resume. */
  readonly watchBytes: number;
  /** What proves who the session is, on each of its connections. */
  readonly credentials?: readonly Credential[];
}

export interface ClientDependencies {
  readonly clock: Clock;
  readonly random: Random;
}

const MIB = 1024 * 1024;

export const DEFAULT_CLIENT_OPTIONS: Omit<ClientOptions, 'servers'> = {
  sessionTimeoutMs: DEFAULT_TIMING.sessionTimeoutMs,
  reconnectMs: DEFAULT_TIMING.reconnectMs,
  reconnectMaxMs: DEFAULT_TIMING.reconnectMaxMs,
  pipelineOperations: DEFAULT_LIMITS.outstandingPerSession,
  pipelineBytes: MIB,
  batchOperations: DEFAULT_LIMITS.batchOperations,
  batchBytes: DEFAULT_LIMITS.batchBytes,
  requestBytes: DEFAULT_LIMITS.requestBytes,
  watchBytes: DEFAULT_LIMITS.linkMessageBytes / 2,
};
