import { Outbox } from '@paddock/ports';
import { ZXID_ZERO } from '@paddock/model';
import type {
  BaseRecord,
  BroadcastReply,
  DeliveryReply,
  ElectionReply,
  ElectionRequest,
  EpochRecord,
  LeaderMessage,
  LearnerMessage,
  LogEntry,
  MembersAnswer,
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

export interface MembersAnswered {
  readonly request: number;
  readonly answer: MembersAnswer;
}

/** Where a broadcaster of the ensemble is dialled. */
export interface PeerAddress {
  readonly replica: number;
  readonly address: string;
}

/** A link to a leader, dialled once; its number is the core's. */
export interface LeaderDial {
  readonly link: number;
  readonly address: string;
}

/** Why a broadcaster cannot go on; the stage stops and says so. */
export interface BroadcasterFailure {
  readonly code:
    | 'diskFailed'
    | 'epochsExhausted'
    | 'databaseAhead'
    | 'logGap'
    | 'appliedTruncated'
    | 'foreign'
    | 'removed';
  readonly reason: string;
}

/**
 * What a step wants done. Everything here may be done at once and in any order: what must wait until something is
 * durable is not emitted before the completion that says so. The driver takes the arrays and calls `clear`.
 */
export class BroadcasterEffects {
  readonly processors = new Outbox<BroadcastReply>();
  readonly databases = new Outbox<DeliveryReply>();
  /** By replica. */
  readonly electors = new Outbox<ElectionRequest>();
  readonly candidates = new Outbox<ElectionReply>();
  readonly leader = new Outbox<LearnerMessage>();
  readonly learners = new Outbox<LeaderMessage>();
  /** The other broadcasters to be dialled, again whenever a link ends; the whole set. Null: as before. */
  dialElectors: readonly PeerAddress[] | null = null;
  /** Closed first where both come in one step. */
  closeLeader: LinkClosing | null = null;
  dialLeader: LeaderDial | null = null;
  /** To be appended to the log in this order; the log owns the array. Completed by `logDurable`. */
  append: LogEntry[] = [];
  /** The commit point to record with `append` (H9). */
  committed: Zxid = ZXID_ZERO;
  /** To be written durably; at most one is under way. Completed by `epochsWritten`. */
  writeEpochs: EpochRecord | null = null;
  /** Cut every entry behind this one; the log is idle. Completed by `logTruncated`. */
  truncate: Zxid | null = null;
  /** The log begins anew behind a snapshot; it is idle. Completed by `logRestarted`. */
  restartFrom: Omit<BaseRecord, 'generation'> | null = null;
  readLog: LogReadRequest[] = [];
  /** Log segments that lie wholly below may go; ZXID_ZERO: none. Completed by `logPurged`. */
  purgeBelow: Zxid = ZXID_ZERO;
  closeProcessors: LinkClosing[] = [];
  closeDatabases: LinkClosing[] = [];
  closeCandidates: LinkClosing[] = [];
  closeLearners: LinkClosing[] = [];
  /** Links of processors that are not read for now, as too much of what they sent is not durable yet. */
  pauseProcessors: number[] = [];
  resumeProcessors: number[] = [];
  /** A tick is wanted at this monotonic time; Infinity: the regular ones do. As of the last step, not cleared. */
  wakeAtMs = Infinity;
  /** Answers to those who have asked about the members, by the driver's numbers. */
  memberAnswers: MembersAnswered[] = [];
  events: StageEvent[] = [];
  /** Once set, the core does nothing more. */
  fatal: BroadcasterFailure | null = null;

  /** Forgets what was taken, except the outboxes, which are drained. */
  clear(): void {
    if (this.append.length > 0) this.append = [];
    if (this.readLog.length > 0) this.readLog = [];
    if (this.closeProcessors.length > 0) this.closeProcessors = [];
    if (this.closeDatabases.length > 0) this.closeDatabases = [];
    if (this.closeCandidates.length > 0) this.closeCandidates = [];
    if (this.closeLearners.length > 0) this.closeLearners = [];
    if (this.pauseProcessors.length > 0) this.pauseProcessors = [];
    if (this.resumeProcessors.length > 0) this.resumeProcessors = [];
    if (this.memberAnswers.length > 0) this.memberAnswers = [];
    if (this.events.length > 0) this.events = [];
    this.dialElectors = null;
    this.closeLeader = null;
    this.dialLeader = null;
    this.writeEpochs = null;
    this.truncate = null;
    this.restartFrom = null;
    this.purgeBelow = ZXID_ZERO;
  }
}
