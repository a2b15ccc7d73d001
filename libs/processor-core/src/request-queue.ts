import type {
  Attachment,
  EphemeralRecord,
  ErrorCode,
  Identities,
  SessionId,
  TransactionOperation,
  WriteOperation,
} from '@paddock/model';
import type { FrontendLink } from './frontend-link.ts';
import type { OverlayZnode } from './overlay-znode.ts';
import { Ring } from './ring.ts';
import type { SessionState } from './session-table.ts';
import type { TransactionNeeds } from './transaction-needs.ts';

export type SetQuota = Extract<WriteOperation, { readonly kind: 'setQuota' }>;

/** A write that is accepted: it has its place in the order, and waits for what its validation must know. */
export interface QueuedWrite {
  readonly kind: 'write';
  readonly state: SessionState;
  readonly sequence: number;
  readonly ackedThrough: number;
  readonly operation: Exclude<WriteOperation, TransactionOperation | SetQuota>;
  readonly identities: Identities;
  /** The znode that it changes; null where none, or while a sequential name cannot be foretold. */
  znode: OverlayZnode | null;
  parent: OverlayZnode | null;
  /** The look-up that must be answered before; 0 for none. */
  waitsFor: number;
  readonly bytes: number;
}

/** Several operations that take effect together: accepted, and waiting for what its validation must know. */
export interface QueuedTransaction {
  readonly kind: 'transaction';
  readonly state: SessionState;
  readonly sequence: number;
  readonly ackedThrough: number;
  readonly operation: TransactionOperation;
  readonly identities: Identities;
  readonly needs: TransactionNeeds;
  waitsFor: number;
  readonly bytes: number;
}

/** A quota that is set, and waits for what its znode and all below it come to. */
export interface QueuedQuota {
  readonly kind: 'quota';
  readonly state: SessionState;
  readonly sequence: number;
  readonly ackedThrough: number;
  readonly operation: SetQuota;
  readonly identities: Identities;
  readonly znode: OverlayZnode;
  /** Whoever administers it, its parent or the root itself, says what the znode may come to. */
  readonly above: OverlayZnode;
  /** True of the state that it is settled in: nothing overtakes it while it is looked up. */
  use: { readonly count: number; readonly bytes: number } | null;
  waitsFor: number;
  readonly bytes: number;
}

/** The end of a session, by its own request or by expiry. */
export interface QueuedClose {
  readonly kind: 'close';
  readonly state: SessionState;
  /** The session's own write, or null for an expiry. */
  readonly write: { readonly sequence: number; readonly ackedThrough: number } | null;
  /** The answer, from its arrival on. */
  ephemerals: readonly EphemeralRecord[] | null;
  waitsFor: number;
  readonly bytes: number;
}

export interface QueuedOpen {
  readonly kind: 'open';
  readonly state: SessionState;
  /** That of the opening: a resume may be queued behind it. */
  readonly attachment: Attachment;
  readonly waitsFor: 0;
  readonly bytes: number;
}

export interface QueuedResume {
  readonly kind: 'resume';
  readonly state: SessionState;
  readonly attachment: Attachment;
  readonly ackedThrough: number;
  readonly waitsFor: 0;
  readonly bytes: number;
}

/** A refusal that rests on what is queued before it: its basis is known only in its turn (H4). */
export interface QueuedVerdict {
  readonly kind: 'verdict';
  readonly frontend: FrontendLink;
  readonly session: SessionId;
  readonly attachment: Attachment;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly waitsFor: 0;
  readonly bytes: number;
}

/** A container or a znode with a TTL that was due, and is deleted if it still is in its turn. */
export interface QueuedReap {
  readonly kind: 'reap';
  readonly znode: OverlayZnode;
  readonly parent: OverlayZnode;
  readonly waitsFor: number;
  readonly bytes: number;
}

export type QueuedRequest =
  | QueuedWrite
  | QueuedTransaction
  | QueuedQuota
  | QueuedClose
  | QueuedOpen
  | QueuedResume
  | QueuedVerdict
  | QueuedReap;

/** Accepted requests in the order of their arrival, which is the order of their zxids. */
export class RequestQueue {
  readonly #requests = new Ring<QueuedRequest>();
  #bytes = 0;
  #expiries = 0;

  get length(): number {
    return this.#requests.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Sessions that have expired and whose ends are not proposed yet. */
  get expiries(): number {
    return this.#expiries;
  }

  get head(): QueuedRequest | undefined {
    return this.#requests.at(0);
  }

  at(index: number): QueuedRequest | undefined {
    return this.#requests.at(index);
  }

  push(request: QueuedRequest): void {
    this.#requests.push(request);
    this.#bytes += request.bytes;
    if (isExpiry(request)) this.#expiries++;
  }

  shift(): void {
    const request = this.#requests.shift();
    if (request === undefined) return;
    this.#bytes -= request.bytes;
    if (isExpiry(request)) this.#expiries--;
  }
}

function isExpiry(request: QueuedRequest): boolean {
  return request.kind === 'close' && request.write === null;
}
