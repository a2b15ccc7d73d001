import { ZXID_ZERO } from '@paddock/model';
import type {
  Attachment,
  Credential,
  Identities,
  Limits,
  Outcome,
  ProvedIdentity,
  SessionId,
  WatchEvent,
  WatchRegistration,
  Zxid,
} from '@paddock/model';
import type { Proof } from './identities.ts';
import type { Proving } from './proving.ts';
import { SessionAnswers } from './session-answers.ts';
import { OutstandingOperations, WRITE } from './outstanding-operations.ts';
import { SessionWatches } from './session-watches.ts';

/** A session of the front-end's own, for unary writes: it has no connection. */
export const NO_LINK = -1;

/**
 * waiting: connected, nothing said yet. opening, resuming: with the processor, until the database tells the outcome.
 * attaching: the database has applied the resume and is asked for what the client missed. live: answered to the
 * client. readOnly: no leader, and no session; only reads are answered. learning: told to be gone; the database is
 * asked for the tombstone. ended: forgotten.
 */
export type SessionPhase =
  'waiting' | 'opening' | 'resuming' | 'attaching' | 'live' | 'readOnly' | 'learning' | 'ended';

/**
 * local: in no table; this connection is all there is of it. upgrading: its opening is with the processor, until the
 * database tells that it is a global one.
 */
export type SessionScope = 'global' | 'local' | 'upgrading';

export interface ClientSessionIdentity {
  readonly link: number;
  readonly session: SessionId;
  readonly attachment: Attachment;
  readonly secret: Uint8Array;
  readonly secretHash: Uint8Array;
  readonly timeoutMs: number;
}

/**
 * One connection of one session. Its operations are in one ring; cursors are positions in it:
 * - `head ≤ settleCursor`: every write before settleCursor has its outcome;
 * - reads and syncs before readCursor were sent on the present database stream, or are answered;
 * - writes before clearCursor may be forwarded: each read before them is parked or answered (H14);
 * - writes before forwardCursor were sent on the present processor link.
 */
export class ClientSession {
  readonly link: number;
  readonly connection: number;
  session: SessionId;
  attachment: Attachment;
  secret: Uint8Array;
  secretHash: Uint8Array;
  timeoutMs: number;
  /** Who the connection is, and what its credentials have proved, with when that ends. */
  proved: readonly ProvedIdentity[] = [];
  /** Who that is now, and until when; another object whenever it is another. */
  identities: Identities = undefined;
  identitiesUntilMs = Infinity;
  /** The database knows it by who it was before. */
  mustIdentify = false;
  /** A credential that is being worked out; those that were, for what waits for them. */
  proving: Proving | null = null;
  readonly told: { readonly credential: Credential; readonly proof: Proof }[] = [];
  phase: SessionPhase = 'waiting';
  scope: SessionScope = 'global';
  /** How long a local session has given no sign of life, by the ticks of this front-end. */
  silentMs = 0;
  /** Whether `opened` or `resumed` has been said. */
  greeted = false;
  /** Whether this database stream has answered for the session, so that it may be asked (H15). */
  attached = false;
  /** An attach is on its way on the present stream, with this floor: a second one would tell events twice. */
  attachAsked = false;
  attachFloor: Zxid = ZXID_ZERO;
  /** The database was still behind what the attach named: ask again on the next tick. */
  mustAttach = false;
  /** Monotonic ms at which the present wait for a first word, an opening or an attach began. */
  handshakeSinceMs: number;

  readonly operations = new OutstandingOperations();
  readCursor = 0;
  clearCursor = 0;
  forwardCursor = 0;
  settleCursor = 0;
  /** Sequence that the next write must have. */
  nextSequence = 1;
  /** Highest write sequence whose outcome is known here. */
  settledThrough = 0;
  /** What the client has acknowledged, and what the processor has been told of it. */
  ackedThrough = 0;
  ackSent = 0;
  /** Who it is that asks, for what is counted by client; and its address, empty where nobody knows it. */
  client = '';
  address = '';
  /** The client was told to send again from nextSequence on: until it does, nothing is taken (H2). */
  isExpecting = false;
  /** Writes are held back until then: the processor is overloaded (H2). */
  holdUntilMs = 0;
  /** Position of the last write or sync, which may have to wait for what is before it. */
  waitsBehind = -1;
  /** A close has been queued: nothing behind it is taken; and its result has been delivered. */
  closing = false;
  closeDelivered = false;
  /** Outcomes that the resume returned, for a client that sends those writes again. */
  recorded: Map<number, Outcome> | null = null;

