import type { Zxid } from '../zxid.ts';

/** Database that is behind → database of the leader, which it dials (H8). */
export type SnapshotRequest =
  /** First and only once: a verified snapshot of at least this zxid is wanted. */
  { readonly kind: 'fetch'; readonly atLeast: Zxid };

/** Chunks as the snapshot's file keeps them, in order; the link's back-pressure paces them. */
export type SnapshotReply =
  | { readonly kind: 'snapshotBegins'; readonly zxid: Zxid; readonly bytes: number }
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array }
  | { readonly kind: 'snapshotEnds'; readonly chunks: number };
