import type { LogEntry } from '../log-entry.ts';
import type { Term, Zxid } from '../zxid.ts';

/** Request processor → broadcaster. A newly dialled processor ends the older one's term (H1). */
export type BroadcastRequest =
  | { readonly kind: 'offer'; readonly processorAddress: string }
  /** Entries of the term, each with exactly the next zxid; anything else ends the stream. */
  | { readonly kind: 'propose'; readonly term: Term; readonly entries: readonly LogEntry[] }
  /** Asks that leadership be confirmed in a round sent after this arrives (H13). */
  | { readonly kind: 'confirmLeadership'; readonly term: Term; readonly round: number };

/** Broadcaster → request processor. */
export type BroadcastReply =
  | {
      readonly kind: 'termGranted';
      readonly term: Term;
      /** The last entry before the term; the processor serves nothing until its database has applied it. */
      readonly lastProposed: Zxid;
    }
  | { readonly kind: 'termEnded'; readonly term: Term; readonly reason: string }
  /** The leader led when the round was sent; everything up to `floor` is committed. */
  | { readonly kind: 'leadershipConfirmed'; readonly round: number; readonly floor: Zxid }
  /** The broadcaster wants the membership changed: the processor proposes this entry with its next zxid (H11). */
  | { readonly kind: 'configure'; readonly term: Term; readonly configuration: Uint8Array };