  /** Highest zxid delivered (P3), and the highest floor that a sync has set. */
  floor: Zxid = ZXID_ZERO;
  syncFloor: Zxid = ZXID_ZERO;
  readonly watches = new SessionWatches();
  readonly answers: SessionAnswers;
  /** Events up to here have come: watches need nothing older (H15). */
  coveredThrough: Zxid = ZXID_ZERO;
  /** Where the present stream attached it; what was missed until then comes before anything that is newer. */
  attachedAt: Zxid = ZXID_ZERO;
  /** Events that came between the attach and `resumed`. */
  heldEvents: WatchEvent[] = [];
  heldCompacted: WatchRegistration[] = [];

  /** A sign of life since the last touch. */
  alive = false;
  /** Since when a touch is due or on its way; 0: none. */
  touchSinceMs = 0;
  heartbeat = 0;
  heartbeatAcknowledged = 0;
  pausedHere = false;
  pausedByDriver = false;

  /** In the step's list of sessions to advance; in the list of those that wait for progress. */
  isDue = false;
  isBlocked = false;

  constructor(identity: ClientSessionIdentity, limits: Limits, nowMs: number) {
    this.link = identity.link;
    this.connection = identity.attachment.connection;
    this.session = identity.session;
    this.attachment = identity.attachment;
    this.secret = identity.secret;
    this.secretHash = identity.secretHash;
    this.timeoutMs = identity.timeoutMs;
    this.handshakeSinceMs = nowMs;
    this.answers = new SessionAnswers(limits);
  }

  /** Every event up to there has been passed on, as far as the stream has told what is `applied`. */
  covered(applied: Zxid): Zxid {
    return this.attached && this.greeted && applied > this.attachedAt
      ? applied
      : this.coveredThrough;
  }

  /** True for the front-end's own sessions, which answer unary calls. */
  get isOwn(): boolean {
    return this.link === NO_LINK;
  }

  /** The processor of a new link or term has none of the unsettled writes yet: they all go again (H1). */
  forwardAgain(): void {
    this.forwardCursor = Math.max(this.operations.head, this.settleCursor);
    this.holdUntilMs = 0;
  }

  /**
   * The database stream has ended, which had told what is applied: a new one knows of no read, they all go again
   * under new numbers (H15).
   */
  streamEnded(applied: Zxid): void {
    this.coveredThrough = this.covered(applied);
    this.attached = false;
    this.attachAsked = false;
    this.answers.reset();
    this.readCursor = this.operations.head;
    this.clearCursor = this.operations.head;
  }

  /** Sends again from `sequence` on (H2). False: there is no such write here. */
  rewindTo(sequence: number, holdUntilMs: number): boolean {
    if (sequence <= this.settledThrough || sequence > this.nextSequence) return false;
    const { operations } = this;
    let position = Math.max(operations.head, this.settleCursor);
    while (position < operations.tail) {
      const slot = operations.at(position);
      if (slot.kind === WRITE && !slot.answered && slot.sequence >= sequence) break;
      position++;
    }
    if (position < this.forwardCursor) this.forwardCursor = position;
    this.holdUntilMs = holdUntilMs;
    return true;
  }

  /** Records what became of the oldest unsettled write. False: the outcome is not the next one. */
  settle(outcome: Outcome): boolean {
    if (outcome.sequence <= this.settledThrough) return true;
    const { operations } = this;
    let position = Math.max(operations.head, this.settleCursor);
    for (; position < operations.tail; position++) {
      const slot = operations.at(position);
      if (slot.kind !== WRITE || slot.answered) continue;
      if (slot.sequence !== outcome.sequence) return false;
      slot.answered = true;
      slot.zxid = outcome.zxid;
      slot.result = outcome.result;
      this.settleCursor = position + 1;
      this.settledThrough = outcome.sequence;
      return true;
    }
    return false;
  }

  /** Lets the oldest operation go; no cursor stays behind it. */
  pop(): void {
    const { operations } = this;
    operations.pop();
    const head = operations.head;
    if (this.readCursor < head) this.readCursor = head;
    if (this.clearCursor < head) this.clearCursor = head;
    if (this.forwardCursor < head) this.forwardCursor = head;
    if (this.settleCursor < head) this.settleCursor = head;
  }
}
