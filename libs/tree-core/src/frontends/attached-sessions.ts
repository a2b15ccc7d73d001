import { isPersistent, permits, sameAttachment } from '@paddock/model';
import type {
  AttachVerdict,
  Attachment,
  DatabaseRequest,
  Outcome,
  SessionId,
  WatchEvent,
  WatchRegistration,
} from '@paddock/model';
import type { Clock } from '@paddock/ports';
import type { DatabaseEffects } from '../database-effects.ts';
import type { DatabaseState } from '../database-state.ts';
import { Session } from '../sessions/session.ts';
import { aclOfPath } from '../watches/event-acl.ts';
import { missedEvent } from '../watches/missed-events.ts';
import type { FloorQueue } from './floor-queue.ts';
import type { FrontendStream } from './frontend-stream.ts';
import { LiveSession } from './live-session.ts';
import type { LiveSessions } from './live-sessions.ts';
import { PendingAttach } from './pending-attach.ts';
import type { AttachRequest } from './pending-attach.ts';
import type { Reads } from './reads.ts';

const NO_OUTCOMES: readonly Outcome[] = [];
const NO_SECRET = new Uint8Array(0);

/** Which sessions are attached to which stream, and the ways in and out (H15). */
export class AttachedSessions {
  readonly #state: DatabaseState;
  readonly #live: LiveSessions;
  readonly #reads: Reads;
  readonly #floors: FloorQueue;
  readonly #clock: Clock;
  readonly #floorWaitMs: number;

  constructor(
    state: DatabaseState,
    live: LiveSessions,
    reads: Reads,
    floors: FloorQueue,
    clock: Clock,
    floorWaitMs: number,
  ) {
    this.#state = state;
    this.#live = live;
    this.#reads = reads;
    this.#floors = floors;
    this.#clock = clock;
    this.#floorWaitMs = floorWaitMs;
  }

  find(session: SessionId): LiveSession | undefined {
    return this.#live.get(session);
  }

  /**
   * Attaches a session whose row names the stream's front-end; an older live one makes room. One that was local until
   * now goes on as it is, with its watches, on the row that its upgrade has given it.
   */
  install(row: Session, stream: FrontendStream, isLocal = false): LiveSession {
    const older = this.#live.get(row.session);
    if (older?.stream === stream && sameAttachment(older.attachment, row.attachment)) {
      older.row = row;
      this.#live.add(older, isLocal);
      return older;
    }
    if (older !== undefined) this.remove(older);
    const live = new LiveSession(row, stream);
    this.#live.add(live, isLocal);
    stream.sessions.add(live);
    return live;
  }

  /** Its watches and parked reads go with it. */
  remove(live: LiveSession): void {
    this.#reads.forgetParked(live);
    this.#state.watches.removeSession(live);
    live.stream.sessions.delete(live);
    this.#live.delete(live.row.session);
  }

