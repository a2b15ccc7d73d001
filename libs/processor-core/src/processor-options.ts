import type { Limits, Term, Timing, Zxid } from '@paddock/model';
import type { Clock } from '@paddock/ports';

export interface ProcessorOptions {
  /** Where front-ends reach this processor; every term's marker tells them. */
  readonly processorAddress: string;
  readonly limits: Limits;
  readonly timing: Timing;
}

export interface ProcessorDependencies {
  readonly clock: Clock;
}

/** For operators: what the processor is doing, as of the last step. */
export interface ProcessorStatus {
  /** waiting: no term is granted. loading: until the database has told the session table. */
  readonly phase: 'waiting' | 'loading' | 'serving';
  readonly broadcasterConnected: boolean;
  readonly databaseConnected: boolean;
  readonly frontends: number;
  readonly term: Term | null;
  readonly lastAssigned: Zxid;
  /** Highest zxid that the database is known to have applied. */
  readonly applied: Zxid;
  /** Below this no look-up is answered (H5). */
  readonly floor: Zxid;
  readonly sessions: number;
  readonly queuedRequests: number;
  readonly overlayZnodes: number;
  readonly changesInFlight: number;
  /** Bytes of queued requests and of changes in flight. */
  readonly bytesHeld: number;
  readonly wantsRequests: boolean;
}
