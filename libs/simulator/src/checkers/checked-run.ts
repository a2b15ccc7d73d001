import type { Limits, Timing, Zxid } from '@paddock/model';
import type { BroadcastRecord } from '../record/broadcast-record.ts';
import type { CommittedLog } from '../record/committed-log.ts';
import type { History } from '../record/history.ts';

/** What one replica came to at the end of the run. */
export interface FinalState {
  readonly replica: number;
  readonly applied: Zxid;
  readonly digest: string;
}

/** What a checker judges: what was asked and told outside, and what was committed and said inside. */
export interface CheckedRun {
  readonly history: History;
  readonly log: CommittedLog;
  readonly broadcasts: BroadcastRecord;
  readonly limits: Limits;
  readonly timing: Timing;
  /** Of those that were up. */
  readonly finalStates: readonly FinalState[];
  /** False where the run was stopped before it was well again. */
  readonly hasRecovered: boolean;
}

/** Says what a run broke, a sentence each; empty: nothing. */
export type Checker = (run: CheckedRun) => string[];
