import type { DatabaseReply, DeliveryRequest, LookUpReply, StageEvent, Zxid } from '@paddock/model';
import { Outbox } from '@paddock/ports';
import type { LinkEnd } from '@paddock/ports';

/**
 * What is to be done with the snapshot's file, in this order. A chunk is read back as it was written: the file keeps
 * its borders and its checksum.
 */
export type SnapshotCommand =
  | { readonly kind: 'begin'; readonly zxid: Zxid }
  /** As `begin`, of a state that is known to be wrong: kept beside the snapshots; then `evidenceEnded`. */
  | { readonly kind: 'beginEvidence'; readonly zxid: Zxid }
  | { readonly kind: 'write'; readonly chunk: Uint8Array }
  /**
   * Sync, rename, sync the directory, re-read, verify, remove the oldest, but not the newest of those that are not
   * behind `agreed`; then `snapshotFinished`.
   */
  | { readonly kind: 'finish'; readonly agreed: Zxid }
  /** Remove what was written; nothing is answered. */
  | { readonly kind: 'abandon' };

/**
 * snapshotBad: build a new core and load the snapshot before this one. The rest needs an operator; with snapshotNewer,
 * which a newer version wrote, falling back to an older snapshot would be going back in time unsaid.
 */
export type DatabaseFailureCause = 'snapshotBad' | 'snapshotNewer' | 'unknownKind' | 'entryBad';

export interface DatabaseFailure {
  readonly cause: DatabaseFailureCause;
  readonly reason: string;
}

/** The snapshot that this database needs, in place of all that it has (H8). */
export interface SnapshotNeed {
  readonly atLeast: Zxid;
  /** Where to fetch it; empty while that is not known. */
  readonly databaseAddress: string;
}

/** A backup is to be held here, which that database has. */
export interface BackupNeed {
  readonly backup: string;
  readonly databaseAddress: string;
}

/** The next entry, of this zxid, brings the state of a backup that is held here. */
export interface RestorationNeed {
  readonly backup: string;
  readonly zxid: Zxid;
}

/** A majority has come to another digest at `zxid` (H22). */
export interface Contradiction {
  readonly zxid: Zxid;
  /** This database's own. */
  readonly digest: Uint8Array;
  /** Where it was last agreed with: snapshots up to here are good. */
  readonly agreed: Zxid;
  readonly applied: Zxid;
}

export interface LinkClosure {
  readonly link: number;
  readonly end: LinkEnd;
}

/** What the database wants done after a step; the driver does it and calls `clear`. */
export class DatabaseEffects {
  readonly frontends = new Outbox<DatabaseReply>();
  readonly processors = new Outbox<LookUpReply>();
  readonly broadcaster = new Outbox<DeliveryRequest>();
  readonly snapshot: SnapshotCommand[] = [];
  /** Links whose requests wait behind large answers: give `frontendResumed` when what was sent has left. */
  readonly heldFrontends: number[] = [];
  /** Links to end after the batches of this step have been sent; no `frontendEnded` is needed for them. */
  readonly closeFrontends: LinkClosure[] = [];
  /** As closeFrontends. */
  readonly closeProcessors: LinkClosure[] = [];
  readonly events: StageEvent[] = [];
  /** From here on only another snapshot helps, which replaces this core; told again when the address changes. */
  snapshotNeed: SnapshotNeed | null = null;
  /** Told again when the address changes. */
  backupNeed: BackupNeed | null = null;
  /** Only the snapshot that is made of it helps, which replaces this core; or `backupLost`, and one of another. */
  restoration: RestorationNeed | null = null;
  /** Keep what may show how it came to that. */
  contradiction: Contradiction | null = null;
  /** Set once: the stage stops, and the core does nothing from here on. */
  fatal: DatabaseFailure | null = null;

  /** Forgets what was done. The outboxes are emptied by being drained. */
  clear(): void {
    if (this.snapshot.length > 0) this.snapshot.length = 0;
    if (this.heldFrontends.length > 0) this.heldFrontends.length = 0;
    if (this.closeFrontends.length > 0) this.closeFrontends.length = 0;
    if (this.closeProcessors.length > 0) this.closeProcessors.length = 0;
    if (this.events.length > 0) this.events.length = 0;
    this.snapshotNeed = null;
    this.backupNeed = null;
    this.restoration = null;
    this.contradiction = null;
  }
}
