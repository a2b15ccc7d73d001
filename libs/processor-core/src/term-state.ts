import type { Limits, Term, Timing } from '@paddock/model';
import type { LookUps } from './look-ups.ts';
import type { OutcomeAcknowledgements } from './outcome-acknowledgements.ts';
import type { Overlay } from './overlay.ts';
import type { Proposals } from './proposals.ts';
import type { Reaping } from './reaping.ts';
import type { Quotas } from './quotas.ts';
import type { RequestQueue } from './request-queue.ts';
import type { SessionExpiry } from './session-expiry.ts';
import type { SessionTable } from './session-table.ts';
import type { Tombstones } from './tombstones.ts';

/** Everything that a processor knows in one term; built empty with it, dropped whole with it (H1). */
export interface TermState {
  readonly term: Term;
  readonly limits: Limits;
  readonly timing: Timing;
  readonly sessions: SessionTable;
  readonly expiry: SessionExpiry;
  readonly overlay: Overlay;
  readonly quotas: Quotas;
  readonly lookUps: LookUps;
  readonly queue: RequestQueue;
  readonly proposals: Proposals;
  readonly acknowledgements: OutcomeAcknowledgements;
  readonly tombstones: Tombstones;
  readonly reaping: Reaping;
}
