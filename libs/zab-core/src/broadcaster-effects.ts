import { Outbox } from '@paddock/ports';
import { ZXID_ZERO } from '@paddock/model';
import type {
  BroadcastReply,
  DeliveryReply,
  EpochRecord,
  LogEntry,
  StageEvent,
  Zxid,
} from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';

/** Entries behind `after`, about `maxBytes` of them and at least one: answered by a `logRead` of the same number. */
export interface LogReadRequest {
  readonly read: number;
  readonly after: Zxid;
  readonly maxBytes: number;
}

export interface LinkClosing {
  readonly link: number;
  readonly end: LinkEnd;
}

/** Why a broadcaster cannot go on; the stage stops and says so. */
export interface BroadcasterFailure {
  readonly code:
    | 'diskFailed'
    | 'notVoter'
    | 'unsupportedEnsemble'
    | 'epochsExhausted'
    | 'databaseAhead'
    | 'logGap';
  readonly reason: string;
}

/**
 * What a step wants done. Everything here may be done at once and in any order: what must wait until something is
 * durable is not emitted before the completion that says so. The driver takes the arrays and calls `clear`.
 */
export class BroadcasterEffects {
  readonly processors = new Outbox<BroadcastReply>();
  readonly databases = new Outbox<DeliveryReply>();
  /** To be appended to the log in this order; the log owns the array. Completed by `logDurable`. */
  append: LogEntry[] = [];
  /** The commit point to record with `append` (H9). */
  committed: Zxid = ZXID_ZERO;
  /** To be written durably; at most one is under way. Completed by `epochsWritten`. */
  writeEpochs: EpochRecord | null = null;
  readLog: LogReadRequest[] = [];
  /** Log segments that lie wholly below may go; ZXID_ZERO: none. Completed by `logPurged`. */
  purgeBelow: Zxid = ZXID_ZERO;
  closeProcessors: LinkClosing[] = [];
  closeDatabases: LinkClosing[] = [];
  /** Links of processors that are not read for now, as too much of what they sent is not durable yet. */
  pauseProcessors: number[] = [];
  resumeProcessors: number[] = [];
  events: StageEvent[] = [];
  /** Once set, the core does nothing more. */
  fatal: BroadcasterFailure | null = null;

  /** Forgets what was taken, except the outboxes, which are drained. */
  clear(): void {
    if (this.append.length > 0) this.append = [];
    if (this.readLog.length > 0) this.readLog = [];
    if (this.closeProcessors.length > 0) this.closeProcessors = [];
    if (this.closeDatabases.length > 0) this.closeDatabases = [];
    if (this.pauseProcessors.length > 0) this.pauseProcessors = [];
    if (this.resumeProcessors.length > 0) this.resumeProcessors = [];
    if (this.events.length > 0) this.events = [];
    this.writeEpochs = null;
    this.purgeBelow = ZXID_ZERO;
  }
}
