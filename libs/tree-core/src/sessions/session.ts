import type { Attachment, Outcome, SessionEnd, SessionId, SessionRow, Zxid } from '@paddock/model';
import { OutcomeWindow } from './outcome-window.ts';

/** A row of the session table. Only the table changes it. */
export class Session implements SessionRow {
  readonly session: SessionId;
  readonly timeoutMs: number;
  readonly secretHash: Uint8Array;
  readonly windowCount: number;
  readonly windowBytes: number;
  readonly window = new OutcomeWindow();
  attachment: Attachment;
  lastSequence: number;
  ephemeralBytes: number;
  /** The row's share of the table's digest, without its outcomes. */
  hashHigh = 0;
  hashLow = 0;
  /** Hash of what no write changes; the start of the row's own. */
  fixedHigh = 0;
  fixedLow = 0;
  /** Number of the last snapshot that has this row, or that began before the row was born. */
  savedIn = 0;

  constructor(row: SessionRow, windowCount: number, windowBytes: number) {
    this.session = row.session;
    this.timeoutMs = row.timeoutMs;
    this.secretHash = row.secretHash;
    this.windowCount = windowCount;
    this.windowBytes = windowBytes;
    this.attachment = row.attachment;
    this.lastSequence = row.lastSequence;
    this.ephemeralBytes = row.ephemeralBytes;
  }

  /** The row as it is now, for other stages. */
  copyRow(): SessionRow {
    return {
      session: this.session,
      timeoutMs: this.timeoutMs,
      secretHash: this.secretHash,
      attachment: this.attachment,
      lastSequence: this.lastSequence,
      ephemeralBytes: this.ephemeralBytes,
    };
  }
}

/** What is left of a session that has ended, so that its client can still learn its last outcomes (H20). */
export interface TombstoneContent {
  readonly session: SessionId;
  readonly end: SessionEnd;
  readonly zxid: Zxid;
  readonly lastSequence: number;
  readonly outcomes: readonly Outcome[];
}

export interface Tombstone extends TombstoneContent {
  readonly hashHigh: number;
  readonly hashLow: number;
  /** As Session.savedIn. */
  savedIn: number;
}