  attach(stream: FrontendStream, request: AttachRequest, out: DatabaseEffects): void {
    let pending = stream.pending.get(request.session);
    if (pending !== undefined && !sameAttachment(pending.attachment, request.attachment)) {
      this.#forget(pending);
      pending = undefined;
    }
    pending ??= new PendingAttach(stream, request);
    pending.add(request);
    if (!pending.isComplete || pending.isWaiting) return;
    if (pending.floor <= this.#state.applied) this.complete(pending, out);
    else this.#waitForFloor(pending);
  }

  detach(stream: FrontendStream, session: SessionId, attachment: Attachment): void {
    const pending = stream.pending.get(session);
    if (pending !== undefined && sameAttachment(pending.attachment, attachment)) {
      this.#forget(pending);
    }
    const live = this.#live.get(session);
    if (live?.stream === stream && sameAttachment(live.attachment, attachment)) this.remove(live);
  }

  /** An attach that is to come has been sent before, and says who it was then. */
  identify(
    stream: FrontendStream,
    { session, attachment, identities }: Extract<DatabaseRequest, { readonly kind: 'identify' }>,
  ): void {
    const live = this.#live.get(session);
    if (live?.stream !== stream || !sameAttachment(live.attachment, attachment)) return;
    live.identities = identities;
  }

  unwatch(
    stream: FrontendStream,
    { session, attachment, path, watch }: Extract<DatabaseRequest, { readonly kind: 'unwatch' }>,
  ): void {
    stream.pending.get(session)?.unwatch(path, watch);
    const live = this.#live.get(session);
    if (live?.stream !== stream || !sameAttachment(live.attachment, attachment)) return;
    this.#state.watches.unwatch(live, path, watch);
  }

  /** The stream is gone, and with it all that was attached through it. */
  removeStream(stream: FrontendStream): void {
    stream.isOpen = false;
    for (const live of stream.sessions) this.remove(live);
    for (const pending of stream.pending.values()) this.#forget(pending);
    this.#reads.forgetUnary(stream);
    for (const watch of stream.watches.values()) this.#state.watches.closeStream(watch);
    stream.watches.clear();
  }

  /** The floor of an attach that is complete has been applied. */
  complete(pending: PendingAttach, out: DatabaseEffects): void {
    pending.remove();
    this.#answer(pending, out);
    this.#reads.acceptAll(pending, out);
  }

  /**
   * A floor of an epoch that nobody here has heard of in all the time is refused: such a claim must not wait for
   * ever. Not at once, because a database that has just started still replays its way to the known epoch.
   */
  overdue(pending: PendingAttach, out: DatabaseEffects): void {
    const heldBeforeMs = this.#clock.monotonicMs() - this.#floorWaitMs;
    if (!this.#state.isBeyondKnown(pending.floor, heldBeforeMs)) {
      this.#waitForFloor(pending);
      return;
    }
    pending.remove();
    out.events.push({
      level: 'warn',
      message: 'an attach was refused: its floor lies beyond the known epoch',
      session: pending.session,
      zxid: pending.floor,
    });
    this.#sendAnswer(pending, { kind: 'refused' }, undefined, out);
    this.#reads.acceptAll(pending, out);
  }

  #waitForFloor(pending: PendingAttach): void {
    pending.deadlineMs = this.#clock.monotonicMs() + this.#floorWaitMs;
    this.#floors.push(pending);
  }

