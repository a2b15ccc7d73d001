import type { Attachment, SessionId, SessionRow } from '@paddock/model';

/** A session as it will be once everything accepted so far is applied: the row, kept for the length of a term (H2). */
export class SessionState {
  readonly session: SessionId;
  readonly timeoutMs: number;
  readonly secretHash: Uint8Array;
  /** The installed attachment: every other one is refused from the acceptance of a resume on (H3). */
  attachment: Attachment;
  /** Sequence of the last write accepted. */
  lastSequence: number;
  ephemeralBytes: number;
  /** A close or an expiry is queued: nothing of the session is accepted any more (H6). */
  closing = false;
  /** Outcomes up to here are acknowledged by the client. */
  ackedThrough = 0;
  /** Acknowledgements up to here are in a transaction. */
  ackProposed = 0;
  ackQueued = false;
  /** Tracker time at which the session expires unless it shows life before. */
  deadlineMs = Infinity;
  /** The link that was told which sequence is expected, and the sequence: it is told once (H2). */
  expectLink = -1;
  expectSequence = -1;

  constructor(row: SessionRow) {
    this.session = row.session;
    this.timeoutMs = row.timeoutMs;
    this.secretHash = row.secretHash;
    this.attachment = row.attachment;
    this.lastSequence = row.lastSequence;
    this.ephemeralBytes = row.ephemeralBytes;
  }
}

export class SessionTable {
  readonly #sessions = new Map<SessionId, SessionState>();
  /** Writes come in runs of one session. */
  #latest: SessionState | undefined;

  get size(): number {
    return this.#sessions.size;
  }

  get(session: SessionId): SessionState | undefined {
    const latest = this.#latest;
    if (latest?.session === session) return latest;
    const found = this.#sessions.get(session);
    if (found !== undefined) this.#latest = found;
    return found;
  }

  add(row: SessionRow): SessionState {
    const state = new SessionState(row);
    this.#sessions.set(row.session, state);
    this.#latest = state;
    return state;
  }

  delete(session: SessionId): void {
    this.#sessions.delete(session);
    this.#latest = undefined;
  }

  values(): IterableIterator<SessionState> {
    return this.#sessions.values();
  }
}

/** Compares without telling by its duration where the first difference is. */
export function sameSecretHash(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
