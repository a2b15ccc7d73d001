import type { LogEntry } from '../log-entry.ts';
import type { Zxid } from '../zxid.ts';

/** Replicated database → broadcaster of its replica. */
export type DeliveryRequest =
  /** First message: deliver everything behind `applied`. */
  | {
      readonly kind: 'deliver';
      /** Those of its directory: a broadcaster of another replica, or another life of it, refuses (H7). */
      readonly replica: number;
      readonly incarnation: number;
      readonly applied: Zxid;
      /** The newest snapshot; a log that ends before it begins anew behind it (H8). */
      readonly snapshot: Zxid;
      /** The ensemble's configuration at `applied`, as entries carry it; empty where none was applied yet. */
      readonly configuration: Uint8Array;
    }
  /** Applied up to here: opens the delivery window (bytes in flight are bounded). */
  | { readonly kind: 'applied'; readonly zxid: Zxid }
  /** A snapshot was written, synced, re-read and verified; the log below `purgeBelow` may go (H23). */
  | { readonly kind: 'snapshotVerified'; readonly zxid: Zxid; readonly purgeBelow: Zxid }
  /** The running digest at an agreed zxid, opaque to the broadcaster (H22). */
  | { readonly kind: 'digest'; readonly zxid: Zxid; readonly digest: Uint8Array }
  /** A backup is here, durable and verified: a restoration may name it. */
  | { readonly kind: 'backupHeld'; readonly backup: string }
  /**
   * The entry at `zxid`, the next one, restores a backup that is not here, or not as it was: nothing behind it can be
   * applied, and a snapshot of at least that zxid is needed in its place (H8). Right behind `deliver`.
   */
  | { readonly kind: 'backupLost'; readonly zxid: Zxid }
  /** How fresh is this replica? Numbers count up on a link; only the newest answer matters (H13). */
  | { readonly kind: 'probe'; readonly probe: number };

/** Broadcaster → replicated database. */
export type DeliveryReply =
  /** Committed and durable here, in zxid order (H9). */
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[] }
  /** Whether a processor holds the term (H17), passed on to the front-ends. */
  | { readonly kind: 'termHeld'; readonly held: boolean }
  /**
   * A snapshot of at least this zxid is needed: the log does not reach back (H8, H23), or the database was found wrong
   * (H22). Comes again when the address changes; empty while no leader is known. Nothing is delivered any more on this
   * link: the database opens a new one when it has the snapshot.
   */
  | {
      readonly kind: 'snapshotNeeded';
      readonly atLeast: Zxid;
      readonly databaseAddress: string;
    }
  /** A restoration waits for it: this backup is to be fetched from the leader's database, unless it is here. */
  | {
      readonly kind: 'backupNeeded';
      readonly backup: string;
      readonly databaseAddress: string;
    }
  /** A leader has confirmed after the probe was sent that it leads; everything up to `floor` was committed then. */
  | { readonly kind: 'probed'; readonly probe: number; readonly floor: Zxid }
  /**
   * What a majority says of the digest told at `zxid`. undecided: no majority agrees, so no snapshot is taken and none
   * purged until one does. contradicted: this database is wrong, and stops serving; `snapshotNeeded` follows (H22).
   */
  | {
      readonly kind: 'digestVerdict';
      readonly zxid: Zxid;
      readonly verdict: 'agreed' | 'undecided' | 'contradicted';
    };