  #forget(pending: PendingAttach): void {
    pending.isCancelled = true;
    pending.remove();
    this.#reads.forgetPending(pending);
  }

  #answer(pending: PendingAttach, out: DatabaseEffects): void {
    const { sessions } = this.#state;
    const row = sessions.find(pending.session);
    if (row === undefined) {
      this.#answerAbsent(pending, out);
    } else if (sameAttachment(row.attachment, pending.attachment)) {
      this.#answerAttached(pending, row, out);
    } else {
      const isAhead = pending.attachment.attempt > row.attachment.attempt;
      this.#sendAnswer(pending, { kind: isAhead ? 'unknown' : 'fenced' }, row, out);
    }
  }

  #answerAbsent(pending: PendingAttach, out: DatabaseEffects): void {
    const tombstone = this.#state.sessions.findTombstone(pending.session);
    if (tombstone === undefined && pending.localTimeoutMs !== undefined) {
      this.#answerAttached(pending, rowOfLocal(pending, pending.localTimeoutMs), out, 'local');
      return;
    }
    if (tombstone === undefined) {
      this.#sendAnswer(pending, { kind: 'unknown' }, undefined, out);
      return;
    }
    out.frontends.push(pending.stream.link, {
      kind: 'attachAnswer',
      session: pending.session,
      attachment: pending.attachment,
      zxid: this.#state.applied,
      verdict: { kind: 'ended', end: tombstone.end },
      timeoutMs: 0,
      lastSequence: tombstone.lastSequence,
      outcomes: tombstone.outcomes.filter((it) => it.sequence >= pending.firstUnsettled),
    });
  }

  /** Missed events go first: an outcome in the answer may show the state that they announce (P4). */
  #answerAttached(
    pending: PendingAttach,
    row: Session,
    out: DatabaseEffects,
    kind: 'attached' | 'local' = 'attached',
  ): void {
    const live = this.install(row, pending.stream, kind === 'local');
    live.awaitsAttach = false;
    live.identities = pending.identities;
    this.#restoreWatches(live, pending, out);
    out.frontends.push(pending.stream.link, {
      kind: 'attachAnswer',
      session: row.session,
      attachment: row.attachment,
      zxid: this.#state.applied,
      verdict: { kind },
      timeoutMs: row.timeoutMs,
      lastSequence: row.lastSequence,
      outcomes: row.window.from(pending.firstUnsettled),
    });
  }

  #sendAnswer(
    pending: PendingAttach,
    verdict: AttachVerdict,
    row: Session | undefined,
    out: DatabaseEffects,
  ): void {
    out.frontends.push(pending.stream.link, {
      kind: 'attachAnswer',
      session: pending.session,
      attachment: pending.attachment,
      zxid: this.#state.applied,
      verdict,
      timeoutMs: row?.timeoutMs ?? 0,
      lastSequence: row?.lastSequence ?? 0,
      outcomes: NO_OUTCOMES,
    });
  }

  /**
   * Sets the watches that stay, and those that have missed nothing; names those of which nobody knows, then sends what
   * the others have missed, in order.
   */
  #restoreWatches(
    live: LiveSession,
    { watches: registrations, localTimeoutMs }: PendingAttach,
    out: DatabaseEffects,
  ): void {
    if (registrations.length === 0) return;
    const { history, watches, applied } = this.#state;
    const compacted: WatchRegistration[] = [];
    const events: WatchEvent[] = [];
    for (const registration of registrations) {
      const { kind, path, from } = registration;
      const isBeyondHistory = from < history.floor;
      // A local session outlives a backup that is restored: then the zxids of znodes say nothing of what it has missed.
      const isUntold = isBeyondHistory && localTimeoutMs !== undefined;
      if (!isPersistent(kind)) {
        if (isUntold) compacted.push({ kind, path, from: applied });
        else this.#restoreOneShot(live, registration, events, compacted);
        continue;
      }
      watches.watchPersistent(live, path, kind);
      if (isBeyondHistory) compacted.push({ kind, path, from: applied });
      else events.push(...history.toldBy(kind, path, from));
    }
    const { link } = live.stream;
    const { session } = live.row;
    if (compacted.length > 0) {
      out.frontends.push(link, { kind: 'watchesCompacted', session, watches: compacted });
    }
    events.sort((a, b) => a.zxid - b.zxid);
    for (const event of withoutRepeats(events)) {
      if (!permits(aclOfPath(this.#state, event.path), 'read', live.identities)) continue;
      out.frontends.push(link, { kind: 'event', session, event });
    }
  }

  #restoreOneShot(
    live: LiveSession,
    registration: WatchRegistration,
    events: WatchEvent[],
    compacted: WatchRegistration[],
  ): void {
    const { history, znodes, watches, applied } = this.#state;
    const missed = missedEvent(registration, history, znodes);
    const { kind, path } = registration;
    if (missed === 'compacted') compacted.push({ kind, path, from: applied });
    else if (missed !== 'none') events.push(missed);
    else if (kind === 'children') watches.watchChildren(live, path);
    else watches.watchZnode(live, path);
  }
}

/** What a local session has instead of a row: it writes nothing, so nothing of it ever changes. */
function rowOfLocal({ session, attachment }: PendingAttach, timeoutMs: number): Session {
  const nothing = { secretHash: NO_SECRET, lastSequence: 0, ephemeralBytes: 0 };
  return new Session({ session, attachment, timeoutMs, ...nothing }, 0, 0);
}

/** A session that watched a znode in two ways is told of one event once. */
function withoutRepeats(events: readonly WatchEvent[]): WatchEvent[] {
  const seen = new Set<string>();
  return events.filter((it) => {
    const key = `${it.zxid}${it.kind}${it.path}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
