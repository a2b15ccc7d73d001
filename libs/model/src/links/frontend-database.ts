import type { Identities } from '../acl.ts';
import type { ErrorCode } from '../error-code.ts';
import type {
  Outcome,
  ReadOperation,
  ReadResult,
  WatchEvent,
  WatchKind,
  WatchRegistration,
} from '../operation.ts';
import type { ZnodePath } from '../path.ts';
import type { Attachment, FrontendIncarnation, SessionEnd, SessionId } from '../session.ts';
import type { ShownZnode, WatchTerms } from '../watch-terms.ts';
import type { Term, Zxid } from '../zxid.ts';

/** Session front-end → replicated database of its replica. One ordered stream. */
export type DatabaseRequest =
  /** First message of the stream. */
  | { readonly kind: 'openStream'; readonly frontend: FrontendIncarnation }
  /**
   * A session that lives on this front-end (H15): after the stream has broken, or after a resume. Nothing of the
   * session is answered before its attach is.
   */
  | {
      readonly kind: 'attach';
      readonly session: SessionId;
      readonly attachment: Attachment;
      /** Highest zxid delivered to the session. */
      readonly floor: Zxid;
      /** Outcomes from this sequence on are wanted; those before it were delivered. */
      readonly firstUnsettled: number;
      readonly watches: readonly WatchRegistration[];
      /** True when the next attach of this session carries more watches. */
      readonly more: boolean;
      /** Its watches tell what these may read. */
      readonly identities?: Identities;
      /** Of a local session: its timeout. It has no row, or has got one by an upgrade that was not told yet. */
      readonly localTimeoutMs?: number;
    }
  /** The connection is gone: forget its watches and its parked reads. */
  | { readonly kind: 'detach'; readonly session: SessionId; readonly attachment: Attachment }
  /** Who the session is from here on. */
  | {
      readonly kind: 'identify';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly identities?: Identities;
    }
  /** A watch of the session is not wanted any more. */
  | {
      readonly kind: 'unwatch';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly path: ZnodePath;
      readonly watch: WatchKind;
    }
  /** Reads count from 1 on each stream, in the order sent, without gaps. */
  | {
      readonly kind: 'read';
      /** NO_SESSION for a unary read. */
      readonly session: SessionId;
      /** Answered only when the session's write of this sequence has been applied; 0 waits for none (H14). */
      readonly afterSequence: number;
      /** Answered only at or above this zxid. */
      readonly floor: Zxid;
      /**
       * Answered only where this replica was confirmed to be fresh by a probe that it sent at most so long ago, in
       * milliseconds, or behind this read; Infinity: as fresh as local reads must be (Timing.staleReadsMs).
       */
      readonly stalenessMs: number;
      readonly operation: ReadOperation;
      /** Of a unary read: answered also where this replica has lost the leader for longer than local reads allow. */
      readonly acceptsReadOnly?: true;
      readonly identities?: Identities;
    }
  /**
   * A sessionless persistent watch on one path; `watch` is the front-end's number for it. Events behind `from` are
   * sent; ZXID_ZERO asks for those from now on.
   */
  | {
      readonly kind: 'openWatch';
      readonly watch: number;
      readonly path: ZnodePath;
      readonly from: Zxid;
      /** Absent: PLAIN_WATCH. */
      readonly terms?: WatchTerms;
      readonly identities?: Identities;
    }
  | { readonly kind: 'closeWatch'; readonly watch: number };

export interface TermAnnouncement {
  readonly term: Term;
  readonly processorAddress: string;
}

/** What the database found of a session that asked to be attached. */
export type AttachVerdict =
  | { readonly kind: 'attached' }
  /** Attached, and without a row. */
  | { readonly kind: 'local' }
  /** Another attachment has been installed. */
  | { readonly kind: 'fenced' }
  /** The session has ended; its tombstone's outcomes come with the answer. */
  | { readonly kind: 'ended'; readonly end: SessionEnd }
  /** Not in the table (yet): its opening or resume has not been applied here. */
  | { readonly kind: 'unknown' }
  /** The claimed floor lies beyond the known epoch. */
  | { readonly kind: 'refused' };

