import type { Attachment, Outcome, SessionEnd, SessionId, SessionRow, Zxid } from '@paddock/model';
import { ZXID_ZERO } from '@paddock/model';
import type { Digest } from '../digest.ts';
import { outcomeBytes } from './outcome-window.ts';
import { SessionHash } from './session-digest.ts';
import { Session } from './session.ts';
import type { Tombstone } from './session.ts';
import { SessionsById } from './sessions-by-id.ts';

/** Told before a row is changed or dropped, while a snapshot is being taken (H12). */
export interface RowKeeper {
  readonly snapshot: number;
  keepSession(session: Session): void;
  keepTombstone(tombstone: Tombstone): void;
}

export interface SessionOpening {
  readonly session: SessionId;
  readonly timeoutMs: number;
  readonly secretHash: Uint8Array;
  readonly attachment: Attachment;
  readonly windowCount: number;
  readonly windowBytes: number;
}

/**
 * The replicated session table: for each session its attachment, the last sequence applied and the outcomes that its
 * client has not acknowledged (P5). What it holds follows from the transactions alone (H21).
 */
export class SessionTable {
  readonly #sessions = new SessionsById<Session>();
  /** In the order of their zxids. */
  readonly #tombstones = new Map<SessionId, Tombstone>();
  readonly #hash = new SessionHash();
  #digestHigh = 0;
  #digestLow = 0;
  #keeper: RowKeeper | null = null;

  get count(): number {
    return this.#sessions.count;
  }

  get tombstoneCount(): number {
    return this.#tombstones.size;
  }

  find(session: SessionId): Session | undefined {
    return this.#sessions.find(session);
  }

  findTombstone(session: SessionId): Tombstone | undefined {
    return this.#tombstones.get(session);
  }

  /** Zxid of the oldest tombstone, ZXID_ZERO where there is none. */
  oldestTombstone(): Zxid {
    for (const tombstone of this.#tombstones.values()) return tombstone.zxid;
    return ZXID_ZERO;
  }

  digest(): Digest {
    return { high: this.#digestHigh >>> 0, low: this.#digestLow >>> 0 };
  }

  /** Live iterators: what is dropped while they go is not seen, what is added is. */
  sessions(): IterableIterator<Session> {
    return this.#sessions.all();
  }

  tombstones(): IterableIterator<Tombstone> {
    return this.#tombstones.values();
  }

  /** Rows in ascending order of id behind `after`, at most `limit`. */
  page(
    after: SessionId,
    limit: number,
  ): { readonly rows: readonly SessionRow[]; readonly more: boolean } {
    const { sessions, more } = this.sessionsAfter(after, limit);
    return { rows: sessions.map((it) => it.copyRow()), more };
  }

  /** As `page`, the sessions themselves. */
  sessionsAfter(
    after: SessionId,
    limit: number,
  ): { readonly sessions: readonly Session[]; readonly more: boolean } {
    return this.#sessions.page(after, limit);
  }

  /** While a keeper is set it is shown every row before its first change. */
  setKeeper(keeper: RowKeeper | null): void {
    this.#keeper = keeper;
  }

  /** An opening of a session that exists installs its attachment. */
  open(opening: SessionOpening): Session {
    const existing = this.#sessions.find(opening.session);
    if (existing !== undefined) {
      this.#install(existing, opening.attachment);
      return existing;
    }
    const row = {
      session: opening.session,
      timeoutMs: opening.timeoutMs,
      secretHash: opening.secretHash,
      attachment: opening.attachment,
      lastSequence: 0,
      ephemeralBytes: 0,
    };
    return this.add(row, opening.windowCount, opening.windowBytes, []);
  }

  /** Adds a whole row, as a snapshot has it. */
  add(
    row: SessionRow,
    windowCount: number,
    windowBytes: number,
    outcomes: readonly Outcome[],
  ): Session {
    const session = new Session(row, windowCount, windowBytes);
    session.savedIn = this.#keeper?.snapshot ?? 0;
    this.#sessions.set(session.session, session);
    this.#hashFixed(session);
    this.#countRow(session);
    for (const outcome of outcomes) this.#pushOutcome(session, outcome);
    return session;
  }

  resume(session: Session, attachment: Attachment, ackedThrough: number): void {
    this.#install(session, attachment);
    this.#acknowledge(session, ackedThrough);
  }

  acknowledge(session: Session, through: number): void {
    this.#keep(session);
    this.#acknowledge(session, through);
  }

  /** Acknowledged outcomes leave first, then the bounds are kept; the newest outcome always stays (H21). */
  record(session: Session, ackedThrough: number, outcome: Outcome): void {
    this.#keep(session);
    this.#acknowledge(session, ackedThrough);
    if (outcome.sequence > session.lastSequence) session.lastSequence = outcome.sequence;
    this.#recount(session);
    this.#pushOutcome(session, outcome);
    const { window } = session;
    while (
      window.count > 1 &&
      (window.count > session.windowCount || window.bytes > session.windowBytes)
    ) {
      this.#dropOldest(session);
    }
  }

  addEphemeralBytes(session: Session, bytes: number): void {
    this.#keep(session);
    session.ephemeralBytes += bytes;
    this.#recount(session);
  }

  /** The row becomes a tombstone. */
  end(session: Session, end: SessionEnd, zxid: Zxid): Tombstone {
    this.#keep(session);
    const outcomes = session.window.from(0);
    this.#digestHigh = (this.#digestHigh - session.hashHigh) | 0;
    this.#digestLow = (this.#digestLow - session.hashLow) | 0;
    while (session.window.count > 0) this.#dropOldest(session);
    this.#sessions.delete(session.session);
    return this.addTombstone(session.session, end, zxid, session.lastSequence, outcomes);
  }

  /** Tombstones come in the order of their zxids. */
  addTombstone(
    session: SessionId,
    end: SessionEnd,
    zxid: Zxid,
    lastSequence: number,
    outcomes: readonly Outcome[],
  ): Tombstone {
    const older = this.#tombstones.get(session);
    if (older !== undefined) this.#dropTombstone(older);
    const hash = this.#hash;
    const content = { session, end, zxid, lastSequence, outcomes };
    hash.tombstone(content);
    const tombstone: Tombstone = {
      ...content,
      hashHigh: hash.high,
      hashLow: hash.low,
      savedIn: this.#keeper?.snapshot ?? 0,
    };
    this.#tombstones.set(session, tombstone);
    this.#digestHigh = (this.#digestHigh + tombstone.hashHigh) | 0;
    this.#digestLow = (this.#digestLow + tombstone.hashLow) | 0;
    return tombstone;
  }

  dropTombstones(through: Zxid): void {
    for (const tombstone of this.#tombstones.values()) {
      if (tombstone.zxid > through) return;
      this.#dropTombstone(tombstone);
    }
  }

  #dropTombstone(tombstone: Tombstone): void {
    if (this.#keeper !== null && tombstone.savedIn !== this.#keeper.snapshot) {
      this.#keeper.keepTombstone(tombstone);
    }
    this.#tombstones.delete(tombstone.session);
    this.#digestHigh = (this.#digestHigh - tombstone.hashHigh) | 0;
    this.#digestLow = (this.#digestLow - tombstone.hashLow) | 0;
  }

  #keep(session: Session): void {
    if (this.#keeper !== null && session.savedIn !== this.#keeper.snapshot) {
      this.#keeper.keepSession(session);
    }
  }

