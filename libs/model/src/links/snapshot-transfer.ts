import type { Zxid } from '../zxid.ts';

/** Database that is behind → database of the leader, which it dials (H8). The first message says what it is about. */
export type SnapshotRequest =
  /** A verified snapshot of at least this zxid is wanted. */
  | { readonly kind: 'fetch'; readonly atLeast: Zxid }
  /** A backup that is held there is wanted, to be held here too. */
  | { readonly kind: 'fetchBackup'; readonly backup: string }
  /** A backup is brought, to be held: its chunks follow, and their number. */
  | { readonly kind: 'offerBackup'; readonly backup: string }
  | { readonly kind: 'backupChunk'; readonly chunk: Uint8Array }
  | { readonly kind: 'backupEnds'; readonly chunks: number };

/** Chunks as the snapshot's file keeps them, in order; the link's back-pressure paces them. */
export type SnapshotReply =
  | { readonly kind: 'snapshotBegins'; readonly zxid: Zxid; readonly bytes: number }
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array }
  | { readonly kind: 'snapshotEnds'; readonly chunks: number }
  /** What was offered is durable and verified. */
  | { readonly kind: 'backupHeld'; readonly backup: string };
