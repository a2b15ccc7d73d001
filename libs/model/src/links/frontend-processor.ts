import type { Identities } from '../acl.ts';
import type { ErrorCode } from '../error-code.ts';
import type { WriteOperation } from '../operation.ts';
import type { Attachment, SessionId } from '../session.ts';
import type { Term, Zxid } from '../zxid.ts';
import type { TermAnnouncement } from './frontend-database.ts';

/** Session front-end → the leader's request processor. Every batch names its term; another term's is refused (H1). */
export interface ProcessorRequestBatch {
  readonly term: Term;
  readonly messages: readonly ProcessorRequest[];
}

export interface SessionTouch {
  readonly session: SessionId;
  readonly attachment: Attachment;
}

export type ProcessorRequest =
  | {
      readonly kind: 'openSession';
      readonly session: SessionId;
      readonly secretHash: Uint8Array;
      readonly timeoutMs: number;
      readonly attachment: Attachment;
    }
  | {
      readonly kind: 'resumeSession';
      readonly session: SessionId;
      readonly secretHash: Uint8Array;
      readonly attachment: Attachment;
      readonly ackedThrough: number;
    }
  | {
      readonly kind: 'write';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly sequence: number;
      readonly ackedThrough: number;
      readonly operation: WriteOperation;
      readonly identities?: Identities;
    }
  /** Signs of life since the round before. Acknowledged by round, also where a session is unknown or fenced. */
  | { readonly kind: 'touch'; readonly round: number; readonly touches: readonly SessionTouch[] }
  /** Acknowledged outcomes of sessions that write nothing at present (H21 b). */
  | {
      readonly kind: 'acknowledge';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly through: number;
    }
  | { readonly kind: 'readIndex'; readonly request: number };

/** Request processor → session front-end. Nothing of this reaches a client by itself (H4). */
export type ProcessorReply =
  | { readonly kind: 'touched'; readonly round: number }
  /** The batch named another term than the one served; null while none is served. */
  | { readonly kind: 'termRefused'; readonly current: TermAnnouncement | null }
  /** Only the next sequence is accepted; send again from `sequence` on, after the delay (H2). */
  | {
      readonly kind: 'expect';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly sequence: number;
      readonly retryAfterMs: number;
    }
  /**
   * A refusal that cannot be recorded: unknown session, fenced attachment, wrong secret. It holds at `basis`: the
   * front-end waits until its database has applied that, and a newer term's marker voids it (H4).
   */
  | {
      readonly kind: 'verdict';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly code: ErrorCode;
      readonly reason: string;
      readonly basis: Zxid;
      readonly term: Term;
    }
  /** Leadership was confirmed after the request arrived: a read at `floor` or above is linearizable (H13). */
  | { readonly kind: 'readIndexFloor'; readonly request: number; readonly floor: Zxid };