  #install(session: Session, attachment: Attachment): void {
    this.#keep(session);
    session.attachment = attachment;
    this.#hashFixed(session);
    this.#recount(session);
  }

  #acknowledge(session: Session, through: number): void {
    const { window } = session;
    let oldest = window.oldest;
    while (oldest !== undefined && oldest.outcome.sequence <= through) {
      this.#dropOldest(session);
      oldest = window.oldest;
    }
  }

  #pushOutcome(session: Session, outcome: Outcome): void {
    const hash = this.#hash;
    hash.outcome(session.session, outcome);
    session.window.push({
      outcome,
      bytes: outcomeBytes(outcome),
      hashHigh: hash.high,
      hashLow: hash.low,
    });
    this.#digestHigh = (this.#digestHigh + hash.high) | 0;
    this.#digestLow = (this.#digestLow + hash.low) | 0;
  }

  #dropOldest(session: Session): void {
    const oldest = session.window.oldest;
    if (oldest === undefined) return;
    this.#digestHigh = (this.#digestHigh - oldest.hashHigh) | 0;
    this.#digestLow = (this.#digestLow - oldest.hashLow) | 0;
    session.window.dropOldest();
  }

  #recount(session: Session): void {
    this.#digestHigh = (this.#digestHigh - session.hashHigh) | 0;
    this.#digestLow = (this.#digestLow - session.hashLow) | 0;
    this.#countRow(session);
  }

  #countRow(session: Session): void {
    const hash = this.#hash;
    hash.high = session.fixedHigh;
    hash.low = session.fixedLow;
    hash.changingPart(session);
    session.hashHigh = hash.high;
    session.hashLow = hash.low;
    this.#digestHigh = (this.#digestHigh + hash.high) | 0;
    this.#digestLow = (this.#digestLow + hash.low) | 0;
  }

  #hashFixed(session: Session): void {
    const hash = this.#hash;
    hash.fixedPart(session);
    session.fixedHigh = hash.high;
    session.fixedLow = hash.low;
  }
}