/** Replicated database → session front-end: all that a client may learn of replicated state, in one ordered stream. */
export type DatabaseReply =
  /** First message of the stream; counts as the marker of the term (H15). `term` is null before the first marker. */
  | {
      readonly kind: 'streamOpened';
      readonly applied: Zxid;
      readonly term: TermAnnouncement | null;
    }
  /** Right before it come the missed events of its watches: an outcome may show what they announce (P4). */
  | {
      readonly kind: 'attachAnswer';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly zxid: Zxid;
      readonly verdict: AttachVerdict;
      readonly timeoutMs: number;
      readonly lastSequence: number;
      /** Recorded outcomes from `firstUnsettled` on. */
      readonly outcomes: readonly Outcome[];
    }
  /** The first `reads` reads of the stream are parked or answered (H14). */
  | { readonly kind: 'readsAccepted'; readonly reads: number }
  | {
      readonly kind: 'readReply';
      readonly read: number;
      readonly zxid: Zxid;
      readonly result: ReadResult;
      /** The replica does not serve but reads that accept this. */
      readonly readOnly?: true;
    }
  | {
      readonly kind: 'outcome';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly outcome: Outcome;
    }
  | {
      readonly kind: 'sessionOpened';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly zxid: Zxid;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'sessionResumed';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly zxid: Zxid;
      readonly timeoutMs: number;
      readonly lastSequence: number;
    }
  /** To the front-end of the attachment that a foreign resume has replaced. */
  | {
      readonly kind: 'sessionFenced';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly zxid: Zxid;
    }
  | {
      readonly kind: 'sessionEnded';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly zxid: Zxid;
      readonly end: SessionEnd;
      readonly outcomes: readonly Outcome[];
    }
  | { readonly kind: 'event'; readonly session: SessionId; readonly event: WatchEvent }
  /**
   * Watches whose past the history cannot tell, each with the zxid up to which it cannot; one-shot ones are not set,
   * persistent ones go on behind it. Comes before the missed events of the other watches, which these do not tell.
   */
  | {
      readonly kind: 'watchesCompacted';
      readonly session: SessionId;
      readonly watches: readonly WatchRegistration[];
    }
  /** Every event of the path behind `zxid` follows. */
  | { readonly kind: 'watchOpened'; readonly watch: number; readonly zxid: Zxid }
  | {
      readonly kind: 'watchEvent';
      readonly watch: number;
      readonly event: WatchEvent;
      readonly shown?: ShownZnode;
    }
  /** Every event of the watch up to here was told. */
  | { readonly kind: 'watchProgress'; readonly watch: number; readonly zxid: Zxid }
  /** A sessionless watch has ended: its start is compacted, or its reader was too slow. */
  | {
      readonly kind: 'watchEnded';
      readonly watch: number;
      readonly code: ErrorCode;
      /** Of one that is compacted: the oldest zxid that a watch can begin at. */
      readonly oldest?: Zxid;
    }
  /** The marker of a term was applied: writes of older terms without an outcome will never have one (H1). */
  | { readonly kind: 'termMarker'; readonly zxid: Zxid; readonly term: TermAnnouncement }
  /** Whether a processor holds the term now; without one no session expires (H17). */
  | { readonly kind: 'termHeld'; readonly held: boolean }
  /**
   * False: this replica has heard of no leader for longer than Timing.staleReadsMs, or its database was found wrong.
   * Nothing of the state is told until it is true again: sessions are to be resumed elsewhere.
   */
  | { readonly kind: 'serving'; readonly serving: boolean; readonly reason: string }
  | { readonly kind: 'applied'; readonly zxid: Zxid };
