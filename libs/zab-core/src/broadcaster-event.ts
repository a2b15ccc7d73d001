import type {
  BroadcastRequest,
  DeliveryRequest,
  EnsembleConfiguration,
  EpochRecord,
  LogEntry,
  Zxid,
} from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';

/** What was found on disk at start. */
export interface RecoveredHistory {
  /** Last entry of the log; the base's zxid where the log is empty. All of it is durable. */
  readonly lastZxid: Zxid;
  /** Commit point recorded in the log: delivered from the start, what is behind it only by a leader's word (H9). */
  readonly committed: Zxid;
  /** Entries behind this one can be read from the log. */
  readonly logStart: Zxid;
  readonly epochs: EpochRecord;
  /** The membership in force at `lastZxid`. */
  readonly configuration: EnsembleConfiguration;
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
  /** Completion of `append`, cumulative: every entry up to here is durable. */
  | { readonly kind: 'logDurable'; readonly zxid: Zxid }
  /** Completion of `readLog`: durable entries behind the zxid asked for; none where the log does not reach. */
  | { readonly kind: 'logRead'; readonly read: number; readonly entries: readonly LogEntry[] }
  /** Completion of `purgeBelow`. */
  | { readonly kind: 'logPurged'; readonly logStart: Zxid }
  /** Completion of `writeEpochs`. */
  | { readonly kind: 'epochsWritten'; readonly epochs: EpochRecord }
  /** A write, sync or read of the disk failed: what is durable is no longer known, so the stage stops. */
  | { readonly kind: 'diskFailed'; readonly reason: string };
