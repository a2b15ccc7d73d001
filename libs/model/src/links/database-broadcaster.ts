import type { LogEntry } from '../log-entry.ts';
import type { Zxid } from '../zxid.ts';

/** Replicated database → broadcaster of its replica. */
export type DeliveryRequest =
  /** First message: deliver everything behind `applied`. */
  | { readonly kind: 'deliver'; readonly applied: Zxid; readonly snapshot: Zxid }
  /** Applied up to here: opens the delivery window (bytes in flight are bounded). */
  | { readonly kind: 'applied'; readonly zxid: Zxid }
  /** A snapshot was written, synced, re-read and verified; the log below `purgeBelow` may go (H23). */
  | { readonly kind: 'snapshotVerified'; readonly zxid: Zxid; readonly purgeBelow: Zxid }
  /** The running digest at an agreed zxid, opaque to the broadcaster (H22). */
  | { readonly kind: 'digest'; readonly zxid: Zxid; readonly digest: Uint8Array };

/** Broadcaster → replicated database. */
export type DeliveryReply =
  /** Committed and durable here, in zxid order (H9). */
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[] }
  /** Whether a processor holds the term (H17), passed on to the front-ends. */
  | { readonly kind: 'termHeld'; readonly held: boolean }
  /** The log does not reach back to what was asked for: a snapshot of at least this zxid is needed (H8, H23). */
  | { readonly kind: 'snapshotNeeded'; readonly atLeast: Zxid };
