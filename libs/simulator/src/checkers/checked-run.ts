import type { Limits } from '@paddock/model';
import type { CommittedLog } from '../record/committed-log.ts';
import type { History } from '../record/history.ts';
import type { ProposedExpiry } from '../record/proposed-expiries.ts';

/** What a checker judges: what was asked and told outside, and what was committed inside. */
export interface CheckedRun {
  readonly history: History;
  readonly log: CommittedLog;
  readonly expiries: readonly ProposedExpiry[];
  readonly limits: Limits;
}

/** Says what a run broke, a sentence each; empty: nothing. */
export type Checker = (run: CheckedRun) => string[];
