import type {
  BroadcastRequest,
  DeliveryRequest,
  ElectionReply,
  ElectionRequest,
  EnsembleConfiguration,
  EpochRecord,
  LeaderMessage,
  LearnerMessage,
  LogEntry,
  MembersQuestion,
  Zxid,
} from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';

/** A membership and the zxid from which on it is obeyed; of the base record that of its snapshot. */
export interface DatedConfiguration {
  readonly zxid: Zxid;
  readonly configuration: EnsembleConfiguration;
}

/** A restoration of the log, and the backup that it names. */
export interface DatedRestoration {
  readonly zxid: Zxid;
  readonly backup: string;
}

/** What was found on disk at start. */
export interface RecoveredHistory {
  /** Last entry of the log; the base's zxid where the log is empty. All of it is durable. */
  readonly lastZxid: Zxid;
  /** Commit point recorded in the log: delivered from the start, what is behind it only by a leader's word (H9). */
  readonly committed: Zxid;
  /** Entries behind this one can be read from the log. */
  readonly logStart: Zxid;
  readonly epochs: EpochRecord;
  /** The last entry of each epoch in the log, ascending. */
  readonly epochEnds: readonly Zxid[];
  /** The base's and those of the log, ascending: the last is obeyed, jointly with the one before until committed. */
  readonly configurations: readonly DatedConfiguration[];
  /** Those of the log, ascending. */
  readonly restorations: readonly DatedRestoration[];
  /** Where history starts: a database below it needs a snapshot (H8). */
  readonly base: Zxid;
}

/**
 * What can happen to a broadcaster. Links are the driver's numbers; a link is announced before anything of it is
 * received, and its end is the last that is heard of it.
 */
export type BroadcasterEvent =
  /** First of all that matters; links may come before it. */
  | { readonly kind: 'recovered'; readonly history: RecoveredHistory }
  /** Every Timing.tickMs, and at the wakeAtMs that the effects ask for. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'processorConnected'; readonly link: number }
  | {
      readonly kind: 'processorReceived';
      readonly link: number;
      readonly messages: readonly BroadcastRequest[];
    }
  | { readonly kind: 'processorEnded'; readonly link: number; readonly end: LinkEnd }
  | { readonly kind: 'databaseConnected'; readonly link: number }
  | {
      readonly kind: 'databaseReceived';
      readonly link: number;
      readonly messages: readonly DeliveryRequest[];
    }
  | { readonly kind: 'databaseEnded'; readonly link: number; readonly end: LinkEnd }
  /** A link to another broadcaster that was asked for by `electors` has been dialled: votes are asked for on it. */
  | { readonly kind: 'electorConnected'; readonly replica: number }
  | {
      readonly kind: 'electorReceived';
      readonly replica: number;
      readonly messages: readonly ElectionReply[];
    }
  | { readonly kind: 'electorEnded'; readonly replica: number; readonly end: LinkEnd }
  /** Another broadcaster has dialled this one: it asks for votes here. */
  | { readonly kind: 'candidateConnected'; readonly link: number }
  | {
      readonly kind: 'candidateReceived';
      readonly link: number;
      readonly messages: readonly ElectionRequest[];
    }
  | { readonly kind: 'candidateEnded'; readonly link: number; readonly end: LinkEnd }
  /** The link of a `dialLeader`, by its number there. */
  | { readonly kind: 'leaderConnected'; readonly link: number }
  | {
      readonly kind: 'leaderReceived';
      readonly link: number;
      readonly messages: readonly LeaderMessage[];
    }
  | { readonly kind: 'leaderEnded'; readonly link: number; readonly end: LinkEnd }
  /** A follower or an observer has dialled this broadcaster as its leader. */
  | { readonly kind: 'learnerConnected'; readonly link: number }
  | {
      readonly kind: 'learnerReceived';
      readonly link: number;
      readonly messages: readonly LearnerMessage[];
    }
  /** The link holds more than its bound, or no longer does: entries wait meanwhile. */
  | { readonly kind: 'learnerFull'; readonly link: number; readonly full: boolean }
  | { readonly kind: 'learnerEnded'; readonly link: number; readonly end: LinkEnd }
  /** An operator asks about the members; answered once in `memberAnswers` by this number. */
  | {
      readonly kind: 'membersAsked';
      readonly request: number;
      readonly question: MembersQuestion;
    }
  /** Completion of `append`, cumulative: every entry up to here is durable. */
  | { readonly kind: 'logDurable'; readonly zxid: Zxid }
  /** Completion of `readLog`: durable entries behind the zxid asked for; none where the log does not reach. */
  | { readonly kind: 'logRead'; readonly read: number; readonly entries: readonly LogEntry[] }
  /** Completion of `purgeBelow`. */
  | { readonly kind: 'logPurged'; readonly logStart: Zxid }
  /** Completion of `truncate`: durable. */
  | { readonly kind: 'logTruncated'; readonly last: Zxid }
  /** Completion of `restartFrom`: durable. */
  | { readonly kind: 'logRestarted'; readonly base: Zxid }
  /** Completion of `writeEpochs`. */
  | { readonly kind: 'epochsWritten'; readonly epochs: EpochRecord }
  /** A write, sync or read of the disk failed: what is durable is no longer known, so the stage stops. */
  | { readonly kind: 'diskFailed'; readonly reason: string };
